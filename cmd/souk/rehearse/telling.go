package rehearse

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
)

// This file goes from the announcement to the opening, and reads who was told
// when.

// tell goes from the announcement to the opening.
func (r *rehearsal) tell(ctx context.Context) error {
	if err := r.advance(ctx, r.report.Announced.Add(time.Second), time.Minute); err != nil {
		return err
	}
	drop, err := r.get(ctx)
	if errors.Is(err, drops.ErrNone) {
		return r.unannounced(ctx)
	}
	if r.plan = drop.Plan; err != nil {
		return err
	}
	r.stand()
	r.spoilt("announced")
	for i := 0; ; i++ {
		drop, err := r.get(ctx)
		if err != nil {
			return err
		}
		now := r.clock.Now()
		r.Progress("the groups and followers are told", 0.1+0.2*min(1, float64(now.Sub(r.report.Announced))/float64(r.report.Planned.Sub(r.report.Announced))))
		if r.opens = drop.Opens; drop.State == drops.Open {
			r.report.Opened = drop.OpenedAt
			break
		}
		if now.Sub(r.report.Planned) > 12*time.Hour || drop.State != drops.Announced {
			r.report.Short = true // it never opens: judge says so
			break
		}
		next := now.Add(time.Second)
		for _, before := range []time.Duration{25 * time.Hour, 24 * time.Hour, 2 * time.Hour, time.Hour, 10 * time.Minute, 5 * time.Minute, 0} {
			if at := drop.Opens.Add(-drop.Early() - before); at.After(now) { // what is due then, and so early that it can end by then
				next = at
				break
			}
		}
		if err := r.advance(ctx, next, 30*time.Minute); err != nil {
			return err
		}
	}
	if err := r.told(ctx); err != nil || r.report.Short {
		return err
	}
	return r.cards(ctx)
}

// unannounced says why a drop was not announced.
func (r *rehearsal) unannounced(ctx context.Context) error {
	r.report.Short = true
	plan := r.Config.Drops[r.Drop]
	snap, err := r.program().Catalog.Snapshot(ctx)
	if err != nil {
		return err
	}
	p, ok := snap.Product(catalog.ProductID(app.BrandID(plan.Brand), plan.Product))
	if !ok {
		return errors.New("no feed holds the goods of this drop: `souk check` says what is missing")
	}
	for _, v := range p.Variants {
		if err := r.program().DB.Read(ctx, func(tx *database.Tx) error {
			var free int64
			err := tx.Row(`SELECT free FROM stock WHERE variant_id = $1`, v.ID).Scan(&free)
			r.report.Free += free
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// cards lets the groups' cards show that it is open.
func (r *rehearsal) cards(ctx context.Context) error {
	claim := r.words.Say(map[drops.Mode]string{drops.Queue: "button.claimdrop", drops.Draws: "button.enterdraw",
		drops.Group: "button.joingroup", drops.Invite: "button.invited"}[r.plan.Mode])
	for range 600 {
		ready := true
		for _, c := range r.chats {
			ready = ready && (c.message == "" || len(c.members) == 0 || r.firstButton(c) == claim)
		}
		if ready {
			return nil
		}
		if err := r.advance(ctx, r.clock.Now().Add(500*time.Millisecond), time.Second); err != nil {
			return err
		}
	}
	return errors.New("the cards in the groups do not show that it is open")
}

// told reads who was told when.
func (r *rehearsal) told(ctx context.Context) error {
	cards, notes := map[string]*chat{}, r.report
	for _, c := range r.chats {
		cards[c.id] = c
	}
	at := map[commerce.MemberID]time.Time{}
	err := r.program().DB.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Rows(`SELECT p.chat, p.message, n.state, n.problem, n.sent_at FROM drop_posts p JOIN notices n ON n.id = p.notice_id WHERE p.drop_id = $1`,
			[]any{r.drop}, func(scan func(...any) error) error {
				var chat, message, state, problem string
				var sent int64
				err := scan(&chat, &message, &state, &problem, &sent)
				if c := cards[chat]; c != nil {
					if c.message = message; state == "sent" {
						c.told = commerce.FromMicros(sent)
					} else {
						c.problem = state + " " + problem
					}
				}
				return err
			}); err != nil {
			return err
		}
		return tx.Rows(`SELECT t.member_id, n.state, n.problem, n.sent_at FROM drop_tellings t JOIN notices n ON n.id = t.notice_id WHERE t.drop_id = $1`,
			[]any{r.drop}, func(scan func(...any) error) error {
				var m commerce.MemberID
				var state, problem string
				var sent int64
				err := scan(&m, &state, &problem, &sent)
				if state == "sent" {
					at[m] = commerce.FromMicros(sent)
				}
				return err
			})
	})
	if err != nil {
		return err
	}
	for m, p := range r.of {
		p.told = p.chat.told
		if sent, ok := at[m]; ok {
			p.told = sent
			notes.FollowersTold++
			notes.LastTold = later(notes.LastTold, sent)
		} else if p.follows {
			notes.FollowersFailed++
		}
	}
	for _, c := range r.chats {
		if len(c.members) == 0 {
			continue
		}
		notes.Chats = append(notes.Chats, ChatTold{Name: c.name, Platform: platformName(c.platform), Members: len(c.members), Told: c.told, Problem: c.problem})
		notes.LastTold = later(notes.LastTold, c.told)
	}
	// The list in which members were told, those of one moment in any order.
	list := slices.Clone(r.people)
	r.dice.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b *person) int { return a.told.Compare(b.told) })
	for i, p := range list {
		p.rank = i
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
