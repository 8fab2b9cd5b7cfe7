package earnings

// What is decided about an objection, and what becomes of the receipt then. The
// rules are in objections.go.

import (
	"context"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
)

// Target is a creator to whom a receipt can be moved.
type Target struct {
	ID   commerce.CreatorID
	Name string
	Pick commerce.PickID // "" for a code
	Said bool            // the buyer says so
}

// Case is an objection with all that is recorded of its receipt.
type Case struct {
	Objection
	Receipt Earning
	Order   orders.Order
	By      string // the creator who was credited, by name
	Title   string // of the pick that was
	Rules   string // as they were kept, by the version of the receipt
	Buyer   bool   // the buyer says so
	To      []Target
}

// Case returns an objection with the receipt, for the staff.
func (e *Earnings) Case(ctx context.Context, id string) (c Case, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		c, err = caseOf(tx, id)
		if err != nil {
			return err
		}
		if err := tx.Row(`SELECT rules FROM earning_rules WHERE version = $1`, c.Receipt.Version).Scan(&c.Rules); err != nil {
			return err
		}
		c.To, err = targets(tx, c)
		return err
	})
	if err != nil {
		return c, err
	}
	if by, err := e.Creators.Creator(ctx, c.Receipt.Creator); err == nil {
		c.By = by.Name
	}
	if p, err := e.Creators.Pick(ctx, c.Receipt.Pick); err == nil {
		c.Title = p.Title
	}
	return c, nil
}

func caseOf(tx *database.Tx, id string) (c Case, err error) {
	list, err := objections(tx, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return c, err
	}
	c.Objection = list[0]
	of, err := where(tx, `id = $1`, c.Earning)
	if err == nil {
		c.Receipt = of[0]
		c.Order, err = orders.Load(tx, "id = $1", c.Receipt.Order)
	}
	c.Buyer = c.Member != "" && c.Member == c.Order.Member
	return c, err
}

// targets are the creators to whom a receipt can be moved: those that the order's
// record credits for the line, and whose pick the buyer names. Who has a receipt
// of the line already gets no second one.
func targets(tx *database.Tx, c Case) (list []Target, err error) {
	if c.Receipt.Position < 0 {
		return nil, nil
	}
	has, err := where(tx, `order_id = $1 AND position = $2`, c.Receipt.Order, c.Receipt.Position)
	if err != nil {
		return nil, err
	}
	may := func(id commerce.CreatorID, pick commerce.PickID, said bool) error {
		if slices.ContainsFunc(has, func(x Earning) bool { return x.Creator == id }) || slices.ContainsFunc(list, func(t Target) bool { return t.ID == id }) {
			return nil
		}
		by, err := creators.Load(tx, id)
		if err == creators.ErrUnknownCreator || err == nil && (by.Archived || by.Member == "" || by.Member == c.Order.Member || by.Member == c.Receipt.Member) {
			return nil
		}
		list = append(list, Target{id, by.Name, pick, said})
		return err
	}
	if c.Pick != "" {
		var by commerce.CreatorID
		if err := tx.Row(`SELECT creator_id FROM picks WHERE id = $1`, c.Pick).Scan(&by); err == nil {
			if err := may(by, c.Pick, true); err != nil {
				return nil, err
			}
		} else if err != database.ErrNone {
			return nil, err
		}
	}
	credits, err := creditsOf(tx, c.Receipt.Order)
	for _, one := range credits[c.Order.Lines[c.Receipt.Position].Variant] {
		if err == nil {
			err = may(one.creator, one.pick, false)
		}
	}
	return list, err
}

// Decision is what the staff decides about an objection.
type Decision struct {
	By     commerce.MemberID
	ID     string
	Ruling Ruling
	To     commerce.CreatorID // moved
	Reason string             // both read it
}

