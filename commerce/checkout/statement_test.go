package checkout_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/statement"
	"github.com/soukchat/souk/sandbox/stripe"
)

func (w *world) statement() *statement.Statement {
	return statement.New(statement.Config{DB: w.db, Clock: w.clock, Log: slog.New(slog.DiscardHandler),
		Stripe: payments.New(payments.Config{Key: "sk_test_x", Endpoint: w.api})})
}

// read reads the whole statement and compares it with the books.
func (w *world) read(s *statement.Statement) {
	w.Helper()
	for more := true; more; {
		var err error
		more, err = s.Step(w.ctx)
		w.must(err)
	}
	held, err := s.Held(w.ctx)
	w.must(err)
	if len(held) != 1 || held[0].Books != held[0].Stripe || held[0].Stripe.Amount != w.stripe.Balance("eur") {
		w.Errorf("the books and Stripe hold %v, the stand-in %d", held, w.stripe.Balance("eur"))
	}
}

// TestBooksAreStripesBalance sells, gives back and reads the statement, over
// days on which nobody looked: the accounts of cash at Stripe sum to the balance
// there, nothing is booked twice, and every day matches.
func TestBooksAreStripesBalance(t *testing.T) {
	each(t, func(w *world) {
		s, began := w.statement(), w.clock.Now()
		if more, err := s.Step(w.ctx); more || err != nil {
			t.Fatalf("nothing was ever sold: %t, %v", more, err)
		}
		w.bought(visa)
		w.read(s)
		w.clock.Wait(49 * time.Hour) // three days' statement, in one go
		back := w.bought(visa)
		w.must(w.shop.Refund(w.ctx, "staff", back.ID))
		w.rest()
		w.paysCreator(s)
		for range 2 {
			w.read(s)
		}
		fees := chargeFees(w)
		if n := balanceOf(w, statement.Fees); n != fees || n == 0 {
			t.Errorf("fees in the books are %d, want %d", n, fees)
		}
		r, err := s.Between(w.ctx, began.Add(-time.Hour), w.clock.Now().Add(time.Hour))
		w.must(err)
		if len(r.Differences) != 0 || r.Matched != 5 || len(r.Sums) != 4 {
			t.Errorf("%d match, %+v differ, %+v", r.Matched, r.Differences, r.Sums)
		}
	})
}

// paysCreator pays a creator what they earned, and has a part taken back by hand:
// the statement has both, and so have the books.
func (w *world) paysCreator(s *statement.Statement) {
	w.Helper()
	client := payments.New(payments.Config{Key: "sk_test_x", Endpoint: w.api})
	pay := creatorpay.New(creatorpay.Config{DB: w.db, Clock: w.clock, IDs: commerce.RandomIDs{}, Log: slog.New(slog.DiscardHandler), Stripe: client,
		Terms: func() creatorpay.Terms { return creatorpay.Terms{Money: true, Least: 100} }, Back: func() string { return "https://shop.example.com/connected" }})
	mira := w.buyer("mira").Member
	euros := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "earned:mira", Memo: "earned", Entries: []rewards.Entry{{Account: rewards.Creators, Amount: euros(200)}, {Account: rewards.Income(mira), Amount: euros(-200)}}})
		return err
	}))
	page, err := pay.Connect(w.ctx, mira)
	w.must(err)
	_, err = w.stripe.SetUp(page)
	w.must(err)
	_, err = pay.Look(w.ctx, mira)
	w.must(err)
	one, err := pay.Ask(w.ctx, mira, "EUR")
	w.must(err)
	before := w.stripe.Balance("eur")
	_, err = pay.Step(w.ctx)
	w.must(err)
	w.read(s)
	one, err = pay.One(w.ctx, one.ID)
	w.must(err)
	_, err = client.Reverse(w.ctx, payments.Reversal{Transfer: one.Transfer, Amount: euros(50), Key: "by hand"})
	w.must(err)
	w.must(pay.Reversed(w.ctx, one.Transfer))
	w.read(s)
	if got := w.stripe.Balance("eur"); got != before-150 {
		w.Errorf("%d left the balance for the creator", before-got)
	}
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error { // earned by no order: the audit looks at the end
		if _, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "earned:mira:back", Memo: "test", Entries: []rewards.Entry{{Account: rewards.Income(mira), Amount: euros(50)}, {Account: rewards.Creators, Amount: euros(-50)}}}); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO earning_debts (member_id, currency, owed) VALUES ($1, 'EUR', 150)`, mira)
		return err
	}))
}

// chargeFees is what the stand-in kept of its charges.
func chargeFees(w *world) (sum int64) {
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT SUM(fee) FROM stripe_txns`).Scan(&sum)
	}))
	return sum
}

