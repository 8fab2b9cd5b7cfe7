package payments_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/payments"
)

// till is a database with the invoice p1 of the order o1.
type till struct {
	*testing.T
	db *database.DB
}

func eachTill(t *testing.T, run func(s *till)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := &till{t, db}
		order(t, db, "o1", 1)
		s.begin("p1")
		run(s)
	})
}

// begin starts a payment of o1 by an invoice.
func (s *till) begin(id commerce.PaymentID) {
	s.Helper()
	s.write(func(tx *database.Tx) error {
		p, err := payments.Start(tx, payments.Payment{ID: id, Order: "o1", Kind: payments.KindInvoice, Amount: total, CreatedAt: noon})
		if err == nil && p.ID != id {
			s.Errorf("the payment is %s, want %s", p.ID, id)
		}
		return err
	})
}

func (s *till) write(fn func(*database.Tx) error) {
	s.Helper()
	write(s.T, s.db, fn)
}

func (s *till) issue(id commerce.PaymentID) {
	s.Helper()
	s.write(func(tx *database.Tx) error { return payments.Issue(tx, id, true) })
}

func (s *till) pin(amount commerce.Money, at time.Time) (ok bool) {
	s.Helper()
	s.write(func(tx *database.Tx) (err error) {
		ok, err = payments.Pin(tx, "p1", amount, at)
		return err
	})
	return ok
}

func (s *till) void(id commerce.PaymentID, at time.Time) (ok bool) {
	s.Helper()
	s.write(func(tx *database.Tx) (err error) {
		ok, err = payments.VoidInvoice(tx, id, at)
		return err
	})
	return ok
}

func (s *till) credit(r payments.Receipt, spare commerce.PaymentID, at time.Time) (p payments.Payment) {
	s.Helper()
	s.write(func(tx *database.Tx) (err error) {
		p, err = payments.Credit(tx, r, spare, at)
		return err
	})
	return p
}

// stands checks what an invoice is, and until when its order is pinned.
func (s *till) stands(state payments.State, amount int64, until, order time.Time, receipt string) {
	s.Helper()
	s.write(func(tx *database.Tx) error {
		i, err := payments.InvoiceOf(tx, "p1")
		if err != nil {
			return err
		}
		if i.State != state || i.Amount != euros(amount) || !i.PinnedUntil.Equal(until) || i.Receipt != receipt || !i.Asks {
			s.Errorf("the invoice is %s, of %s, pinned until %s, paid by %q; asks %t", i.State, i.Amount, i.PinnedUntil, i.Receipt, i.Asks)
		}
		got, err := payments.PinnedUntil(tx, "o1", noon)
		if !got.Equal(order) {
			s.Errorf("the order is pinned until %s, want %s", got, order)
		}
		return err
	})
}

// TestPin: an invoice is pinned once for ten minutes, for the amount that was
// asked about then, and not once it is paid; a no changes nothing.
func TestPin(t *testing.T) {
	eachTill(t, func(s *till) {
		var never time.Time
		s.write(func(tx *database.Tx) error {
			if _, err := payments.InvoiceOf(tx, "p1"); !errors.Is(err, payments.ErrUnknown) {
				t.Errorf("of an invoice that was not shown: %v", err)
			}
			return nil
		})
		if s.pin(total, noon) {
			t.Error("pinned before it was shown")
		}
		s.issue("p1")
		s.issue("p1")
		s.stands(payments.StateOpen, 1250, never, never, "")
		if s.pin(commerce.Money{Amount: 1300, Currency: "USD"}, noon) {
			t.Error("pinned in another currency")
		}
		s.stands(payments.StateOpen, 1250, never, never, "")

		end := noon.Add(payments.PinTime)
		if !s.pin(euros(1300), noon) {
			t.Fatal("not pinned")
		}
		s.stands(payments.StateOpen, 1300, end, end, "")
		if s.pin(euros(1400), end.Add(-time.Microsecond)) {
			t.Error("pinned twice")
		}
		if s.void("p1", end.Add(-time.Microsecond)) {
			t.Error("given up while it is pinned")
		}
		s.stands(payments.StateOpen, 1300, end, end, "")
		if !s.pin(euros(1400), end) {
			t.Error("not pinned again when the first pin is over")
		}
		end = end.Add(payments.PinTime)
		s.stands(payments.StateOpen, 1400, end, end, "")

		s.credit(payments.Receipt{ID: "tg_1", Charge: "ch_1", Payment: "p1", Amount: euros(1400)}, "spare", noon)
		if s.pin(euros(1500), end) {
			t.Error("pinned when it was paid")
		}
		s.stands(payments.StateOpen, 1400, end, end, "tg_1")
	})
}

