package creatorpay_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/creatorpay"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/sandbox/stripe"
)

// world is a shop with money at Stripe, and Mira, who earned some of it.
type world struct {
	*testing.T
	ctx    context.Context
	db     *database.DB
	clock  *clocktest.Clock
	stripe *stripe.Server
	terms  creatorpay.Terms
	pay    *creatorpay.Payer
	people *members.Members
	mira   commerce.MemberID
	earned int
	began  int64 // the balance at Stripe
	api    string
}

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &world{T: t, ctx: t.Context(), db: db, clock: clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), terms: creatorpay.Terms{Money: true, Least: 1000}}
		w.stripe = stripe.New(stripe.Config{Clock: w.clock.Now, Key: "sk_test_x"})
		t.Cleanup(w.stripe.Close)
		server := httptest.NewServer(w.stripe.Handler())
		t.Cleanup(server.Close)
		w.stripe.Charge(100_000, "EUR")
		w.began, w.api = w.stripe.Balance("eur"), server.URL
		w.pay = creatorpay.New(creatorpay.Config{DB: db, Clock: w.clock, IDs: commerce.RandomIDs{}, Log: slog.New(slog.DiscardHandler),
			Stripe: payments.New(payments.Config{Key: "sk_test_x", Endpoint: server.URL}),
			Admins: func() []commerce.MemberID { return []commerce.MemberID{"boss"} },
			Terms:  func() creatorpay.Terms { return w.terms }, Back: func() string { return "https://shop.example.com/connected" }})
		w.people = members.New(db, w.clock, commerce.RandomIDs{})
		w.people.OnLink(func(tx *database.Tx, keep, gone commerce.MemberID) error {
			return rewards.Link(tx, w.clock.Now(), keep, gone)
		})
		w.people.OnLink(creatorpay.Link)
		w.people.OnErase(creatorpay.Erase)
		w.mira = w.member("mira")
		run(w)
		w.sound()
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) member(name string) commerce.MemberID {
	w.Helper()
	m, err := w.people.Meet(w.ctx, members.Seen{Platform: "telegram", Account: name, Name: name, Locale: "en", Bot: "tg", Private: true})
	w.must(err)
	return m.ID
}

func money(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// earn gives a creator money that nothing can take back any more.
func (w *world) earn(m commerce.MemberID, n int64) {
	w.Helper()
	w.earned++
	w.write(func(tx *database.Tx) error {
		_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "test:" + string(rune('a'+w.earned)), Memo: "earned", Entries: []rewards.Entry{
			{Account: rewards.Creators, Amount: money(n)}, {Account: rewards.Income(m), Amount: money(-n)}}})
		return err
	})
}

func (w *world) write(do func(*database.Tx) error) {
	w.Helper()
	w.must(w.db.Write(w.ctx, do))
}

// connect gives a creator an account that is set up.
func (w *world) connect(m commerce.MemberID) string {
	w.Helper()
	page, err := w.pay.Connect(w.ctx, m)
	w.must(err)
	_, err = w.stripe.SetUp(page)
	w.must(err)
	a, err := w.pay.Look(w.ctx, m)
	w.must(err)
	if !a.Ready {
		w.Fatalf("the account is not ready: %+v", a)
	}
	return a.ID
}

func (w *world) step() {
	w.Helper()
	_, err := w.pay.Step(w.ctx)
	w.must(err)
}

func (w *world) has(a rewards.Account) (n int64) {
	w.Helper()
	list, err := rewards.Balances(w.ctx, w.db)
	w.must(err)
	for _, b := range list {
		if b.Account == a {
			n = -b.Amount.Amount
		}
	}
	return n
}

func (w *world) want(free, way, gone int64) {
	w.Helper()
	if got := [3]int64{w.has(rewards.Income(w.mira)), w.has("due:creators"), w.has(rewards.Cash + ":transfers")}; got != [3]int64{free, way, gone} {
		w.Errorf("balance, on its way and transferred are %v, want %v", got, [3]int64{free, way, gone})
	}
}

// sound checks that the books sum to zero, and that what left them for the
// creators is what they have at Stripe.
func (w *world) sound() {
	w.Helper()
	wrong, err := rewards.Check(w.ctx, w.db)
	w.must(err)
	list, err := rewards.Balances(w.ctx, w.db)
	w.must(err)
	sum, out := int64(0), int64(0)
	for _, b := range list {
		sum += b.Amount.Amount
		if b.Account == rewards.Cash+":transfers" {
			out = -b.Amount.Amount
		}
	}
	there := w.began - w.stripe.Balance("eur")
	if len(wrong) > 0 || sum != 0 || out != there {
		w.Errorf("the books are off by %d (%v); %d left them, and Stripe's balance is less by %d", sum, wrong, out, there)
	}
}

