package expiry_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/expiry"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/rewards"
)

const day = 24 * time.Hour

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func date(month time.Month, d int) time.Time { return time.Date(2026, month, d, 12, 0, 0, 0, time.UTC) }

func points(n int64) commerce.Money {
	return commerce.Money{Amount: n, Currency: rewards.PointsCurrency}
}

// world is a shop in which points expire after 90 days.
type world struct {
	*testing.T
	db     *database.DB
	clock  *clock
	rules  expiry.Rules
	expiry *expiry.Expiry
	n      int
}

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &world{T: t, db: db, clock: &clock{date(time.January, 10)}, rules: expiry.Rules{After: 90 * day}}
		w.expiry = expiry.New(expiry.Config{DB: db, Clock: w.clock, IDs: commerce.RandomIDs{}, Rules: func() expiry.Rules { return w.rules }})
		run(w)
		if bad, err := rewards.Check(t.Context(), db); err != nil || len(bad) > 0 {
			t.Errorf("%v, %v", bad, err)
		}
		w.count(`SELECT COUNT(*) FROM balances b WHERE b.free + b.held <> (SELECT -SUM(e.amount) FROM entries e WHERE e.account = b.account AND e.currency = b.currency)`, 0)
		w.count(`SELECT COUNT(*) FROM balances b WHERE b.account LIKE 'points:%' AND b.free + b.held <> (SELECT COALESCE(SUM(d.kept), 0) FROM points_days d WHERE d.account = b.account)`, 0)
	})
}

func (w *world) write(do func(tx *database.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), do); err != nil {
		w.Fatal(err)
	}
}

func (w *world) count(query string, want int64, args ...any) {
	w.Helper()
	var n int64
	if err := w.db.Read(w.Context(), func(tx *database.Tx) error { return tx.Row(query, args...).Scan(&n) }); err != nil || n != want {
		w.Errorf("%d, %v; want %d: %s", n, err, want, query)
	}
}

func (w *world) grant(m commerce.MemberID, n int64) {
	w.Helper()
	w.n++
	w.write(func(tx *database.Tx) error {
		_, err := rewards.Grant(tx, rewards.Granted{ID: fmt.Sprint(w.n), Member: m, Amount: points(n), At: w.clock.now})
		return err
	})
}

// spend pays an order with points that it held.
func (w *world) spend(m commerce.MemberID, id string, n int64) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		_, err := rewards.Post(tx, w.clock.now, rewards.Posting{ID: id, Memo: "sale", Entries: []rewards.Entry{
			{Account: rewards.Points(m), Amount: points(n)}, {Account: rewards.PointsIssued, Amount: points(-n)}}})
		return err
	})
}