func balanceOf(w *world, a rewards.Account) int64 {
	all, err := rewards.Balances(w.ctx, w.db)
	w.must(err)
	for _, b := range all {
		if b.Account == a {
			return b.Amount.Amount
		}
	}
	return 0
}

// TestDifferences breaks the agreement of books and statement in every way
// there is, and finds each in the report of its day.
func TestDifferences(t *testing.T) {
	each(t, func(w *world) {
		s, began := w.statement(), w.clock.Now()
		lost, short, gone, refunded := w.ticket(), w.ticket(), w.ticket(), w.ticket()
		w.must(w.shop.Refund(w.ctx, "staff", refunded.ID))
		w.rest()
		w.read(s)
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			for _, do := range []struct {
				what  string
				order commerce.OrderID
			}{
				{`UPDATE payments SET intent = 'pi_other' WHERE order_id = $1`, lost.ID},
				{`UPDATE payments SET amount = amount + 1 WHERE order_id = $1`, short.ID},
				{`DELETE FROM stripe_txns WHERE payment = (SELECT intent FROM payments WHERE order_id = $1)`, gone.ID},
				{`UPDATE refunds SET stripe_id = 're_other' WHERE order_id = $1`, refunded.ID},
			} {
				if n, err := tx.Exec(do.what, do.order); err != nil || n != 1 {
					t.Errorf("%s: %d rows, %v", do.what, n, err)
				}
			}
			_, err := payments.KeepMovement(tx, payments.Movement{ID: "txn_odd", Type: "climate_order_purchase", Source: "climorder_1",
				Amount: commerce.Money{Amount: -100, Currency: "EUR"}, Fee: commerce.Money{Currency: "EUR"},
				Charged: commerce.Money{Amount: -100, Currency: "EUR"}, Created: w.clock.Now()})
			return err
		}))
		r, err := s.Between(w.ctx, began, w.clock.Now().Add(time.Second))
		w.must(err)
		want := map[string]bool{"paid at Stripe, not in the books": true, "another amount in the books": true, "in the books, not in Stripe's statement": true,
			"given back at Stripe, not in the books": true, "given back in the books, not in Stripe's statement": true,
			"a movement of type climate_order_purchase that the books do not know": true}
		for _, d := range r.Differences {
			delete(want, d.Problem)
		}
		if len(want) != 0 {
			t.Errorf("not found: %v in %+v", want, r.Differences)
		}
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error { // as it was: the audit looks at the end
			_, err := tx.Exec(`UPDATE payments SET amount = amount - 1 WHERE order_id = $1`, short.ID)
			return err
		}))
	})
}

// TestStatementCut lets the statement break off at any call and in the middle
// of a page: what is read twice is booked once.
func TestStatementCut(t *testing.T) {
	each(t, func(w *world) {
		s := w.statement()
		for range 3 {
			w.bought(visa)
		}
		w.stripe.Fail(stripe.Fault{On: "GET /v1/balance_transactions", Status: 500, Times: 1})
		if _, err := s.Step(w.ctx); err == nil || strings.Contains(err.Error(), "sk_test") {
			t.Errorf("a cut step: %v", err)
		}
		for range 3 {
			w.read(s)
		}
		if got, want := balanceOf(w, statement.Fees), chargeFees(w); got != want {
			t.Errorf("fees in the books are %d, want %d", got, want)
		}
	})
}

// ticket is a paid order of something there is plenty of.
func (w *world) ticket() orders.Order {
	w.Helper()
	o := w.placed(w.buyer("ann"), w.cart("ticket", 1))
	w.pay(o, visa)
	w.hear(1)
	return o
}

// TestStatementFindsRefund gives money back on Stripe's pages, and the event
// never comes: the statement tells, Stripe is asked, and the books follow.
func TestStatementFindsRefund(t *testing.T) {
	each(t, func(w *world) {
		s, o := w.statement(), w.bought(visa)
		w.byHand(o, fmt.Sprint(o.Total.Amount))
		w.heard = len(w.stripe.Events()) // lost
		w.clock.Wait(time.Minute)
		_, err := s.Step(w.ctx)
		w.must(err)
		w.rest()
		w.want(o, orders.Refunded)
		w.read(s)
		r, err := s.Between(w.ctx, w.clock.Now().Add(-time.Hour), w.clock.Now().Add(time.Second))
		w.must(err)
		if len(r.Differences) != 0 {
			t.Errorf("%+v", r.Differences)
		}
	})
}