// TestPaid pays what somebody earned, above the minimum, once.
func TestPaid(t *testing.T) {
	each(t, func(w *world) {
		ask := func(want error) {
			w.Helper()
			if _, err := w.pay.Ask(w.ctx, w.mira, "EUR"); !errors.Is(err, want) {
				w.Errorf("asked: %v, want %v", err, want)
			}
		}
		w.earn(w.mira, 999)
		ask(creatorpay.ErrNoAccount)
		page, err := w.pay.Connect(w.ctx, w.mira)
		w.must(err)
		ask(creatorpay.ErrNotReady)
		if a, err := w.pay.Look(w.ctx, w.mira); err != nil || a.Ready {
			w.Errorf("nobody set it up: %+v, %v", a, err)
		}
		_, err = w.stripe.SetUp(page)
		w.must(err)
		a, err := w.pay.Look(w.ctx, w.mira)
		w.must(err)
		ask(creatorpay.ErrLeast)
		w.want(999, 0, 0)
		w.earn(w.mira, 1)
		ask(nil)
		ask(creatorpay.ErrLeast)
		w.want(0, 1000, 0)
		w.step()
		w.step()
		w.want(0, 0, 1000)
		if n := w.stripe.Connected(a.ID, "eur"); n != 1000 {
			w.Errorf("the account has %d", n)
		}
		list, err := w.pay.Of(w.ctx, w.mira, 9)
		w.must(err)
		if len(list) != 1 || list[0].State != creatorpay.Sent || list[0].Amount != money(1000) || list[0].SentAt.IsZero() {
			w.Errorf("%+v", list)
		}
	})
}

// TestAskedTwice asks with two devices at the same moment.
func TestAskedTwice(t *testing.T) {
	each(t, func(w *world) {
		w.earn(w.mira, 3000)
		account := w.connect(w.mira)
		var wait sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			wait.Go(func() { _, errs[i] = w.pay.Ask(w.ctx, w.mira, "EUR") })
		}
		wait.Wait()
		n := 0
		for _, err := range errs {
			switch {
			case err == nil:
				n++
			case !errors.Is(err, creatorpay.ErrLeast):
				w.Error(err)
			}
		}
		var steps sync.WaitGroup
		for range 3 {
			steps.Go(func() { w.pay.Step(w.ctx) })
		}
		steps.Wait()
		w.want(0, 0, 3000)
		if got := w.stripe.Connected(account, "eur"); n != 1 || got != 3000 {
			w.Errorf("%d payouts, %d on the account", n, got)
		}
	})
}

// TestAnswerLost: Stripe makes the transfer and its answer is lost, again and
// again, for longer than it knows a key. There is one.
func TestAnswerLost(t *testing.T) {
	each(t, func(w *world) {
		w.earn(w.mira, 3000)
		account := w.connect(w.mira)
		_, err := w.pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		w.stripe.Fail(stripe.Fault{On: "POST /v1/transfers", Status: 500, Act: true, Times: 1})
		w.step()
		w.want(0, 3000, 0)
		w.stripe.Fail(stripe.Fault{On: "GET /v1/transfers", Status: 500, Times: 1})
		w.clock.Wait(10 * time.Minute)
		w.step()
		w.want(0, 3000, 0)
		w.clock.Wait(50 * time.Hour) // the key is forgotten
		w.step()
		w.want(0, 0, 3000)
		if n := w.stripe.Connected(account, "eur"); n != 3000 {
			w.Errorf("the account has %d", n)
		}
	})
}

// TestDied: the process ends after Stripe's answer and before it is written down.
func TestDied(t *testing.T) {
	each(t, func(w *world) {
		w.earn(w.mira, 3000)
		account := w.connect(w.mira)
		one, err := w.pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		_, err = w.pay.Stripe.Transfer(w.ctx, payments.Transfer{Group: "creator:" + one.ID, Account: account, Amount: one.Amount, Key: one.Key})
		w.must(err)
		w.step() // the same call with the same key
		w.want(0, 0, 3000)
		if n := w.stripe.Connected(account, "eur"); n != 3000 {
			w.Errorf("the account has %d", n)
		}
	})
}

