package payments_test

import (
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/payments"
)

func euros(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// TestGivebacksEnd gives an order of 100, of which the card paid 60, back in
// parts: no more than there is of either, told by false and not by an error,
// and what failed can be given back again.
func TestGivebacksEnd(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		add := func(id string, value, card int64) (ok bool) {
			write(t, db, func(tx *database.Tx) (err error) {
				if _, err = payments.Take(tx, "o1", 100, 60); err != nil {
					return err
				}
				ok, err = payments.AddGiveback(tx, payments.Giveback{ID: commerce.RefundID(id), Order: "o1", Value: euros(value), Card: euros(card),
					Way: "card", State: payments.RefundStateDue, Reason: "staff", Actor: "s", CreatedAt: noon})
				return err
			})
			return ok
		}
		turn := func(id string, to payments.RefundState) (ok bool) {
			write(t, db, func(tx *database.Tx) (err error) {
				ok, err = payments.GivebackTurned(tx, commerce.RefundID(id), to)
				return err
			})
			return ok
		}
		for _, step := range []struct {
			what      string
			got, want bool
		}{
			{"50, 40 of it by card", add("a", 50, 40), true},
			{"51 of the 50 that are left", add("b", 51, 0), false},
			{"30 by card where 20 are left", add("c", 30, 30), false},
			{"the rest", add("d", 50, 20), true},
			{"one more cent", add("e", 1, 0), false},
			{"the first is done", turn("a", payments.RefundStateDone), true},
			{"and done again", turn("a", payments.RefundStateDone), false},
			{"the second fails", turn("d", payments.RefundStateFailed), true},
			{"and fails again", turn("d", payments.RefundStateFailed), false},
			{"its money another way", add("f", 50, 0), true},
			{"the second was done after all, with nothing left", turn("d", payments.RefundStateDone), false},
			{"one nobody knows", turn("z", payments.RefundStateDone), false},
		} {
			if step.got != step.want {
				t.Errorf("%s: %t", step.what, step.got)
			}
		}
	})
}

// TestRefundsEnd refunds a payment in parts that together are more than it:
// the second is told that nothing is left.
func TestRefundsEnd(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		p := start(t, db, "o1", "p1")
		write(t, db, func(tx *database.Tx) error { _, err := payments.MarkPaid(tx, p.ID, "pi_1", noon); return err })
		for i, want := range []bool{true, false} {
			var ok bool
			write(t, db, func(tx *database.Tx) (err error) {
				ok, err = payments.AddRefund(tx, payments.Refund{ID: commerce.RefundID(rune('a' + i)), Payment: p.ID, Reason: "staff",
					Amount: commerce.Money{Amount: p.Amount.Amount/2 + 1, Currency: p.Amount.Currency}, CreatedAt: noon})
				return err
			})
			if ok != want {
				t.Errorf("refund %d: %t", i+1, ok)
			}
		}
	})
}

// TestOneIntent lets two processes make an intent for one payment: the second
// is told to cancel its own.
func TestOneIntent(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		p := start(t, db, "o1", "p1")
		for _, c := range []struct {
			intent string
			want   bool
		}{{"pi_1", true}, {"pi_1", true}, {"pi_2", false}} {
			var ok bool
			write(t, db, func(tx *database.Tx) (err error) {
				ok, err = payments.Prepared(tx, p.ID, c.intent)
				return err
			})
			if ok != c.want {
				t.Errorf("%s: %t", c.intent, ok)
			}
		}
		if now := get(t, db, "p1"); now.Intent != "pi_1" {
			t.Errorf("the payment has %s", now.Intent)
		}
	})
}

// TestOldNews turns a refund that was done to failed and back. Who read it
// before that, and comes late, turns nothing: it is done again, but not the one
// they speak of.
func TestOldNews(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		p := start(t, db, "o1", "p1")
		write(t, db, func(tx *database.Tx) error { _, err := payments.MarkPaid(tx, p.ID, "pi_1", noon); return err })
		write(t, db, func(tx *database.Tx) error {
			if _, err := payments.AddRefund(tx, payments.Refund{ID: "r", Payment: p.ID, Reason: "staff", CreatedAt: noon}); err != nil {
				return err
			}
			_, err := payments.RefundDone(tx, "r", "re_1", noon)
			return err
		})
		read := func() (r payments.Refund) {
			write(t, db, func(tx *database.Tx) error {
				all, err := payments.RefundsOf(tx, "o1")
				r = all[0]
				return err
			})
			return r
		}
		turn := func(r payments.Refund, to payments.RefundState) (ok bool) {
			write(t, db, func(tx *database.Tx) (err error) {
				ok, err = payments.RefundTurned(tx, r, to, "re_2", "", noon)
				return err
			})
			return ok
		}
		old := read()
		if !turn(old, payments.RefundStateFailed) || !turn(read(), payments.RefundStateDone) {
			t.Fatal("it does not turn")
		}
		if turn(old, payments.RefundStateFailed) {
			t.Error("old news turned it")
		}
		if now := read(); now.State != payments.RefundStateDone || get(t, db, "p1").Refunded != p.Amount {
			t.Errorf("%+v, refunded %v", now, get(t, db, "p1").Refunded)
		}
	})
}
