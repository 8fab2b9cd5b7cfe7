package rehearse

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
)

// This file is a group price: members join in growing numbers, and the program's
// process is killed while the close charges them.

// rounds is in how many parts of the window they come.
const rounds = 8

// growing deals members out to the rounds, and says how they deal with their
// place: seven in ten join, one of them loses the authorisation.
func growing(seed uint64, people []*person, over time.Duration) (list [rounds][]*person) {
	dice := rand.New(rand.NewPCG(seed, 9))
	for i, p := range people {
		k := 0
		for at := dice.IntN(rounds * (rounds + 1) / 2); at >= k+1; k++ {
			at -= k + 1
		}
		list[k] = append(list[k], p)
		p.comes = time.Duration(dice.Float64() * float64(over) / rounds)
		switch d := i % 20; { // of few members too there is one of each
		case d < 10:
			p.pays = prompt
		case d < 12:
			p.pays = slow
		case d < 14:
			p.pays = again
		default:
			p.pays = []manner{leaves, absent, refused, refused, regrets, absent}[d-14]
		}
	}
	return list
}

// join lets them come.
func (r *rehearsal) join(ctx context.Context) error {
	drop, err := r.get(ctx)
	if err != nil {
		return err
	}
	for k, part := range growing(r.Seed, r.people, r.over) {
		at := drop.Opens.Add(drop.Closes.Sub(drop.Opens) * time.Duration(k) / rounds)
		if err := r.until(ctx, at); err != nil {
			return err
		}
		if err := r.come(ctx, part, k == rounds-1); err != nil {
			return err
		}
		if err := r.answers(ctx, part, at); err != nil {
			return err
		}
		if k == rounds/2 {
			shown := r.shownChat()
			r.report.Screens = append(r.report.Screens, Screen{"The card in " + shown.name + " halfway", r.groupCard(shown)})
		}
	}
	return nil
}

// joins is what somebody does whose card is authorised: they leave again, or the
// bank takes it back.
func (r *rehearsal) joins(p *person) {
	left := r.plan.Closes.Sub(r.clock.Now())
	if p.pays == prompt && !r.lost && left > time.Hour {
		r.lost, p.pays = true, loses
	}
	switch p.pays {
	case regrets:
		r.later(r.clock.Now().Add(left/4), func() {
			if err := r.leave(p, r.words); err != nil {
				r.report.Stuck++
				r.report.example("could not leave", err.Error())
				return
			}
			p.bought = 0
			r.report.Left++
		})
	case loses:
		r.later(r.clock.Now().Add(left/3), func() {
			r.stripe.Lose(string(r.orderOf(p)))
			p.bought = 0
			r.report.Lost++
		})
	case prompt:
		if !r.shown["joined"] {
			r.shown["joined"] = true
			r.later(r.clock.Now().Add(time.Minute), func() {
				r.report.Screens = append(r.report.Screens, Screen{"Who has joined, in private", lastOf(r.chatter(p, "private").All())})
			})
		}
	}
}

// orderOf is the order of somebody who has joined.
func (r *rehearsal) orderOf(p *person) (id commerce.OrderID) {
	ctx := context.Background()
	list, err := r.places(ctx)
	for _, one := range list {
		if err == nil && one.who == p {
			id = one.Order
		}
	}
	return id
}

// joined takes note of how many have joined.
func (r *rehearsal) joined(at time.Time, n int64) {
	if list := r.report.Joins; r.plan.Mode == drops.Group && (len(list) == 0 || list[len(list)-1].Joined != n) {
		r.report.Joins = append(list, Joined{at, n})
	}
}

// closes goes to the close, and kills the program's process once the first card
// is charged, or released, and it does not know yet.
func (r *rehearsal) closes(ctx context.Context) error {
	drop, err := r.get(ctx)
	if err != nil {
		return err
	}
	if err := r.until(ctx, drop.Closes.Add(-time.Second)); err != nil {
		return err
	}
	for _, p := range r.people {
		if p.bought > 0 {
			r.report.Joined++
		}
	}
	if drop, err = r.get(ctx); err != nil {
		return err
	}
	r.report.Counted = drop.Joined
	r.joined(drop.Closes, drop.Joined)
	held := r.stripe.Authorised("")
	if held == 0 {
		return nil
	}
	r.clock.move(time.Second)
	r.mini.FastForward(time.Second)
	first := r.chargesOnce()
	stand, err := r.runs(ctx, true)
	if err != nil {
		return err
	}
	defer stand()
	select {
	case <-first:
	case <-time.After(patience):
		return errors.New("nothing was charged or released at the close")
	case <-ctx.Done():
		return ctx.Err()
	}
	_, err = r.crash(ctx)
	return err
}

// charged reads what was taken of everybody, and whether it is what they agreed
// on.
func (r *rehearsal) charged(ctx context.Context, drop drops.Drop, list []place) error {
	n := r.report
	n.Missed = drop.Missed()
	if step, reached, _, _ := drop.At(int64(n.Joined)); reached {
		n.Reached = r.words.Money(step.Price)
		n.WrongStep = drop.Reached != step.Price.Amount
	} else {
		n.WrongStep = !n.Missed
	}
	for _, s := range drop.Steps {
		n.Steps = append(n.Steps, PriceStep{s.Joined, r.words.Money(s.Price)})
	}
	n.Charged = map[int64]int{}
	for _, p := range list {
		amount := int64(0)
		if p.Order != "" {
			amount = r.stripe.Captured(string(p.Order))
		}
		switch {
		case amount > 0:
			n.Charged[amount]++
			n.ChargedText = r.words.Money(commerce.Money{Amount: amount, Currency: r.Config.Shop.Currency})
		case p.who.bought > 0 && !n.Missed:
			n.NotCharged++
		}
		if p.who.bought > 0 && n.Missed {
			p.who.bought = 0 // and all are let go
		}
		if amount > 0 && p.who.bought == 0 {
			n.Unasked++
			n.example("was charged and had not joined at the close", p.who.name)
		}
	}
	n.Held = r.stripe.Authorised("")
	return r.program().DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = $1 AND state IN ('sent', 'unread', 'read')`, notices.DropReleased).Scan(&n.Released)
	})
}
