package payments_test

import (
	"errors"
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

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	total = commerce.Money{Amount: 1250, Currency: "EUR"}
)

// order puts an order into the database, bare but for what payments refer to.
func order(t *testing.T, db *database.DB, id commerce.OrderID, number int64) {
	t.Helper()
	write(t, db, func(tx *database.Tx) error {
		for _, q := range []string{
			`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', 'en', 0) ON CONFLICT DO NOTHING`,
			`INSERT INTO holds (id, member_id, state, expires_at, created_at) VALUES ('h', 'ann', 'held', 0, 0) ON CONFLICT DO NOTHING`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token,
			locale, platform, bot, created_at, expires_at)
			VALUES ($1, $2, 'ann', 'pending', 'EUR', 1250, 'q', 'h', $1, 'en', 'telegram', 'bot', 0, 0)`, id, number)
		return err
	})
}

func start(t *testing.T, db *database.DB, order commerce.OrderID, id commerce.PaymentID) payments.Payment {
	t.Helper()
	var p payments.Payment
	write(t, db, func(tx *database.Tx) (err error) {
		p, err = payments.Start(tx, payments.Payment{ID: id, Order: order, Amount: total, CreatedAt: noon})
		return err
	})
	return p
}

func write(t *testing.T, db *database.DB, fn func(*database.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, db *database.DB, id commerce.PaymentID) (p payments.Payment) {
	t.Helper()
	write(t, db, func(tx *database.Tx) (err error) {
		p, err = payments.Get(tx, id)
		return err
	})
	return p
}

func TestPaymentFromStartToPaid(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		p := start(t, db, "o1", "p1")
		want := payments.Payment{ID: "p1", Order: "o1", Kind: payments.KindSession, Attempt: 1, State: payments.StateCreating,
			Key: "order:o1:pay:1", Amount: total, CreatedAt: noon}
		if d := cmp.Diff(want, p); d != "" {
			t.Fatal(d)
		}
		if again := start(t, db, "o1", "p2"); again.ID != "p1" {
			t.Fatalf("a second live payment was started: %+v", again)
		}
		write(t, db, func(tx *database.Tx) error {
			for range 2 { // a repeat is no harm
				ok, err := payments.Opened(tx, "p1", payments.Session{ID: "cs_1", URL: "https://pay"})
				if !ok || err != nil {
					t.Errorf("Opened = %t, %v", ok, err)
				}
			}
			_, err := payments.BySession(tx, "")
			if !errors.Is(err, payments.ErrUnknown) {
				t.Errorf("BySession of nothing: %v", err)
			}
			for i := range 2 {
				ok, err := payments.MarkPaid(tx, "p1", "pi_1", noon.Add(time.Duration(i)*time.Minute))
				if ok != (i == 0) || err != nil {
					t.Errorf("MarkPaid no. %d = %t, %v", i, ok, err)
				}
			}
			got, err := payments.BySession(tx, "cs_1")
			want.State, want.Session, want.URL, want.Intent, want.PaidAt = payments.StatePaid, "cs_1", "https://pay", "pi_1", noon
			want.Refunded.Currency = "EUR"
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
			if byIntent, _ := payments.ByIntent(tx, "pi_1"); byIntent != got {
				t.Errorf("ByIntent = %+v", byIntent)
			}
			if ok, err := payments.Void(tx, "p1"); ok || err != nil {
				t.Errorf("a paid payment was given up: %t, %v", ok, err)
			}
			_, startErr := payments.Start(tx, payments.Payment{ID: "p3", Order: "o1", Amount: total})
			if !errors.Is(startErr, payments.ErrPaid) {
				t.Errorf("a paid order was started again: %v", startErr)
			}
			return err
		})
	})
}

// Two pages of one order are paid at the same moment, each event comes five
// times: one of them pays the order, the money of the other has to go back.
func TestTwoCapturesPayOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		start(t, db, "o1", "p1")
		write(t, db, func(tx *database.Tx) error { _, err := payments.Void(tx, "p1"); return err })
		if p := start(t, db, "o1", "p2"); p.Attempt != 2 || p.Key != "order:o1:pay:2" {
			t.Fatalf("second attempt: %+v", p)
		}
		var paid atomic.Int64
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				id := []commerce.PaymentID{"p1", "p2"}[i%2]
				var ok bool
				err := db.Write(t.Context(), func(tx *database.Tx) (err error) {
					ok, err = payments.MarkPaid(tx, id, "pi_"+string(id), noon)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if ok {
					paid.Add(1)
				}
			})
		}
		wg.Wait()
		if paid.Load() != 1 {
			t.Fatalf("the order was paid %d times", paid.Load())
		}
		a, b := get(t, db, "p1"), get(t, db, "p2")
		if a.State == payments.StatePaid {
			a, b = b, a
		}
		if a.State != payments.StateVoid || b.State != payments.StatePaid || !a.Captured() || !b.Captured() {
			t.Errorf("payments %+v, %+v; want one void, one paid, both captured", a, b)
		}
		var refunds atomic.Int64
		for i := range 8 {
			wg.Go(func() {
				var ok bool
				err := db.Write(t.Context(), func(tx *database.Tx) (err error) {
					ok, err = payments.AddRefund(tx, payments.Refund{ID: commerce.RefundID(rune('a' + i)), Payment: a.ID, Reason: "late", CreatedAt: noon})
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if ok {
					refunds.Add(1)
				}
			})
		}
		wg.Wait()
		if refunds.Load() != 1 {
			t.Errorf("%d refunds of one payment", refunds.Load())
		}
	})
}

func TestOpenedTooLate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		start(t, db, "o1", "p1")
		write(t, db, func(tx *database.Tx) error {
			_, err := payments.Void(tx, "p1")
			return err
		})
		write(t, db, func(tx *database.Tx) error {
			ok, err := payments.Opened(tx, "p1", payments.Session{ID: "cs_1", URL: "u"})
			if ok {
				t.Error("a payment given up was opened")
			}
			return err
		})
		// Whatever is paid on it all the same finds its way back to the order.
		if p := get(t, db, "p1"); p.State != payments.StateVoid || p.Session != "cs_1" {
			t.Errorf("payment %+v", p)
		}
	})
}

func TestRefund(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		start(t, db, "o1", "p1")
		add := func(tx *database.Tx, r payments.Refund) (bool, error) {
			r.ID, r.Payment, r.Reason, r.CreatedAt = "r1", "p1", "staff", noon
			return payments.AddRefund(tx, r)
		}
		for name, r := range map[string]payments.Refund{"of what was not captured": {}} {
			if err := db.Write(t.Context(), func(tx *database.Tx) error { _, err := add(tx, r); return err }); err == nil {
				t.Errorf("a refund %s was taken", name)
			}
		}
		write(t, db, func(tx *database.Tx) error { _, err := payments.MarkPaid(tx, "p1", "pi_1", noon); return err })
		for name, amount := range map[string]commerce.Money{
			"of too much": {Amount: 1251, Currency: "EUR"}, "in other money": {Amount: 1, Currency: "USD"},
		} {
			if err := db.Write(t.Context(), func(tx *database.Tx) error { _, err := add(tx, payments.Refund{Amount: amount}); return err }); err == nil {
				t.Errorf("a refund %s was taken", name)
			}
		}
		write(t, db, func(tx *database.Tx) error {
			for i := range 2 {
				if ok, err := add(tx, payments.Refund{}); ok != (i == 0) || err != nil {
					t.Errorf("AddRefund no. %d = %t, %v", i, ok, err)
				}
			}
			return nil
		})
		due := func(at time.Time) (all []payments.Refund) {
			write(t, db, func(tx *database.Tx) (err error) { all, err = payments.DueRefunds(tx, at, 10); return err })
			return all
		}
		r := payments.Refund{ID: "r1", Payment: "p1", Amount: total}
		want := []payments.Refund{{ID: "r1", Order: "o1", Payment: "p1", State: payments.RefundStateDue, Reason: "staff",
			Key: "order:o1:refund:1:1", Amount: total, Value: total, Others: map[string]int64{}, Intent: "pi_1", DueAt: noon, CreatedAt: noon}}
		if d := cmp.Diff(want, due(noon)); d != "" {
			t.Fatal(d)
		}
		if got := due(noon.Add(time.Minute)); len(got) != 0 {
			t.Errorf("taken twice: %+v", got)
		}
		write(t, db, func(tx *database.Tx) error {
			ok, err := payments.RefundFailed(tx, r, "no answer", noon.Add(time.Minute))
			if !ok {
				t.Error("RefundFailed = false")
			}
			return err
		})
		if got := due(noon.Add(time.Minute)); len(got) != 1 || got[0].Tries != 1 || got[0].Problem != "no answer" {
			t.Errorf("after a failure: %+v", got)
		}
		write(t, db, func(tx *database.Tx) error {
			for i := range 2 {
				if ok, err := payments.RefundDone(tx, "r1", "re_1", noon); ok != (i == 0) || err != nil {
					t.Errorf("RefundDone no. %d = %t, %v", i, ok, err)
				}
			}
			if ok, err := payments.RefundFailed(tx, r, "late", time.Time{}); ok || err != nil {
				t.Errorf("a refund that is done has failed: %t, %v", ok, err)
			}
			all, err := payments.RefundsOf(tx, "o1")
			if len(all) != 1 || all[0].State != payments.RefundStateDone || all[0].StripeID != "re_1" || all[0].DoneAt != noon {
				t.Errorf("RefundsOf = %+v", all)
			}
			return err
		})
		if got := due(noon.Add(time.Hour)); len(got) != 0 {
			t.Errorf("due when done: %+v", got)
		}
	})
}

func TestInbox(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		e := payments.Event{ID: "evt_1", Type: "checkout.session.completed", Object: "cs_1"}
		var fresh atomic.Int64
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				isNew, err := receive(t, db, e, noon)
				if err != nil {
					t.Error(err)
				}
				if isNew {
					fresh.Add(1)
				}
			})
		}
		wg.Wait()
		if fresh.Load() != 1 {
			t.Fatalf("one event was new %d times", fresh.Load())
		}
		// Two processes take what is due: each event goes to one of them.
		for i := range 20 {
			e.ID = "evt_x" + string(rune('a'+i))
			e.Object = "cs_x" + string(rune('a'+i/2)) // two of each object, which are taken together
			if _, err := receive(t, db, e, noon.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		var taken atomic.Int64
		for range 4 {
			wg.Go(func() {
				for {
					var due []payments.Hint
					err := db.Write(t.Context(), func(tx *database.Tx) (err error) {
						due, err = payments.DueEvents(tx, noon.Add(time.Minute), 3)
						return err
					})
					if err != nil {
						t.Error(err)
					}
					of := map[string]int{}
					for _, h := range due {
						if of[h.Object]++; h.Object == "cs_1" {
							of[h.Object] = 2
						}
					}
					for object, n := range of {
						if n != 2 {
							t.Errorf("%d events of %s are handed out together, want 2", n, object)
						}
					}
					if taken.Add(int64(len(due))); len(due) == 0 || err != nil {
						return
					}
				}
			})
		}
		wg.Wait()
		if taken.Load() != 21 {
			t.Errorf("21 events were taken %d times", taken.Load())
		}
		write(t, db, func(tx *database.Tx) error {
			if err := payments.EventFailed(tx, "evt_1", "no such order yet", noon.Add(time.Hour)); err != nil {
				return err
			}
			due, err := payments.DueEvents(tx, noon.Add(time.Hour), 1)
			if len(due) != 2 {
				t.Errorf("due = %+v", due)
			}
			return err
		})
		write(t, db, func(tx *database.Tx) error {
			for i := range 2 {
				if ok, err := payments.EventDone(tx, "evt_1", noon); ok != (i == 0) || err != nil {
					t.Errorf("EventDone no. %d = %t, %v", i, ok, err)
				}
			}
			if n, err := payments.ForgetEvents(tx, noon.Add(time.Second)); n != 1 || err != nil {
				t.Errorf("ForgetEvents = %d, %v", n, err)
			}
			return nil
		})
	})
}

// What Stripe took is what goes back, whatever was asked for.
func TestCorrect(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		start(t, db, "o1", "p1")
		taken := commerce.Money{Amount: 1300, Currency: "EUR"}
		write(t, db, func(tx *database.Tx) error {
			if _, err := payments.MarkPaid(tx, "p1", "pi_1", noon); err != nil {
				return err
			}
			if err := payments.Correct(tx, "p1", taken); err != nil {
				return err
			}
			if _, err := payments.AddRefund(tx, payments.Refund{ID: "r1", Payment: "p1", Reason: "mismatch", CreatedAt: noon}); err != nil {
				return err
			}
			all, err := payments.RefundsOf(tx, "o1")
			if len(all) != 1 || all[0].Amount != taken {
				t.Errorf("refunds %+v", all)
			}
			return err
		})
	})
}

func receive(t *testing.T, db *database.DB, e payments.Event, at time.Time) (isNew bool, err error) {
	err = db.Write(t.Context(), func(tx *database.Tx) (err error) {
		isNew, err = payments.Receive(tx, e, at)
		return err
	})
	return isNew, err
}
