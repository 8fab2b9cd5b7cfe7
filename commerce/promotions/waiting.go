package promotions

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/pricing"
)

// Claim is a code or an offer that waits for a member's next order.
type Claim struct {
	Rule   Rule
	Code   string // one that serves once
	Used   bool   // an offer that has been used
	Lapsed error  // why it cannot be used any more, or not yet; nil where it can
	At     time.Time
}

// Ref is what its discount is called on an order.
func (c Claim) Ref() string { return ref(c.Rule.ID, c.Code) }

// Discount is what it may take off, for pricing.
func (c Claim) Discount() pricing.Discount {
	d := c.Rule.Takes
	d.ID = c.Ref()
	return d
}

// Waiting returns what waits for a member, in the order in which it came, with
// the reason where it has lapsed. What their own unpaid order has taken counts
// as free: it is theirs to use.
func (p *Promotions) Waiting(ctx context.Context, m commerce.MemberID) (list []Claim, err error) {
	err = p.db.Read(ctx, func(tx *database.Tx) (err error) {
		list, err = p.claims(tx, m, ` AND state = 'waits'`)
		return err
	})
	return list, err
}

// Claimed returns the offers a member has claimed, the used ones too.
func (p *Promotions) Claimed(ctx context.Context, m commerce.MemberID) (list []Claim, err error) {
	err = p.db.Read(ctx, func(tx *database.Tx) error {
		all, err := p.claims(tx, m, ``)
		list = nil
		for _, c := range all {
			if c.Rule.Kind == Offer {
				list = append(list, c)
			}
		}
		return err
	})
	return list, err
}

func (p *Promotions) claims(tx *database.Tx, m commerce.MemberID, which string) (list []Claim, err error) {
	err = tx.Rows(`SELECT promotion_id, code, state, created_at FROM promotion_claims WHERE member_id = $1`+which+` ORDER BY created_at, promotion_id`,
		[]any{m}, func(scan func(...any) error) error {
			var c Claim
			var id, state string
			var at int64
			if err := scan(&id, &c.Code, &state, &at); err != nil {
				return err
			}
			c.Used, c.At = state == "used", commerce.FromMicros(at)
			if r, ok := p.Rule(id); ok {
				c.Rule = r
			} else { // no longer declared
				c.Rule = Rule{ID: id, Takes: pricing.Discount{Label: c.Code}}
				c.Lapsed = c.Rule.fail(ErrEnded)
			}
			list = append(list, c)
			return nil
		})
	for i := range list {
		if err == nil && list[i].Lapsed == nil && !list[i].Used {
			list[i].Lapsed, err = p.usable(tx, list[i].Rule, list[i].Code, m)
		}
	}
	return list, err
}

// usable says why a member cannot use a rule now, nil where they can.
func (p *Promotions) usable(tx *database.Tx, r Rule, code string, m commerce.MemberID) (why, err error) {
	if e := r.lapsed(p.clock.Now()); e != nil {
		return r.fail(e), nil
	}
	if r.Limit == 0 && r.PerMember == 0 && code == "" {
		return nil, nil
	}
	var all, own, held int64
	if err := tx.Row(`SELECT p.used, COALESCE((SELECT m.used FROM promotion_members m WHERE m.promotion_id = p.id AND m.member_id = $2), 0),
		(SELECT COUNT(*) FROM promotion_uses u WHERE u.promotion_id = p.id AND u.member_id = $2 AND u.state = 'held')
		FROM promotions p WHERE p.id = $1`, r.ID, m).Scan(&all, &own, &held); err != nil {
		return nil, err
	}
	switch {
	case r.PerMember > 0 && own-held >= r.PerMember:
		return r.fail(ErrYours), nil
	case r.Kind != Offer && r.Limit > 0 && all-held >= r.Limit:
		return r.fail(ErrUsedUp), nil
	case code == "":
		return nil, nil
	}
	var free int64
	err = tx.Row(`SELECT COUNT(*) FROM promotion_codes c WHERE c.code = $1 AND (c.order_id = '' OR EXISTS
		(SELECT 1 FROM promotion_uses u WHERE u.order_id = c.order_id AND u.code = c.code AND u.member_id = $2 AND u.state = 'held'))`, code, m).Scan(&free)
	if err == nil && free == 0 {
		why = r.fail(ErrUsedUp)
	}
	return why, err
}

// Enter makes a code wait for a member's next order. It returns the errors of
// this package; a code that only does not fit what is bought is none.
func (p *Promotions) Enter(ctx context.Context, m commerce.MemberID, text string) (r Rule, err error) {
	folded := Fold(text)
	err = p.db.Write(ctx, func(tx *database.Tx) error {
		code := ""
		var ok bool
		if r, ok = p.rules.Load().byCode[folded]; !ok {
			var id string
			err := tx.Row(`SELECT promotion_id FROM promotion_codes WHERE code = $1`, folded).Scan(&id)
			if errors.Is(err, database.ErrNone) {
				return ErrUnknown
			}
			if err != nil {
				return err
			}
			code = folded
			if r, ok = p.Rule(id); !ok {
				return ErrUnknown
			}
		}
		why, err := p.usable(tx, r, code, m)
		if err != nil {
			return err
		}
		if why != nil {
			return why
		}
		var waiting int64
		if err := tx.Row(`SELECT COUNT(*) FROM promotion_claims c JOIN promotions p ON p.id = c.promotion_id
			WHERE c.member_id = $1 AND c.state = 'waits' AND p.kind <> 'offer' AND p.id <> $2`, m, r.ID).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= MaxWaiting {
			return ErrMany
		}
		_, err = tx.Exec(`INSERT INTO promotion_claims (member_id, promotion_id, code, state, created_at) VALUES ($1, $2, $3, 'waits', $4)
			ON CONFLICT (member_id, promotion_id) DO UPDATE SET code = excluded.code, state = 'waits', created_at = excluded.created_at`,
			m, r.ID, code, commerce.Micros(p.clock.Now()))
		return err
	})
	return r, err
}

// Remove takes a code that waits away again. An offer stays claimed.
func (p *Promotions) Remove(ctx context.Context, m commerce.MemberID, id string) error {
	return p.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`DELETE FROM promotion_claims WHERE member_id = $1 AND promotion_id = $2 AND state = 'waits'
			AND NOT EXISTS (SELECT 1 FROM promotions p WHERE p.id = $2 AND p.kind = 'offer')`, m, id)
		return err
	})
}

// Claim makes an offer wait for a member's next order, once, and reports
// whether it is new. It returns ErrNoOffer, ErrEnded, ErrNotYet or ErrClaimed.
func (p *Promotions) Claim(ctx context.Context, m commerce.MemberID, id string) (r Rule, first bool, err error) {
	r, ok := p.Rule(id)
	if !ok || r.Kind != Offer {
		return r, false, ErrNoOffer
	}
	if e := r.lapsed(p.clock.Now()); e != nil {
		return r, false, r.fail(e)
	}
	err = p.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`INSERT INTO promotion_claims (member_id, promotion_id, state, created_at) VALUES ($1, $2, 'waits', $3)
			ON CONFLICT (member_id, promotion_id) DO NOTHING`, m, id, commerce.Micros(p.clock.Now()))
		if first = n == 1; err != nil || !first {
			return err
		}
		n, err = tx.Exec(`UPDATE promotions SET claimed = claimed + 1 WHERE id = $1 AND claimed < $2`, id, most(r.Limit))
		if err == nil && n == 0 {
			err = r.fail(ErrClaimed)
		}
		return err
	})
	return r, first && err == nil, err
}