// TestPinNot: what was given up, and what is no invoice, cannot be pinned.
func TestPinNot(t *testing.T) {
	eachTill(t, func(s *till) {
		s.issue("p1")
		if !s.pin(total, noon) {
			t.Fatal("not pinned")
		}
		end := noon.Add(payments.PinTime)
		for range 2 {
			if !s.void("p1", end) {
				t.Error("not given up when the pin is over")
			}
		}
		s.stands(payments.StateVoid, 1250, end, time.Time{}, "")
		if s.pin(euros(1300), end) {
			t.Error("pinned though it was given up")
		}
		s.issue("p1") // nor shown again
		s.stands(payments.StateVoid, 1250, end, time.Time{}, "")

		p := start(t, s.db, "o1", "p2") // Stripe's page
		s.issue(p.ID)
		if p = get(t, s.db, p.ID); p.State != payments.StateCreating {
			t.Errorf("a session that was shown as an invoice is %s", p.State)
		}
		s.write(func(tx *database.Tx) error {
			if _, err := payments.Opened(tx, p.ID, payments.Session{ID: "cs_1", URL: "https://pay"}); err != nil {
				return err
			}
			ok, err := payments.Pin(tx, p.ID, total, noon)
			if ok {
				t.Error("a session is pinned as an invoice")
			}
			return err
		})
	})
}

// TestPinRace: of many who ask at once one may pay.
func TestPinRace(t *testing.T) {
	eachTill(t, func(s *till) {
		s.issue("p1")
		var all sync.WaitGroup
		var yes atomic.Int64
		for i := range 8 {
			all.Go(func() {
				ok := false
				if err := s.db.Write(t.Context(), func(tx *database.Tx) (err error) {
					ok, err = payments.Pin(tx, "p1", euros(1300+int64(i)), noon)
					return err
				}); err != nil {
					t.Error(err)
				}
				if ok {
					yes.Add(1)
				}
			})
		}
		all.Wait()
		if n := yes.Load(); n != 1 {
			t.Errorf("%d may pay, want 1", n)
		}
	})
}

// TestQuestions: how one was answered is known, and an answer stands.
func TestQuestions(t *testing.T) {
	eachTill(t, func(s *till) {
		s.issue("p1")
		for i, yes := range []bool{true, false} {
			want := payments.Question{ID: fmt.Sprint("q", i), Payment: "p1", AskedAt: noon.Add(time.Duration(i) * time.Second), Yes: yes}
			s.write(func(tx *database.Tx) error {
				if _, ok, err := payments.Answered(tx, want.ID); ok || err != nil {
					t.Errorf("answered before it was: %v", err)
				}
				if err := payments.Answer(tx, want); err != nil {
					return err
				}
				got, ok, err := payments.Answered(tx, want.ID)
				if d := cmp.Diff(want, got); d != "" || !ok {
					t.Error(ok, d)
				}
				return err
			})
			want.Yes = !yes
			if err := s.db.Write(t.Context(), func(tx *database.Tx) error { return payments.Answer(tx, want) }); err == nil {
				t.Error("a question was answered twice")
			}
		}
	})
}

