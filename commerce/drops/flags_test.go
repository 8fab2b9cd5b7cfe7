package drops_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
)

// openFlags is a drop of three units in which everybody has been seen long ago.
func openFlags(t *testing.T, db *database.DB) *world {
	w := open(t, db, 3, 5)
	w.drops.Staff = func(commerce.BrandID) []commerce.MemberID { return []commerce.MemberID{member(30)} }
	w.drops.Born = func(platform, account string) (time.Time, bool) {
		at, err := time.Parse(time.DateOnly, account)
		return at, platform == "discord" && err == nil
	}
	w.drops.Card = func(context.Context, commerce.OrderID) (string, error) { return "", nil }
	return w
}

// placed writes an order down as checkout does.
func (w *world) placed(o orders.Order, street string) {
	w.Helper()
	w.exec(`INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, name, street, city, postcode, country, created_at, expires_at)
		VALUES ($1, $2, $3, 'pending', 'EUR', 0, '', $4, $1, '', '', '', $1, $5, 'Köln', '50667', 'DE', 0, 0)`, o.ID, w.holds, o.Member, o.Hold, street)
}

func (w *world) flag() {
	w.Helper()
	w.clock.Wait(time.Minute)
	_, err := w.drops.Flag(w.ctx)
	w.must(err)
}

// noticed is what is known about the entries of a drop.
func (w *world) noticed() (list []string) {
	w.Helper()
	all, err := w.drops.Flagged(w.ctx, nil, drop)
	w.must(err)
	for _, f := range all {
		var reasons []string
		for _, r := range f.Reasons {
			reasons = append(reasons, fmt.Sprint(r.Reason, r.Others))
		}
		slices.Sort(reasons)
		list = append(list, fmt.Sprint(f.Entry.Member, " ", f.State, " ", strings.Join(reasons, " ")))
	}
	slices.Sort(list)
	return list
}

// TestFlags notices who came just before, young accounts, and several members
// with one address or card: nobody loses anything by it.
func TestFlags(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := openFlags(t, db)
		account := func(i int, platform, id string) {
			w.exec(`INSERT INTO accounts (platform, account, member_id, name, username, bot, seen_at, created_at) VALUES ($1, $2, $3, '', '', '', 0, 0)`, platform, id, member(i))
		}
		account(0, "discord", "2026-02-27")
		account(1, "discord", "2026-02-28") // and an old one
		account(1, "discord", "2020-01-01")
		account(2, "telegram", "2026-03-01") // which says nothing
		w.exec(`UPDATE members SET created_at = $2 WHERE id = $1`, member(3), commerce.Micros(start.Add(-23*time.Hour)))
		w.exec(`UPDATE members SET created_at = $2 WHERE id = $1`, member(4), commerce.Micros(start.Add(-25*time.Hour)))
		w.opened()
		for i := range 5 {
			_, err := w.claim(i)
			w.must(err)
		}
		if _, err := w.drops.Flag(w.ctx); err != nil || len(w.noticed()) > 0 {
			t.Errorf("looked at while the crowd is here: %v, %v", w.noticed(), err)
		}
		for range 2 {
			w.flag()
		}
		if diff := cmp.Diff([]string{"m0 open young0", "m3 open new0"}, w.noticed()); diff != "" {
			t.Error(diff)
		}
		// 0 and 1 live in one place; 2 and 3 have kept the same card.
		for i, street := range []string{"Lange Straße 1", "lange  Str. 1"} {
			o, err := w.order(w.mine(i))
			w.must(err)
			w.placed(o, street)
			if i == 1 {
				w.sell(o)
			}
		}
		w.flag()
		if diff := cmp.Diff([]string{"m0 open address1 young0", "m1 open address1", "m3 open new0"}, w.noticed()); diff != "" {
			t.Error(diff)
		}
		// Who came after them pays with the card that 5 has kept.
		w.drops.Card = func(context.Context, commerce.OrderID) (string, error) { return "print", nil }
		w.exec(`INSERT INTO cards (id, member_id, customer, method, brand, last4, expires, added_at, fingerprint) VALUES ('c', $1, '', 'pm', '', '', '', 0, 'print')`, member(5))
		_, err := w.claim(5)
		w.must(err)
		w.exec(`DELETE FROM drop_checked WHERE id LIKE 'card:%'`)
		w.flag()
		if diff := cmp.Diff([]string{"m0 open address1 young0", "m1 open address1 card1", "m3 open new0", "m5 open card1"}, w.noticed()); diff != "" {
			t.Error(diff)
		}
		for i := range 6 {
			if e := w.mine(i); e.State != []drops.EntryState{drops.Won, drops.Sold, drops.Won, drops.Waits, drops.Waits, drops.Waits}[i] {
				t.Errorf("%d has lost by it: %s", i, e.State)
			}
		}
		// Nothing of an address or a card can be read, nor outlives the drop for long.
		w.write(func(tx *database.Tx) error {
			return tx.Rows(`SELECT mark FROM drop_marks`, nil, func(scan func(...any) error) error {
				var mark string
				err := scan(&mark)
				if len(mark) != 64 || strings.Contains(mark, "print") || strings.Contains(mark, "lange") {
					t.Errorf("kept: %q", mark)
				}
				return err
			})
		})
		w.must(w.drops.Cancel(w.ctx, drop, "staff:eve"))
		w.clock.Wait(8 * 24 * time.Hour)
		w.flag()
		w.write(func(tx *database.Tx) error {
			var n int
			err := tx.Row(`SELECT (SELECT COUNT(*) FROM drop_marks) + (SELECT COUNT(*) FROM drop_keys)`).Scan(&n)
			if n > 0 {
				t.Errorf("%d marks and keys are kept", n)
			}
			return err
		})
	})
}

