package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/members"
)

// This file is what members do with what they have, from the opening to the end.

// act is something that is done at a time.
type act struct {
	at time.Time
	do func()
}

func (r *rehearsal) later(at time.Time, do func()) { r.acts = append(r.acts, act{at, do}) }

// aftermath goes from the rush to the end: the window closes, a draw is made,
// winners pay or do not, what comes back goes to the next.
func (r *rehearsal) aftermath(ctx context.Context) error {
	drop, err := r.get(ctx)
	if err != nil {
		return err
	}
	if r.plan.Mode == drops.Group {
		if err := r.closes(ctx); err != nil {
			return err
		}
	}
	if err := r.until(ctx, drop.Closes.Add(max(3*time.Hour, 3*r.plan.PayWithin))); err != nil {
		return err
	}
	if drop, err = r.get(ctx); err != nil {
		return err
	}
	r.report.Ended = drop.State == drops.Over
	return r.advance(ctx, r.clock.Now().Add(20*time.Minute), time.Minute) // what is late arrives
}

// until lets members do what they do until a time, or until the drop is over.
func (r *rehearsal) until(ctx context.Context, end time.Time) error {
	for {
		drop, err := r.get(ctx)
		if err != nil {
			return err
		}
		now := r.clock.Now()
		if drop.State == drops.Over || drop.State == drops.Cancelled || !now.Before(end) {
			return nil
		}
		if !now.After(drop.Closes) {
			r.joined(now, drop.Joined)
		}
		list, err := r.places(ctx)
		if err != nil {
			return err
		}
		// Where somebody has a unit to pay, time goes in small steps.
		most := 10 * time.Minute
		for _, p := range list {
			if p.State != drops.Won || p.Order != "" && r.plan.Mode == drops.Group {
				continue
			}
			most = min(most, max(30*time.Second, r.plan.PayWithin/40))
			if r.decided[p.ID] != p.Until && p.Order == "" {
				r.decided[p.ID] = p.Until
				r.decide(p, now)
			}
		}
		slices.SortStableFunc(r.acts, func(a, b act) int { return a.at.Compare(b.at) })
		next := minTime(now.Add(most), end)
		if now.Before(drop.Closes) {
			next = minTime(next, drop.Closes)
		}
		if len(r.acts) > 0 {
			next = minTime(next, r.acts[0].at)
		}
		if err := r.advance(ctx, next, most); err != nil {
			return err
		}
		for len(r.acts) > 0 && !r.acts[0].at.After(r.clock.Now()) {
			one := r.acts[0]
			r.acts = r.acts[1:]
			one.do()
		}
		if total := drop.Total(); total > drop.Left() {
			r.Progress(fmt.Sprintf("%d of %d units are sold", total-drop.Left(), total), 0.6+0.35*(1-float64(drop.Left())/float64(total)))
		}
	}
}

func minTime(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// decide says when a winner does what they do.
func (r *rehearsal) decide(p place, now time.Time) {
	left := p.Until.Sub(now)
	at := now.Add(time.Duration((0.02 + 0.6*r.dice.Float64()) * float64(left)))
	switch p.who.pays {
	case slow:
		at = p.Until.Add(-time.Duration(50+r.dice.IntN(40)+30*int(p.Seat)) * time.Second) // one after the other
		r.report.Slow++
	case absent:
		r.report.Absent++
		return
	case leaves:
		r.report.Absent++
	}
	r.later(at, func() { r.orders(p.who) })
}

// orders orders somebody's unit, and has them pay it as they do.
func (r *rehearsal) orders(p *person) {
	inPrivate := p.wants < 2 && p.kind != saidYours && p.kind != saidJoin // they look at it where they were told
	if inPrivate && !r.shown["later"] {
		r.shown["later"] = true
		r.report.Screens = append(r.report.Screens, Screen{"Who got theirs later, in private", lastOf(r.chatter(p, "private").All())})
	}
	button := "button.place"
	if r.plan.Mode == drops.Group {
		button = "button.placejoin"
	}
	switch {
	case p.orders && p.pays == leaves:
		return
	case p.orders:
		r.later(r.clock.Now().Add(5*time.Second), func() { r.orders(p) })
		return
	case p.wants > 1: // the card shows all that they have
		if err := r.look(p); err != nil {
			r.report.Stuck++
			r.report.example("could not see what they have", err.Error())
			return
		}
	}
	link, err := r.order(p, r.words, button, r.country(), inPrivate)
	if err != nil {
		r.report.Stuck++
		r.report.example("had a unit and could not order it", err.Error())
		return
	}
	if p.orders = true; p.pays != leaves {
		r.later(r.clock.Now().Add(20*time.Second), func() { r.paid(p, link) })
	}
}

func (r *rehearsal) paid(p *person, link string) {
	p.orders = false
	if p.pays == again || p.pays == refused {
		err := r.pay(link, badCard, false)
		r.report.Declined++
		switch {
		case !errors.Is(err, errDeclined):
			r.report.Stuck++
			r.report.example("has a card that was not declined", fmt.Sprint(err))
			return
		case p.pays == refused:
			return
		}
	}
	switch err := r.pay(link, goodCard, p.wants > 1); { // the next unit cannot be ordered before this one is paid
	case err == nil:
		p.bought++
		r.report.Paid++
		if r.plan.Mode == drops.Group {
			r.joins(p)
		}
	case !errors.Is(err, errTooLate):
		r.report.Stuck++
		r.report.example("could not pay", err.Error())
	default:
		r.report.Stuck++
		r.report.example("could not pay", "the order was closed before the time to pay was over")
	}
}

// country is one the brand sends to.
func (r *rehearsal) country() string {
	for _, s := range r.Config.Brands[r.Config.Drops[r.Drop].Brand].Shipping {
		for _, c := range s.To {
			if members.Example(c) != "" {
				return c
			}
		}
	}
	return "DE"
}

// place is somebody's entry with whose it is.
type place struct {
	drops.Entry
	who *person
}
