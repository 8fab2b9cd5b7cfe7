package statement

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// Report is a span of Stripe's statement held against the books.
type Report struct {
	From, Before time.Time
	ReadUntil    time.Time // what is later is not read yet
	Sums         []Sum     // of the statement, by type and currency
	Matched      int       // movements and bookings that belong to one another
	Elsewhere    int       // payments that another provider took, in a Telegram chat
	Differences  []Difference
}

// Sum is what the movements of one type come to in one currency.
type Sum struct {
	Type        string
	Count       int
	Amount, Fee commerce.Money
}

// Difference is something that the statement and the books do not both have.
type Difference struct {
	Problem string // in words
	At      time.Time
	Object  string // at Stripe: txn_…, pi_…, re_…
	Order   int64  // its number, 0 where none is known
	Stripe  commerce.Money
	Books   commerce.Money
}

// Between holds what Stripe says of a span of time against the books. What was
// taken in one span and stated in the next belongs together all the same.
func (s *Statement) Between(ctx context.Context, from, before time.Time) (r Report, err error) {
	err = s.DB.Read(ctx, func(tx *database.Tx) error {
		r = Report{From: from, Before: before}
		if r.ReadUntil, err = payments.ReadUntil(tx); err != nil {
			return err
		}
		list, err := payments.KeptMovements(tx, from, before)
		if err != nil {
			return err
		}
		sums := map[[2]string]*Sum{}
		for _, m := range list {
			key := [2]string{m.Amount.Currency, m.Type}
			if sums[key] == nil {
				sums[key] = &Sum{Type: m.Type, Amount: commerce.Money{Currency: m.Amount.Currency}, Fee: commerce.Money{Currency: m.Amount.Currency}}
			}
			sums[key].Count++
			sums[key].Amount.Amount += m.Amount.Amount
			sums[key].Fee.Amount += m.Fee.Amount
			if err := r.movement(tx, m); err != nil {
				return err
			}
		}
		for _, key := range slices.SortedFunc(maps.Keys(sums), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
			r.Sums = append(r.Sums, *sums[key])
		}
		return r.booked(tx, from, before)
	})
	return r, err
}

// movement looks for what is booked of a movement.
func (r *Report) movement(tx *database.Tx, m payments.Movement) error {
	d := Difference{At: m.Created, Object: m.Source, Stripe: m.Charged, Books: commerce.Money{Currency: m.Charged.Currency}}
	switch kindOf(m) {
	case sale:
		p, err := payments.ByIntent(tx, m.Payment)
		if errors.Is(err, payments.ErrUnknown) { // one of a chat is known by its charge
			p, err = payments.ByIntent(tx, m.Source)
		}
		switch {
		case errors.Is(err, payments.ErrUnknown):
			d.Problem = "paid at Stripe, not in the books"
		case err != nil:
			return err
		case !p.Captured():
			d.Problem = "paid at Stripe, not yet in the books"
		case p.Amount != m.Charged:
			d.Problem, d.Books = "another amount in the books", p.Amount
		}
		return r.add(tx, d, p.Order)
	case giveback:
		back, err := payments.RefundOf(tx, m.Source)
		switch {
		case errors.Is(err, payments.ErrUnknown):
			d.Problem = "given back at Stripe, not in the books"
		case err != nil:
			return err
		case failed(m) && back.State != payments.RefundStateFailed:
			d.Problem, d.Books = "a refund that failed at Stripe is done in the books", back.Amount
		case !failed(m) && back.Amount.Amount != -m.Charged.Amount:
			d.Problem, d.Books = "a refund of another amount in the books", back.Amount
		}
		return r.add(tx, d, back.Order)
	case other:
		d.Problem = "a movement of type " + m.Type + " that the books do not know"
		return r.add(tx, d, "")
	}
	r.Matched++ // booked by its own kind, or by who decided it
	return nil
}

// booked looks for what the books have and the statement has not.
func (r *Report) booked(tx *database.Tx, from, before time.Time) error {
	paid, err := payments.PaidBetween(tx, from, before)
	if err != nil {
		return err
	}
	for _, p := range paid {
		if !p.AtStripe() {
			r.Elsewhere++
			continue
		}
		ok, err := payments.Stated(tx, p.Intent)
		if err == nil && !ok {
			err = r.add(tx, Difference{Problem: "in the books, not in Stripe's statement", At: p.PaidAt, Object: p.Intent,
				Stripe: commerce.Money{Currency: p.Amount.Currency}, Books: p.Amount}, p.Order)
		}
		if err != nil {
			return err
		}
	}
	backs, err := payments.RefundsBetween(tx, from, before)
	if err != nil {
		return err
	}
	for _, b := range backs {
		ok, err := payments.Stated(tx, b.StripeID)
		if err == nil && !ok {
			err = r.add(tx, Difference{Problem: "given back in the books, not in Stripe's statement", At: b.DoneAt, Object: b.StripeID,
				Stripe: commerce.Money{Currency: b.Amount.Currency}, Books: b.Amount}, b.Order)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) add(tx *database.Tx, d Difference, order commerce.OrderID) error {
	if d.Problem == "" {
		r.Matched++
		return nil
	}
	if order != "" {
		o, err := orders.Load(tx, "id = $1", order)
		if err != nil {
			return err
		}
		d.Order = o.Number
	}
	r.Differences = append(r.Differences, d)
	return nil
}

// Held is what the books and Stripe say is at Stripe, in one currency.
type Held struct{ Books, Stripe commerce.Money }

// Held compares the accounts of cash at Stripe with the balance there.
func (s *Statement) Held(ctx context.Context) ([]Held, error) {
	there, err := s.Stripe.Balance(ctx)
	if err != nil {
		return nil, err
	}
	all, err := rewards.Balances(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	by := map[string]Held{}
	at := func(currency string) Held {
		if h, ok := by[currency]; ok {
			return h
		}
		none := commerce.Money{Currency: currency}
		return Held{none, none}
	}
	for cur, m := range there {
		h := at(cur)
		h.Stripe = m
		by[cur] = h
	}
	for _, b := range all {
		if b.Account != rewards.Cash && !strings.HasPrefix(string(b.Account), string(rewards.Cash)+":") {
			continue
		}
		h := at(b.Amount.Currency)
		h.Books.Amount += b.Amount.Amount
		by[b.Amount.Currency] = h
	}
	var list []Held
	for _, cur := range slices.Sorted(maps.Keys(by)) {
		if h := by[cur]; h.Books.Amount != 0 || h.Stripe.Amount != 0 {
			list = append(list, h)
		}
	}
	return list, nil
}