// TestObjection lets a member object, and the staff decide.
func TestObjection(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := openFlags(t, db)
		w.exec(`UPDATE members SET created_at = $1`, commerce.Micros(start))
		w.opened()
		for i := range 5 {
			_, err := w.claim(i)
			w.must(err)
		}
		paying, err := w.order(w.mine(0))
		w.must(err)
		w.placed(paying, "Weg 1")
		w.flag()
		if err := w.drops.Object(w.ctx, member(2), w.mine(1).ID, "not me"); !errors.Is(err, drops.ErrNone) {
			t.Errorf("objected for another: %v", err)
		}
		for range 2 {
			w.must(w.drops.Object(w.ctx, member(1), w.mine(1).ID, "I moved here"))
		}
		if _, members := w.toldOf("staff.flag"); members != 1 {
			t.Errorf("the staff was told %d times", members)
		}
		list, err := w.drops.Flagged(w.ctx, []commerce.BrandID{"b"}, drop)
		if err != nil || len(list) != 5 || list[0].Entry.Member != member(1) || list[0].State != drops.Objected || list[0].Objection != "I moved here" {
			t.Errorf("%+v, %v", list, err)
		}
		other := []commerce.BrandID{"c"}
		for name, err := range map[string]error{
			"lists":      func() error { _, err := w.drops.Flagged(w.ctx, other, drop); return err }(),
			"clears":     w.drops.Clear(w.ctx, other, w.mine(1).ID, "staff:bea"),
			"takes back": w.drops.TakeBack(w.ctx, other, w.mine(1).ID, "staff:bea"),
		} {
			if !errors.Is(err, drops.ErrNone) {
				t.Errorf("another brand's staff %s: %v", name, err)
			}
		}
		if err := w.drops.TakeBack(w.ctx, nil, w.mine(0).ID, "staff:eve"); !errors.Is(err, drops.ErrSettled) || w.mine(0).State != drops.Won {
			t.Errorf("what is being paid was taken back: %v", err)
		}
		for range 2 {
			w.must(w.drops.Clear(w.ctx, nil, w.mine(1).ID, "staff:eve"))
			w.must(w.drops.TakeBack(w.ctx, nil, w.mine(2).ID, "staff:eve")) // won: 3 has it then
			w.must(w.drops.TakeBack(w.ctx, nil, w.mine(4).ID, "staff:eve")) // waits
		}
		var states []drops.EntryState
		for i := range 5 {
			states = append(states, w.mine(i).State)
		}
		if diff := cmp.Diff([]drops.EntryState{drops.Won, drops.Won, drops.Left, drops.Won, drops.Left}, states); diff != "" {
			t.Error(diff)
		}
		if _, err := w.claim(2); !errors.Is(err, drops.ErrTaken) {
			t.Errorf("came again: %v", err)
		}
		for kind, want := range map[string]int{"drop.cleared": 1, "drop.taken": 2, "drop.yours": 1} {
			if _, members := w.toldOf(kind); members != want {
				t.Errorf("%s was told %d times, want %d", kind, members, want)
			}
		}
		w.sell(paying)
		if err := w.drops.TakeBack(w.ctx, nil, w.mine(0).ID, "staff:eve"); !errors.Is(err, drops.ErrSettled) {
			t.Errorf("what is paid was taken back: %v", err)
		}
		var did []string
		for _, e := range w.events(drop) {
			did = append(did, strings.Fields(e)[0])
		}
		if diff := cmp.Diff([]string{"cleared", "takenback", "takenback"}, did); diff != "" {
			t.Error(diff)
		}
		w.exec(`DELETE FROM orders`) // of which only the address is there
		w.audit()
	})
}
