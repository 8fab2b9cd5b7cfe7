package drops_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/stock"
)

// planned is open, with other terms.
func planned(t *testing.T, db *database.DB, units, line int64, change func(*drops.Plan)) *world {
	w := open(t, db, units, line)
	p := drops.Plan{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: units}}, Mode: drops.Queue,
		Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute, Line: line}
	change(&p)
	w.drops.Declare([]drops.Plan{p})
	w.write(func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO creators (id, name, bio, position) VALUES ('ann', 'Ann', '', 1)`)
		return err
	})
	return w
}

const bowl = commerce.VariantID("bowl")

// twoSizes is a queue of jugs and bowls, of which there are units each; kept says
// what communities have of them.
func twoSizes(t *testing.T, db *database.DB, units, line int64, jugs, bowls map[commerce.CommunityID]int64, change func(*drops.Plan)) *world {
	w := planned(t, db, units, line, func(p *drops.Plan) {
		p.Units = []drops.Unit{{Variant: jug, Units: units, Allotted: jugs}, {Variant: bowl, Units: units, Allotted: bowls}}
		change(p)
	})
	w.exec(`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('bowl', 'p', '', 'Bowl', '', '', 3000, 'EUR', 1)`)
	w.write(func(tx *database.Tx) error { return stock.New(db, w.clock).SetImported(tx, bowl, units+5, false) })
	return w
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

func (w *world) follows(i int, since time.Time) {
	w.Helper()
	w.exec(`INSERT INTO follows (member_id, creator_id, created_at) VALUES ($1, 'ann', $2)`, member(i), commerce.Micros(since))
}

func (w *world) asks(i int, of string, since time.Time) {
	w.Helper()
	w.exec(`INSERT INTO drop_subscribers (of_id, member_id, created_at) VALUES ($1, $2, $3)`, of, member(i), commerce.Micros(since))
}

func (w *world) from(i int, c commerce.CommunityID, roles ...string) (drops.Entry, error) {
	return w.wants(i, jug, c, roles...)
}

func (w *world) wants(i int, v commerce.VariantID, c commerce.CommunityID, roles ...string) (drops.Entry, error) {
	return w.drops.Claim(w.ctx, drop, member(i), v, drops.Where{Bot: "tg", Chat: "1", Who: fmt.Sprint("telegram ", i), Community: c, Roles: roles})
}

func TestWhoMayTakePart(t *testing.T) {
	since := start.Add(-24 * time.Hour)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 10, 5, func(p *drops.Plan) {
			p.Who = []drops.Rule{{Follows: "ann", Since: since}, {Community: "potters", Since: since}, {Role: "77"}, {Lost: true},
				{Brand: "b", Since: since}}
		})
		w.asks(11, "b", since)
		w.asks(12, "b", since.Add(time.Second))
		w.asks(13, "c", since)
		w.follows(1, since)
		w.follows(2, since.Add(time.Second))
		w.exec(`INSERT INTO member_communities (member_id, community_id, since) VALUES ('m3', 'potters', $1), ('m4', 'potters', $2), ('m5', 'weavers', $1)`,
			commerce.Micros(since), commerce.Micros(since)+1)
		past := func(id, brand string, i int, state string, at int) {
			w.exec(`INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, created_at) VALUES ($1, $1, $2, 'over', '{}', 0, 0, 0) ON CONFLICT (id) DO NOTHING`, id, brand)
			w.exec(`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at) VALUES ($1, $2, $3, 'jug', 1, $4, 'tg', '1', $5)`,
				fmt.Sprint(id, i), id, member(i), state, at)
		}
		past("first", "b", 7, "lost", 1)
		past("first", "b", 8, "lost", 1)
		past("second", "b", 8, "sold", 2) // has got one since
		past("other", "c", 9, "lost", 1)
		past("first", "b", 10, "lapsed", 1)
		past("first", "b", 14, "lost", 1) // was only chosen to be invited, and never was
		w.exec(`UPDATE drop_entries SET bot = '' WHERE member_id = 'm14'`)
		w.opened()
		for i, want := range map[int]bool{0: false, 1: true, 2: false, 3: true, 4: false, 5: false, 7: true, 8: false, 9: false, 10: false, 11: true, 12: false, 13: false, 14: false} {
			if _, err := w.from(i, "x", "1"); (err == nil) != want || err != nil && !errors.Is(err, drops.ErrNotFor) {
				t.Errorf("member %d: %v, may take part: %t", i, err, want)
			}
		}
		if _, err := w.from(6, "x", "1", "77"); err != nil {
			t.Errorf("with the role: %v", err)
		}
		// What somebody has is theirs, whatever they were asked for.
		w.exec(`DELETE FROM follows`)
		w.clock.Wait(time.Minute)
		if e, err := w.from(1, "x"); err != nil || e.State != drops.Won {
			t.Errorf("follows no more: %+v, %v", e, err)
		}
		if s := w.stand(); s.Claimed != 5 {
			t.Errorf("%+v", s)
		}
		w.audit()
	})
}

// TestByWhichRule is told by which of several rules they take part: by the one that
// opens first, also when they do not meet it any more.
func TestByWhichRule(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 5, 5, func(p *drops.Plan) {
			p.Who = []drops.Rule{{Brand: "b", Early: 5 * time.Minute}, {Follows: "ann", Early: 30 * time.Minute}, {Role: "77", Early: 10 * time.Minute}, {}}
		})
		w.asks(1, "b", start)
		w.follows(1, start)
		w.asks(2, "b", start)
		w.opened()
		w.clock.Wait(time.Hour)
		w.step()
		for i, want := range map[int]int{1: 1, 2: 0, 3: 3} {
			if by, err := w.drops.By(w.ctx, w.get(), member(i), drops.Where{}); err != nil || by != want {
				t.Errorf("member %d can by rule %d, %v; want %d", i, by, err, want)
			}
			if e, err := w.from(i, ""); err != nil || e.Rule != want {
				t.Errorf("member %d takes part by rule %d, %v; want %d", i, e.Rule, err, want)
			}
		}
		if e, err := w.from(4, "", "77"); err != nil || e.Rule != 2 {
			t.Errorf("with the role: %+v, %v", e, err)
		}
		w.exec(`DELETE FROM follows`)
		w.clock.Wait(time.Minute)
		if e := w.mine(1); e.Rule != 1 {
			t.Errorf("by rule %d since they follow no more", e.Rule)
		}
		// Who comes again does so by the rule they meet then.
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		if e, err := w.from(1, ""); err != nil || e.Rule != 0 {
			t.Errorf("comes again by rule %d, %v", e.Rule, err)
		}
	})
}

func TestNoRule(t *testing.T) {
	w := open(t, databasetest.Open(t, "sqlite"), 5, 5).opened()
	if e, err := w.claim(1); err != nil || e.Rule != -1 || w.mine(1).Rule != -1 {
		t.Errorf("%+v, %v", e, err)
	}
	if by, err := w.drops.By(w.ctx, w.get(), member(2), drops.Where{}); by != -1 || err != nil {
		t.Errorf("%d, %v", by, err)
	}
}

func TestEarly(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 10, 5, func(p *drops.Plan) {
			p.Who = []drops.Rule{{Follows: "ann", Early: 30 * time.Minute}, {}}
		})
		w.follows(1, start)
		w.step()
		w.told()
		w.clock.Wait(29 * time.Minute)
		w.step()
		if _, err := w.from(1, ""); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("a follower before their time: %v", err)
		}
		w.clock.Wait(time.Minute)
		w.step()
		if _, err := w.from(1, ""); err != nil {
			t.Errorf("a follower: %v", err)
		}
		if _, err := w.from(2, ""); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("anybody else: %v", err)
		}
		w.clock.Wait(30 * time.Minute)
		w.step()
		if _, err := w.from(2, ""); err != nil {
			t.Errorf("anybody else, when it has opened: %v", err)
		}
	})
}

// TestAllotments keeps units for a community until they spill over.
func TestAllotments(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 5, 5, func(p *drops.Plan) {
			p.Units[0].Allotted = map[commerce.CommunityID]int64{"a": 2, "b": 2}
			p.Spills = 5 * time.Minute
		})
		w.opened()
		want := func(i int, from commerce.CommunityID, state drops.EntryState, pool commerce.CommunityID) {
			t.Helper()
			if e, err := w.from(i, from); err != nil || e.State != state || e.Pool != pool {
				t.Errorf("member %d of %q: %+v, %v; want %s from %q", i, from, e, err, state, pool)
			}
		}
		want(0, "a", drops.Won, "a")
		want(1, "a", drops.Won, "a")
		want(2, "a", drops.Won, "") // everybody's
		want(3, "a", drops.Waits, "")
		want(4, "", drops.Waits, "")
		want(5, "b", drops.Won, "b")
		w.audit()

		// What of the community's comes back goes to its next, not to the first in line.
		w.must(w.drops.Leave(w.ctx, drop, member(5)))
		w.step()
		if e := w.mine(3); e.State != drops.Waits {
			t.Errorf("has a unit of the other community: %+v", e)
		}
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		if a, other := w.mine(3), w.mine(4); a.State != drops.Won || a.Pool != "a" || other.State != drops.Waits {
			t.Errorf("the next of the community %+v, of none %+v", a, other)
		}

		// What is left spills over to the line, and what comes back later too.
		w.clock.Wait(5 * time.Minute)
		w.step()
		if e := w.mine(4); e.State != drops.Won || e.Pool != "" {
			t.Errorf("after the spill: %+v", e)
		}
		w.audit()
		d, err := w.drops.Get(w.ctx, drop)
		w.must(err)
		if total := d.Stands[0].Units; !d.Spilled || total != 5 {
			t.Errorf("spilled %t, %d units", d.Spilled, total)
		}
		for i := 6; i < 10; i++ {
			_, err := w.from(i, "b")
			w.must(err)
		}
		w.clock.Wait(10 * time.Minute) // nobody has paid
		w.step()
		w.audit()
		if s := w.stand(); s.Claimed != 3 || s.Waiting != 0 || s.For("").Units != 5 {
			t.Errorf("%+v; want all of it everybody's, and three of the line with one", s)
		}
	})
}

// TestAllotmentsOfSizes keeps other units of each of two variants: what a community
// has of one gives it nothing of the other, at the gate and behind it.
func TestAllotmentsOfSizes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := twoSizes(t, db, 4, 2, map[commerce.CommunityID]int64{"a": 3}, map[commerce.CommunityID]int64{"a": 1, "b": 2}, func(p *drops.Plan) { p.Spills = 5 * time.Minute })
		w.opened()
		want := func(i int, v commerce.VariantID, from commerce.CommunityID, state drops.EntryState, pool commerce.CommunityID) {
			t.Helper()
			if e, err := w.wants(i, v, from); err != nil || e.State != state || e.Pool != pool {
				t.Errorf("member %d of %q wants %s: %+v, %v; want %s from %q", i, from, v, e, err, state, pool)
			}
		}
		want(0, jug, "b", drops.Won, "") // has none kept of these
		want(1, jug, "b", drops.Waits, "")
		want(2, jug, "a", drops.Won, "a")
		want(3, bowl, "a", drops.Won, "a")
		want(4, bowl, "a", drops.Won, "") // everybody's
		want(5, bowl, "a", drops.Waits, "")
		want(6, bowl, "b", drops.Won, "b")
		want(7, bowl, "", drops.Waits, "")
		w.audit()
		// A bowl of b that comes back is no jug, and none of a's.
		w.must(w.drops.Leave(w.ctx, drop, member(6)))
		w.step()
		for _, i := range []int{1, 5, 7} {
			if e := w.mine(i); e.State != drops.Waits {
				t.Errorf("member %d: %+v", i, e)
			}
		}
		o, err := w.order(w.mine(3))
		w.must(err)
		w.sell(o)
		if diff := cmp.Diff([]drops.Allotment{{Variant: jug, Community: "a", Units: 3}, {Variant: bowl, Community: "a", Units: 1, Sold: 1}, {Variant: bowl, Community: "b", Units: 2}},
			w.get().Allotments()); diff != "" {
			t.Error(diff)
		}
		// What is left spills over, of each variant to those who wait for it.
		w.clock.Wait(5 * time.Minute)
		w.step()
		for _, i := range []int{1, 5, 7} {
			if e := w.mine(i); e.State != drops.Won || e.Pool != "" {
				t.Errorf("member %d after the spill: %+v", i, e)
			}
		}
		for _, s := range w.get().Stands {
			if s.Units != 4 || s.Waiting != 0 {
				t.Errorf("%+v", s)
			}
		}
		if a := w.get().Allotments(); a[1].Units != 1 || a[1].Sold != 1 {
			t.Errorf("after the spill: %+v", a)
		}
		w.audit()
	})
}

// TestAllotmentsAtTheGate lets one community come in a crowd: the units of the
// other are there for it, and the gate lets it in.
func TestAllotmentsAtTheGate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 4, 2, func(p *drops.Plan) {
			p.Units[0].Allotted = map[commerce.CommunityID]int64{"a": 2, "b": 2}
			p.Spills = 30 * time.Minute
		})
		w.opened()
		for i := range 10 {
			if _, err := w.from(i, "a"); err != nil && !errors.Is(err, drops.ErrTooLate) {
				t.Fatal(err)
			}
		}
		if e, err := w.from(20, "b"); err != nil || e.State != drops.Won {
			t.Errorf("%+v, %v", e, err)
		}
		w.clock.Wait(30 * time.Minute)
		w.step()
		w.audit()
	})
}

func TestPerPerson(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 5, 5, func(p *drops.Plan) { p.PerPerson = 2 })
		w.opened()
		seat := func(n int64) drops.Entry {
			t.Helper()
			e, err := w.drops.Claim(w.ctx, drop, member(1), jug, drops.Where{Bot: "tg", Chat: "1", Seat: n})
			w.must(err)
			return e
		}
		first := seat(0)
		second := seat(1)
		if first.ID == second.ID || second.State != drops.Won {
			t.Errorf("%+v, %+v", first, second)
		}
		for range 3 { // pressing again gains nothing
			if e := seat(0); e.ID != first.ID {
				t.Errorf("%+v", e)
			}
			if e := seat(1); e.ID != second.ID {
				t.Errorf("%+v", e)
			}
			if e := seat(7); e.ID != second.ID {
				t.Errorf("%+v", e)
			}
		}
		o, err := w.order(first)
		w.must(err)
		w.sell(o)
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		if list, err := w.drops.Own(w.ctx, drop, member(1)); err != nil || len(list) != 2 || list[0].State != drops.Sold || list[1].State != drops.Left {
			t.Errorf("%+v, %v", list, err)
		}
		if e := seat(1); e.State != drops.Won || e.ID != second.ID {
			t.Errorf("comes again: %+v", e)
		}
		// One person is one person: what a linked account brings along counts.
		e, err := w.drops.Claim(w.ctx, drop, member(2), jug, drops.Where{Bot: "dc", Chat: "2"})
		w.must(err)
		w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(3), member(2)) })
		w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(3), member(1)) })
		list, err := w.drops.Own(w.ctx, drop, member(3))
		w.must(err)
		if len(list) != 3 || !slices.ContainsFunc(list, func(o drops.Entry) bool { return o.ID == e.ID && o.State == drops.Won }) {
			t.Errorf("what was won stays won: %+v", list)
		}
		for n := range int64(3) {
			e, err := w.drops.Claim(w.ctx, drop, member(3), jug, drops.Where{Seat: n})
			if w.must(err); !slices.ContainsFunc(list, func(o drops.Entry) bool { return o.ID == e.ID }) {
				t.Errorf("a unit more: %+v", e)
			}
		}
		// A seat that is free gains nothing where two others are taken.
		w.drops.Claim(w.ctx, drop, member(4), jug, drops.Where{})
		w.must(w.drops.Leave(w.ctx, drop, member(4)))
		for _, c := range []struct {
			member int
			seat   int64
		}{{4, 1}, {5, 0}} {
			e, err := w.drops.Claim(w.ctx, drop, member(c.member), jug, drops.Where{Seat: c.seat})
			if w.must(err); e.State != drops.Won {
				t.Errorf("the gate counts a place that nobody has: %+v", e)
			}
		}
		w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(4), member(5)) })
		if e, err := w.drops.Claim(w.ctx, drop, member(4), jug, drops.Where{}); err != nil || e.Seat == 0 {
			t.Errorf("a third: %+v, %v", e, err)
		}
		w.audit()
	})
}

// TestInvite invites followers in the order in which they have followed.
func TestInvite(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 2, 5, func(p *drops.Plan) {
			p.Mode, p.PayWithin = drops.Invite, 12*time.Hour
			p.Who = []drops.Rule{{Follows: "ann"}, {Community: "potters"}, {Brand: "b"}}
			p.Closes = start.Add(48 * time.Hour)
		})
		for i := range 4 {
			w.follows(i, start.Add(-time.Duration(i)*time.Hour)) // m3 first
		}
		w.exec(`INSERT INTO member_communities (member_id, community_id, since) VALUES ('m3', 'potters', 1), ('m9', 'potters', 2)`)
		w.asks(9, "b", start)
		w.asks(11, "b", start.Add(time.Minute))
		w.asks(10, "b", start)
		quiet := false
		w.drops.Quiet = func(at time.Time) (time.Time, bool) { return at.Add(time.Hour), quiet }
		w.step()
		quiet = true // after it was announced
		w.opened()
		if e := w.mine(3); e.State != drops.Waits {
			t.Errorf("invited in the quiet hours: %+v", e)
		}
		quiet = false
		w.step()
		w.step()
		var states []drops.EntryState
		for _, i := range []int{3, 2, 1, 0, 9, 10, 11} {
			e := w.mine(i)
			if want := map[int]int{9: 1, 10: 2, 11: 2}[i]; e.Rule != want {
				t.Errorf("member %d was chosen by rule %d, want %d", i, e.Rule, want)
			}
			states = append(states, e.State)
			if e.Place != int64(len(states)) {
				t.Errorf("member %d has place %d", i, e.Place)
			}
		}
		if !slices.Equal(states, []drops.EntryState{drops.Won, drops.Won, drops.Waits, drops.Waits, drops.Waits, drops.Waits, drops.Waits}) {
			t.Errorf("%v", states)
		}
		if _, err := w.claim(5); !errors.Is(err, drops.ErrNotFor) {
			t.Errorf("not chosen: %v", err)
		}
		if e, err := w.claim(3); err != nil || e.State != drops.Won || e.Rule != 0 || !e.Until.Equal(start.Add(13*time.Hour)) {
			t.Errorf("%+v, %v", e, err)
		}
		// An order on it holds no longer than a session of Stripe; its end is not
		// that of the invitation.
		e := w.mine(3)
		o, err := w.order(e)
		w.must(err)
		var expires int64
		w.write(func(tx *database.Tx) error {
			return tx.Row(`SELECT expires_at FROM holds WHERE id = $1`, o.Hold).Scan(&expires)
		})
		if got := commerce.FromMicros(expires).Sub(w.clock.Now()); got != 29*time.Minute {
			t.Errorf("the order can wait %v", got)
		}
		w.clock.Wait(30 * time.Minute)
		w.release(o)
		if e := w.mine(3); e.State != drops.Won {
			t.Errorf("the invitation went with its order: %+v", e)
		}
		w.clock.Wait(12 * time.Hour) // neither has bought: the next two are invited
		w.step()
		if a, b, c := w.mine(1), w.mine(0), w.mine(9); a.State != drops.Won || b.State != drops.Won || c.State != drops.Waits {
			t.Errorf("%s, %s, %s", a.State, b.State, c.State)
		}
		w.audit()
		w.must(w.drops.Cancel(w.ctx, drop, "staff:s"))
		told := map[string]int{}
		w.write(func(tx *database.Tx) error {
			clear(told)
			return tx.Rows(`SELECT member_id, COUNT(*) FROM notices WHERE kind = 'drop.off' AND member_id <> '' GROUP BY member_id`, nil, func(scan func(...any) error) error {
				var m string
				var n int
				err := scan(&m, &n)
				told[m] = n
				return err
			})
		})
		if told["m1"] != 1 || told["m0"] != 1 || told["m9"] != 0 {
			t.Errorf("told that it is off: %v; m9 never knew of it", told)
		}
		w.audit()
	})
}
