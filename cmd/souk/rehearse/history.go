package rehearse

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/config"
)

// This file gives members a past, by which they meet some of the rules of who
// may take part, or just do not. What was before the shop's clock began is
// written into its tables as if it had been there.

// past is what a member did before.
type past struct {
	followed map[string]time.Time // creators, by their names in the configuration
	asked    map[string]time.Time // brands, for the news of their drops
	joined   time.Time            // the community of their chat
	seen     bool                 // the shop has seen them there
	roles    []string
	paid     commerce.Money // for goods, or the points they earned
	paidAt   time.Time
	lost     bool // nothing was left for them in an earlier drop
}

// standing is which rules a member meets.
type standing struct {
	meets []bool
	by    int // the first rule that lets them in earliest, -1 for none
	turn
	since time.Time // when they met it, of an invitation
}

// turn is what a rule gives those whom it lets in: all of one turn have the same
// chance.
type turn struct {
	early time.Duration
	first bool // they are drawn before the others
}

// may reports whether somebody may take part.
func (s standing) may() bool { return s.by >= 0 }

// pasts deals them out. Of those who miss a rule with a date, half do so by an
// hour.
func (r *rehearsal) pasts(all []*person) {
	zone, now := r.Config.Policies.Zone(), r.clock.Now()
	dice, plan := rand.New(rand.NewPCG(r.Seed, 8)), r.Config.Drops[r.Drop]
	for _, p := range all {
		p.followed, p.asked = map[string]time.Time{}, map[string]time.Time{}
		if p.follows {
			p.asked[plan.Brand] = now
		}
		for _, rule := range plan.Who {
			limit := rule.Since.Start(zone)
			dated := !limit.IsZero() && limit.Add(time.Hour).Before(now)
			if !dated {
				limit = now
			}
			before := limit.Add(-time.Hour - time.Duration(dice.Int64N(int64(90*24*time.Hour))))
			_, follows := p.followed[rule.Follows]
			switch d := dice.IntN(100); {
			case rule.Follows != "" && d < 45 && !follows:
				p.followed[rule.Follows] = before
			case rule.Follows != "" && d < 70 && dated && !follows:
				p.followed[rule.Follows] = limit.Add(time.Hour)
			case rule.Brand != "" && d < 60 && (p.follows || rule.Brand != plan.Brand):
				p.asked[rule.Brand] = before
			case rule.Community == p.chat.community && p.joined.IsZero():
				p.joined, p.seen = before, d < 50
				if d >= 50 && dated {
					p.joined, p.seen = limit.Add(time.Hour), d < 75
				}
			case rule.Role != "" && p.platform == "discord" && d < 50:
				p.roles = append(p.roles, rule.Role)
			case rule.Tier != "" && p.paidAt.IsZero() && (d < 45 || d < 70 && dated):
				l := r.Config.Loyalty
				if p.paid, _ = l.Tiers[rule.Tier].From(r.Config.Shop.Currency); d < 45 {
					p.paidAt = limit.Add(-time.Hour - time.Duration(dice.Int64N(int64(l.Days.N())*int64(12*time.Hour))))
				} else {
					p.paidAt = limit.Add(time.Hour)
				}
			case rule.Lost:
				p.lost = d < 35
			}
		}
	}
}