// TestCredit: money is credited once for each of its ids, however often and in
// whatever order it is told; a second payment of the invoice is one of its own.
func TestCredit(t *testing.T) {
	eachTill(t, func(s *till) {
		s.issue("p1")
		first := payments.Receipt{ID: "tg_1", Charge: "ch_1", Payment: "p1", Amount: total}
		for range 2 {
			if p := s.credit(first, "spare1", noon); p.ID != "p1" || p.State != payments.StateOpen {
				t.Errorf("credited to %+v", p)
			}
		}
		other := first
		other.ID = "tg_9"
		if p := s.credit(other, "spare1", noon); p.ID != "p1" {
			t.Errorf("the same charge is credited again, to %+v", p)
		}
		second := payments.Receipt{ID: "tg_2", Charge: "ch_2", Payment: "p1", Amount: euros(1300)}
		want := payments.Payment{ID: "spare2", Order: "o1", Kind: payments.KindInvoice, Attempt: 2, State: payments.StateVoid, Key: "order:o1:pay:2",
			Amount: euros(1300), Refunded: euros(0), CreatedAt: noon.Add(time.Minute)}
		for i := range 2 {
			s.credit(second, commerce.PaymentID(fmt.Sprint("spare", i+2)), noon.Add(time.Minute))
			if d := cmp.Diff(want, get(t, s.db, "spare2")); d != "" {
				t.Errorf("told %d times: %s", i+1, d)
			}
		}
		// Without the provider's id money is told apart by its receipt alone.
		for i, spare := range []commerce.PaymentID{"bare0", "bare1", "bare0", "bare1"} {
			bare := payments.Receipt{ID: "tg_" + string(spare), Payment: "p1", Amount: total}
			p := s.credit(bare, commerce.PaymentID(fmt.Sprint("bare", i)), noon)
			if p.ID != spare {
				t.Errorf("no. %d without a charge is credited to %s", i, p.ID)
			}
		}
		s.stands(payments.StateOpen, 1250, time.Time{}, time.Time{}, "tg_1")
		s.write(func(tx *database.Tx) error {
			all, err := payments.OfOrder(tx, "o1")
			if len(all) != 4 {
				t.Errorf("%d payments, want 4: %+v", len(all), all)
			}
			if _, err := payments.Credit(tx, payments.Receipt{ID: "tg_3", Charge: "ch_3", Payment: "no"}, "spare4", noon); !errors.Is(err, payments.ErrUnknown) {
				t.Errorf("of an invoice that is not ours: %v", err)
			}
			return err
		})
	})
}

// TestCreditLate: money on an invoice that was given up buys the order where
// nothing else did, and else is captured and has to go back.
func TestCreditLate(t *testing.T) {
	for _, paid := range []bool{false, true} {
		t.Run(fmt.Sprintf("paid otherwise %t", paid), func(t *testing.T) {
			eachTill(t, func(s *till) {
				s.issue("p1")
				if !s.void("p1", noon) {
					s.Fatal("not given up")
				}
				if paid {
					p := start(s.T, s.db, "o1", "p2")
					s.write(func(tx *database.Tx) error {
						_, err := payments.MarkPaid(tx, p.ID, "pi_2", noon)
						return err
					})
				}
				late := s.credit(payments.Receipt{ID: "tg_1", Charge: "ch_1", Payment: "p1", Amount: total}, "spare", noon.Add(time.Hour))
				if late.ID != "p1" || late.State != payments.StateVoid {
					s.Errorf("credited to %+v", late)
				}
				s.stands(payments.StateVoid, 1250, time.Time{}, time.Time{}, "tg_1")
				s.write(func(tx *database.Tx) error {
					ok, err := payments.MarkPaid(tx, late.ID, "ch_1", noon.Add(time.Hour))
					if ok == paid {
						s.Errorf("the order is paid by it: %t", ok)
					}
					return err
				})
				if p := get(s.T, s.db, "p1"); !p.Captured() || (p.State == payments.StatePaid) == paid {
					s.Errorf("%+v", p)
				}
			})
		})
	}
}