// TestRefused: what Stripe says no to is in the balance again, and is paid once
// its owner has been on Stripe's page.
func TestRefused(t *testing.T) {
	each(t, func(w *world) {
		w.earn(w.mira, 3000)
		account := w.connect(w.mira)
		_, err := w.pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		w.stripe.Connect(account, false)
		w.step()
		w.want(3000, 0, 0)
		list, err := w.pay.Of(w.ctx, w.mira, 9)
		w.must(err)
		if len(list) != 1 || list[0].State != creatorpay.Failed || !strings.Contains(list[0].Problem, "apabilities") {
			w.Errorf("%+v", list)
		}
		if told := databasetest.Told(w.T, w.db); told != "creator.unpaid "+string(w.mira)+", staff.unpaid boss" {
			w.Errorf("told: %s", told)
		}
		if _, err := w.pay.Ask(w.ctx, w.mira, "EUR"); !errors.Is(err, creatorpay.ErrNotReady) {
			w.Errorf("asked again: %v", err)
		}
		w.stripe.Connect(account, true)
		_, err = w.pay.Look(w.ctx, w.mira)
		w.must(err)
		_, err = w.pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		w.step()
		w.want(0, 0, 3000)
	})
}

// TestReversed: what a person takes back on Stripe's pages is in the balance
// again, less what is owed.
func TestReversed(t *testing.T) {
	each(t, func(w *world) {
		w.earn(w.mira, 3000)
		w.connect(w.mira)
		_, err := w.pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		w.step()
		list, err := w.pay.Of(w.ctx, w.mira, 1)
		w.must(err)
		sent := list[0].Transfer
		back := func(n int64) {
			_, err := payments.New(payments.Config{Key: "sk_test_x", Endpoint: w.api}).Reverse(w.ctx, payments.Reversal{Transfer: sent, Amount: money(n), Key: "hand" + money(n).Decimal()})
			w.must(err)
			for range 2 {
				w.must(w.pay.Reversed(w.ctx, sent))
			}
		}
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO earning_debts (member_id, currency, owed) VALUES ($1, 'EUR', 300)`, w.mira)
			return err
		})
		back(1000)
		w.want(700, 0, 2000)
		back(500)
		w.want(1200, 0, 1500)
		w.must(w.pay.Reversed(w.ctx, "tr_ofabrand"))
		w.write(func(tx *database.Tx) error {
			if n, err := earnings.Owed(tx, w.mira, "EUR"); n != 0 {
				w.Errorf("%d are owed, %v", n, err)
			}
			return nil
		})
	})
}

// TestSchedule pays by itself: those who have enough, once in the time.
func TestSchedule(t *testing.T) {
	each(t, func(w *world) {
		w.earn(w.mira, 3000)
		w.connect(w.mira)
		w.step()
		w.want(3000, 0, 0) // nobody asked
		w.terms.Every = 30 * 24 * time.Hour
		w.step()
		w.want(0, 0, 3000)
		w.earn(w.mira, 2000)
		w.clock.Wait(20 * 24 * time.Hour)
		w.step()
		w.want(2000, 0, 3000)
		w.clock.Wait(11 * 24 * time.Hour)
		w.step()
		w.want(0, 0, 5000)
		w.earn(w.mira, 999)
		w.clock.Wait(31 * 24 * time.Hour)
		w.step()
		w.want(999, 0, 5000)
		w.terms.Money = false
		w.earn(w.mira, 999)
		w.clock.Wait(31 * 24 * time.Hour)
		w.step()
		w.want(1998, 0, 5000)
	})
}

// TestOnePerson: who links their accounts is paid to one of them, and what is on
// its way arrives.
func TestOnePerson(t *testing.T) {
	each(t, func(w *world) {
		old := w.member("mira-elsewhere")
		w.earn(old, 2000)
		account := w.connect(old)
		_, err := w.pay.Ask(w.ctx, old, "EUR")
		w.must(err)
		w.earn(old, 1500)
		w.write(func(tx *database.Tx) error {
			if err := rewards.Link(tx, w.clock.Now(), w.mira, old); err != nil {
				return err
			}
			return creatorpay.Link(tx, w.mira, old)
		})
		w.step()
		w.want(1500, 0, 2000)
		_, err = w.pay.Ask(w.ctx, w.mira, "EUR")
		w.must(err)
		w.step()
		w.want(0, 0, 3500)
		list, err := w.pay.Of(w.ctx, w.mira, 9)
		w.must(err)
		if n := w.stripe.Connected(account, "eur"); n != 3500 || len(list) != 2 {
			w.Errorf("the account has %d, of %d payouts", n, len(list))
		}
	})
}