// remember writes the pasts down.
func (r *rehearsal) remember(ctx context.Context) error {
	snap, err := r.program().Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	plan := r.Config.Drops[r.Drop]
	goods, ok := snap.Product(catalog.ProductID(app.BrandID(plan.Brand), plan.Product))
	if !ok {
		return nil // it cannot be announced either
	}
	then := commerce.Micros(r.clock.Now().Add(-7 * 24 * time.Hour))
	return r.program().DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, opened_at, ended_at, created_at)
			VALUES ('before', 'before', $1, 'over', '{"Title":"An earlier drop"}', $2, $2, $2, $2, $2)`, app.BrandID(plan.Brand), then); err != nil {
			return err
		}
		for id, p := range r.of {
			for creator, at := range p.followed {
				if _, err := tx.Exec(`INSERT INTO follows (member_id, creator_id, created_at) VALUES ($1, $2, $3)`, id, app.CreatorID(creator), commerce.Micros(at)); err != nil {
					return err
				}
			}
			for brand, at := range p.asked {
				if _, err := tx.Exec(`INSERT INTO drop_subscribers (member_id, of_id, created_at) VALUES ($1, $2, $3)
					ON CONFLICT (member_id, of_id) DO UPDATE SET created_at = excluded.created_at`, id, app.BrandID(brand), commerce.Micros(at)); err != nil {
					return err
				}
			}
			if err := p.remember(tx, id); err != nil {
				return err
			}
			if p.lost {
				if _, err := tx.Exec(`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at)
					VALUES ($1, 'before', $2, $3, 1, 'lost', 'before', '', $4)`, "before-"+string(id), id, goods.Variants[0].ID, then); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// remember writes down what somebody paid, or the points they earned.
func (p *past) remember(tx *database.Tx, id commerce.MemberID) error {
	if p.paidAt.IsZero() {
		return nil
	}
	at := commerce.Micros(p.paidAt)
	if p.paid.Currency == rewards.PointsCurrency {
		_, err := tx.Exec(`INSERT INTO points_days (account, day, earned) VALUES ($1, $2, $3)`, rewards.Points(id), at, p.paid.Amount)
		return err
	}
	_, err := tx.Exec(`INSERT INTO spent (order_id, member_id, currency, at, amount) VALUES ($1, $2, $3, $4, $5)`, "before-"+string(id), id, p.paid.Currency, at, p.paid.Amount)
	return err
}

// has reports whether what somebody paid is enough for a tier.
func (p *past) has(rule drops.Rule) (at time.Time, ok bool) {
	return p.paidAt, !p.paidAt.IsZero() && p.paid.Amount >= rule.Sum.Amount && (rule.Since.IsZero() || !p.paidAt.After(rule.Since))
}

// stand finds out which rules members meet.
func (r *rehearsal) stand() {
	zone, rules := r.Config.Policies.Zone(), r.Config.Drops[r.Drop].Who
	for _, rule := range r.plan.Who {
		r.report.Rules = append(r.report.Rules, Rule{Who: r.words.Rule(rule), Early: rule.Early})
	}
	for _, p := range r.people {
		p.meets, p.by = make([]bool, len(rules)), -1
		if len(rules) == 0 {
			p.by = 0
			continue
		}
		for i, rule := range rules {
			at, ok := p.met(rule, rule.Since.Start(zone), r.plan.Mode == drops.Invite)
			if rule.Tier != "" {
				at, ok = p.has(r.plan.Who[i])
			}
			if p.meets[i] = ok; !ok {
				continue
			}
			r.report.Rules[i].Meet++
			if p.by < 0 || rule.Early.D() > p.early || rule.First && !p.first {
				p.by, p.turn, p.since = i, turn{rule.Early.D(), rule.First}, at
			}
		}
	}
}

// met reports whether somebody meets a rule, and since when. Who is only invited
// must be known to the shop beforehand.
func (p *person) met(rule config.DropRule, since time.Time, invited bool) (at time.Time, ok bool) {
	switch {
	case rule.Follows != "":
		at = p.followed[rule.Follows]
	case rule.Brand != "":
		at = p.asked[rule.Brand]
	case rule.Community != "" && rule.Community != p.chat.community:
		return at, false
	case rule.Community != "" && (p.seen || !invited && p.platform == "discord"): // Discord tells since when
		at = p.joined
	case rule.Community != "":
		return at, !invited && since.IsZero() // they are seen there when they come
	case rule.Role != "":
		return at, slices.Contains(p.roles, rule.Role)
	case rule.Lost:
		return at, p.lost
	default:
		return at, true
	}
	return at, !at.IsZero() && (since.IsZero() || !at.After(since))
}

// wave is those who come at a time.
type wave struct {
	at   time.Time
	come []*person
	own  int // of them, for whom it opens then
}

// waves are everybody, by when it opens for them. With the first come those who
// may not take part, and some who are too early.
func (r *rehearsal) waves(opens time.Time) (list []wave) {
	for _, p := range r.people {
		at := opens.Add(-p.early)
		i := slices.IndexFunc(list, func(w wave) bool { return w.at.Equal(at) })
		switch {
		case !p.may() && r.plan.Early() > 0:
			continue
		case i < 0:
			i, list = len(list), append(list, wave{at: at})
		}
		list[i].own++
		list[i].come = append(list[i].come, p)
	}
	slices.SortFunc(list, func(a, b wave) int { return a.at.Compare(b.at) })
	if len(list) == 0 {
		list = []wave{{at: opens.Add(-r.plan.Early())}}
	}
	if r.plan.Early() == 0 {
		return list
	}
	for i, p := range r.people {
		if late := opens.Add(-p.early).After(list[0].at); !p.may() || late && i%7 == 0 {
			list[0].come = append(list[0].come, p)
		}
	}
	return list
}

// namesRules reports whether a refusal says whom the drop is for, as far as a
// notice is long.
func (r *rehearsal) namesRules(saw string) bool {
	for _, rule := range r.report.Rules {
		if !strings.Contains(saw, rule.Who) && !strings.Contains(saw, "…") {
			return false
		}
	}
	return true
}