// at moves the clock and works until nothing is due.
func (w *world) at(now time.Time) {
	w.Helper()
	w.clock.now = now
	for range 10 {
		n, err := w.expiry.Step(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	w.Fatal("there is no end of it")
}

func (w *world) has(m commerce.MemberID, n int64) {
	w.Helper()
	w.count(`SELECT COALESCE(SUM(free + held), 0) FROM balances WHERE account = $1`, n, rewards.Points(m))
}

func (w *world) told(m commerce.MemberID, n int64) {
	w.Helper()
	w.count(`SELECT COUNT(*) FROM notices WHERE kind = $1 AND member_id = $2`, n, notices.PointsExpire, m)
}

func (w *world) next(m commerce.MemberID, n int64, due time.Time) {
	w.Helper()
	got, err := w.expiry.Of(w.Context(), m)
	if err != nil || got.Points != n || !got.Due.Equal(due) {
		w.Errorf("%d expire on %s, %v; want %d on %s", got.Points, got.Due, err, n, due)
	}
}

func first(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }

// TestExpires: told once 30 days before, of all that came in a month's time; the
// oldest is spent first.
func TestExpires(t *testing.T) {
	each(t, func(w *world) {
		w.grant("ann", 100) // 90 days are over on the 10th of April
		w.clock.now = date(time.January, 20)
		w.grant("ann", 50) // on the 20th
		w.at(date(time.February, 10))
		w.grant("ann", 30) // on the 11th of May
		w.next("ann", 150, first(time.May))
		w.at(date(time.March, 30))
		w.told("ann", 0)
		w.at(date(time.March, 31))
		w.told("ann", 1)
		w.at(date(time.April, 1))
		w.told("ann", 1)
		w.count(`SELECT COUNT(*) FROM notices WHERE kind = $1 AND created_at > $2`, 0, notices.PointsExpire, commerce.Micros(first(time.May).Add(-expiry.Ahead)))
		w.spend("ann", "sale", 120)
		w.next("ann", 30, first(time.May))
		if n, err := w.expiry.Told(t.Context(), "ann", first(time.May)); n != 30 || err != nil {
			t.Errorf("told of %d, %v", n, err)
		}
		w.at(first(time.May).Add(-time.Second))
		w.has("ann", 60)
		w.at(first(time.May))
		w.has("ann", 30)
		w.at(first(time.May).Add(2 * time.Hour)) // once
		w.has("ann", 30)
		w.next("ann", 30, first(time.June))
		w.count(`SELECT COUNT(*) FROM postings WHERE memo = 'expired'`, 1)
		w.count(`SELECT -SUM(amount) FROM entries WHERE account = 'points-expired'`, 30)

		// What was spent and comes back is as new.
		w.at(date(time.May, 20))
		w.write(func(tx *database.Tx) error {
			_, err := rewards.Reverse(tx, w.clock.now, "back", "sale", "refund")
			return err
		})
		w.at(first(time.June))
		w.has("ann", 120)
		w.next("ann", 120, first(time.September))
	})
}

// TestHeldDoesNotExpire: what an open order holds stays until it is paid or given up.
func TestHeldDoesNotExpire(t *testing.T) {
	each(t, func(w *world) {
		w.grant("ann", 100)
		w.grant("ben", 100)
		w.clock.now = date(time.March, 31)
		w.grant("ann", 200)
		w.at(w.clock.now)
		w.clock.now = first(time.May).Add(-time.Minute)
		for _, m := range []commerce.MemberID{"ann", "ben"} {
			w.write(func(tx *database.Tx) error {
				return rewards.Hold(tx, commerce.OrderID(m), rewards.Points(m), points(70))
			})
		}
		w.at(first(time.May))
		w.has("ann", 270)
		w.has("ben", 70)
		w.next("ann", 70, first(time.May))
		// Ann pays: what she held was of the oldest. Ben gives up: it expires.
		w.write(func(tx *database.Tx) error { return rewards.Unhold(tx, "ann") })
		w.spend("ann", "sale", 70)
		w.write(func(tx *database.Tx) error { return rewards.Unhold(tx, "ben") })
		w.at(first(time.May).Add(59 * time.Minute))
		w.has("ben", 70)
		w.at(first(time.May).Add(time.Hour))
		w.has("ann", 200)
		w.has("ben", 0)
		w.count(`SELECT COUNT(*) FROM postings WHERE memo = 'expired'`, 3)
	})
}

// TestRulesThatChange: nothing expires that was not told 30 days before; what gives
// longer counts at once.
func TestRulesThatChange(t *testing.T) {
	each(t, func(w *world) {
		w.rules.After = 0
		w.grant("ann", 100)
		w.at(date(time.December, 15))
		w.has("ann", 100)
		w.next("ann", 0, time.Time{})
		w.rules.After = 90 * day // it would have been over in May
		w.next("ann", 100, time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC))
		w.at(date(time.December, 15))
		w.told("ann", 1)
		w.at(time.Date(2027, 1, 20, 0, 0, 0, 0, time.UTC))
		w.rules.After = 400 * day
		w.next("ann", 100, time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
		w.at(time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC))
		w.has("ann", 100)
		w.told("ann", 2) // of the new date
		w.rules.After = 0
		w.at(time.Date(2027, 2, 2, 0, 0, 0, 0, time.UTC))
		w.at(time.Date(2027, 5, 2, 0, 0, 0, 0, time.UTC))
		w.rules.After = 90 * day
		w.at(time.Date(2027, 5, 2, 0, 0, 0, 0, time.UTC))
		w.has("ann", 100) // what was told before nothing expired does not count
		w.told("ann", 3)
	})
}

// TestLinkedExpires: two members who become one keep the days of both.
func TestLinkedExpires(t *testing.T) {
	each(t, func(w *world) {
		w.grant("ann", 100)
		w.at(date(time.February, 10))
		w.grant("other", 30)
		w.at(date(time.March, 31))
		w.told("ann", 1)
		w.write(func(tx *database.Tx) error { return rewards.Link(tx, w.clock.now, "other", "ann") })
		w.next("other", 100, first(time.May))
		w.at(first(time.May))
		w.has("other", 30)
		w.has("ann", 0)
		w.at(first(time.June))
		w.has("other", 0)
	})
}
