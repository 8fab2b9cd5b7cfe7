package drops

import (
	"context"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// This file invites to a product with several variants. The rules are:
//   - It is one line for all of them. Who is next has a unit of the variant of which
//     most are left: theirs, whatever others do.
//   - Until they order they can take one of another variant instead, where one is
//     left that nobody has. What they give back goes to the next in line.
//   - Who waits does so for the first variant of the plan, which stands for any.

// anyOf reports whether all variants of a drop have one line.
func (p Plan) anyOf() bool { return p.Mode == Invite && len(p.Units) > 1 }

// waitFor is the variant in whose line those stand who want one.
func (p Plan) waitFor(v commerce.VariantID) commerce.VariantID {
	if p.anyOf() {
		return p.Units[0].Variant
	}
	return v
}

// most is the variant of which most units are left.
func (d Drop) most() Stand {
	return slices.MaxFunc(d.Stands, func(a, b Stand) int { return int(a.For("").free() - b.For("").free()) })
}

// firstOfAny gives who comes again a unit of the variant that they want, or another,
// or a place in line.
func (d *Drops) firstOfAny(tx *database.Tx, drop Drop, e *Entry, wanted Stand) error {
	if drop.Waiting() == 0 && drop.Free() > 0 {
		for _, s := range []Stand{wanted, drop.most()} {
			_, ok, err := take(tx, drop.ID, s, "")
			if err != nil {
				return err
			}
			if ok {
				e.Variant, e.State, e.Until = s.Variant, Won, e.At.Add(drop.PayWithin)
				return nil
			}
		}
	}
	if drop.Waiting() >= drop.Line || drop.Left() == 0 {
		return ErrTooLate
	}
	e.Variant, e.Ahead = drop.waitFor(e.Variant), drop.Waiting()
	return nil
}

// nextOfAny invites those who are next, as many as there are units, and tells them.
func (d *Drops) nextOfAny(tx *database.Tx, drop Drop) error {
	waiting, err := entries(tx, `drop_id = $1 AND state = 'waits' ORDER BY place LIMIT $2`, drop.ID, drop.Free())
	if err != nil {
		return err
	}
	now := d.Clock.Now()
	for _, e := range waiting {
		if drop, err = load(tx, drop.ID); err != nil {
			return err
		}
		s := drop.most()
		_, ok, err := take(tx, drop.ID, s, "")
		if err != nil || !ok {
			return err
		}
		e.Variant = s.Variant
		if _, err := put(tx, e, Won, now.Add(drop.PayWithin), now); err != nil {
			return err
		}
		e.Until = now.Add(drop.PayWithin)
		if err := d.tell(tx, notices.DropYours, e); err != nil {
			return err
		}
	}
	return nil
}

// ErrGone: nothing of that variant is left that nobody has.
var ErrGone = &commerce.Error{Kind: commerce.Conflict, Message: "drop.gone"}

// Swap gives a member a unit of another variant for the one they are invited to.
// The time they have stays as it is. It returns ErrLapsed where theirs is not kept
// for them any more, or is being paid, and ErrGone.
func (d *Drops) Swap(ctx context.Context, id commerce.EntryID, m commerce.MemberID, to commerce.VariantID) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		e, err := entry(tx, `id = $1`, id)
		if err != nil {
			return err
		}
		drop, err := load(tx, e.Drop)
		if err != nil {
			return err
		}
		if e.Member != m || !drop.anyOf() {
			return ErrNone
		}
		stand, ok := drop.stand(to)
		switch {
		case e.State != Won || e.Order != "" || !d.Clock.Now().Before(e.Until):
			return ErrLapsed
		case e.Variant == to:
			return nil
		case !ok:
			return ErrNone
		}
		if _, ok, err = take(tx, drop.ID, stand, ""); err != nil {
			return err
		}
		if !ok {
			return ErrGone
		}
		if err := giveUp(tx, e); err != nil {
			return err
		}
		e.Variant = to
		if _, err := put(tx, e, Won, e.Until, d.Clock.Now()); err != nil {
			return err
		}
		return d.next(tx, drop.ID, to)
	})
}