// Decide decides about an objection, once. It returns ErrDecided the second time,
// ErrMine for what is their own, ErrNothing where nothing can be taken, and
// ErrNotTo where it cannot be moved there.
func (e *Earnings) Decide(ctx context.Context, d Decision) error {
	now := e.Clock.Now()
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`UPDATE objections SET state = $2, reason = $3, creator_id = $4, decided_at = $5 WHERE id = $1 AND state = 'open'`, d.ID, d.Ruling, d.Reason, d.To, commerce.Micros(now))
		if err != nil {
			return err
		}
		c, err := caseOf(tx, d.ID)
		switch {
		case err != nil:
			return err
		case n == 0:
			return ErrDecided
		case e.same(d.By, c.Member, c.Receipt.Member, c.Order.Member):
			return ErrMine
		}
		what := "object " + string(d.Ruling)
		if d.Ruling != Stands {
			if err := e.correct(tx, c, d, now); err != nil {
				return err
			}
			if d.To != "" {
				what += " " + string(d.To)
			}
		}
		for _, m := range []commerce.MemberID{c.Member, c.Receipt.Member} {
			if m == "" {
				continue
			}
			if _, err := notices.Add(tx, e.IDs, now, notices.Notice{Kind: notices.EarningDecided, Member: m, Args: map[string]string{"objection": d.ID},
				Once: notices.EarningDecided + ":" + d.ID + ":" + string(m)}); err != nil {
				return err
			}
		}
		return moderation.Append(tx, e.IDs, moderation.Entry{At: now, By: d.By, What: what, About: about(c.Earning), Measure: d.ID, Member: c.Receipt.Member, Words: d.Reason})
	})
}

// correct takes a receipt back, and gives what was taken to somebody else.
func (e *Earnings) correct(tx *database.Tx, c Case, d Decision, now time.Time) error {
	x, to := c.Receipt, Target{}
	if d.Ruling == Moved {
		list, err := targets(tx, c)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(t Target) bool { return t.ID == d.To })
		if i < 0 {
			return ErrNotTo
		}
		to = list[i]
		by, err := creators.Load(tx, to.ID)
		if err == nil && e.same(d.By, by.Member) {
			err = ErrMine
		}
		if err != nil {
			return err
		}
	}
	take, from := x.Left(), rewards.Commission(x.Member)
	switch {
	case x.Member == "" || x.returned.Amount >= x.worth.Amount:
		return ErrNothing
	case x.State == Available:
		from = purse(x.Member, x.Unit)
		free, err := rewards.Free(tx, from, x.Unit)
		if err != nil {
			return err
		}
		take = min(take, free.Amount) // what is spent stays spent
	case x.State != Pending:
		return ErrNothing
	}
	if take <= 0 {
		return ErrNothing
	}
	back := moved("earned:back:objection:"+d.ID, "earned back", x.Order, from, issuer(x.Unit), x.of(take))
	back.Undoes = "earned:free:" + x.ID
	if _, err := rewards.Post(tx, now, back); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE earnings SET back = back + $2, cut = cut + $2, cut_back = back + $2, cut_returned = returned,
		state = CASE WHEN back + $2 = points THEN 'back' ELSE state END WHERE id = $1`, x.ID, take); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE objections SET amount = $2 WHERE id = $1`, d.ID, take); err != nil {
		return err
	}
	if x.Position < 0 {
		return nil
	}
	if err := e.bring(tx, x, x.returned.Amount, x.worth.Amount); err != nil {
		return err
	}
	// What takes the order's place after an exchange is credited as was decided.
	variant := c.Order.Lines[x.Position].Variant
	if _, err := tx.Exec(`DELETE FROM earning_credits WHERE order_id = $1 AND variant_id = $2 AND creator_id = $3`, x.Order, variant, x.Creator); err != nil {
		return err
	}
	if d.Ruling != Moved {
		return nil
	}
	if err := saveCredits(tx, x.Order, []credit{{variant: variant, creator: to.ID, pick: to.Pick, why: Decided}}); err != nil {
		return err
	}
	y := x
	y.ID, y.Creator, y.Pick, y.Why, y.Points, y.State, y.At = d.ID, to.ID, to.Pick, Decided, take, Pending, now
	if x.State == Available {
		y.Due = now
	}
	var err error
	if y.Member, err = e.earner(tx, y, c.Order.Member); err != nil {
		return err
	}
	if err := e.add(tx, y); err != nil {
		return err
	}
	return e.tell(tx, y.Member, now)
}

// Told returns a decided objection and its receipt, to whom it concerns.
func (e *Earnings) Told(ctx context.Context, m commerce.MemberID, id string) (c Case, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		c, err = caseOf(tx, id)
		if err == nil && (m == "" || m != c.Member && m != c.Receipt.Member || c.State == Open) {
			err = ErrUnknown
		}
		return err
	})
	return c, err
}
