package drops_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

var start = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fataler is a *testing.T or a *rapid.T.
type fataler interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Error(args ...any)
	Errorf(format string, args ...any)
}

// world is a drop of some units of a variant of which there are more.
type world struct {
	fataler
	ctx   context.Context
	db    *database.DB
	clock *clocktest.Clock
	drops *drops.Drops
	redis *miniredis.Miniredis
	holds int
}

const (
	jug  = commerce.VariantID("jug")
	drop = commerce.DropID("d")
)

func open(t *testing.T, db *database.DB, units, line int64) *world {
	w := &world{fataler: t, ctx: t.Context(), db: db, clock: clocktest.At(start)}
	w.write(func(tx *database.Tx) error {
		for _, q := range []string{
			`INSERT INTO brands (id, name) VALUES ('b', 'Kiln')`,
			`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
			 VALUES ('p', 'b', 'jug', 'Jug', '', '', '', '', '', '', '', 1, 1, 1)`,
			`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('jug', 'p', '', '', '', '', 3000, 'EUR', 0)`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		for i := range 40 {
			if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, '', '', 0)`, member(i)); err != nil {
				return err
			}
		}
		return stock.New(db, w.clock).SetImported(tx, jug, units+5, false)
	})
	w.redis = miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: w.redis.Addr(), MaxRetries: -1})
	t.Cleanup(func() { client.Close() })
	w.drops = drops.New(drops.Config{DB: db, Live: live.New(client, w.clock), Clock: w.clock, IDs: commerce.RandomIDs{}, Chats: func() []drops.Chat {
		return []drops.Chat{{Bot: "tg", ID: "1", Sells: func(commerce.BrandID) bool { return true }}, {Bot: "dc", ID: "2", Sells: func(commerce.BrandID) bool { return true }}}
	}})
	w.drops.Declare([]drops.Plan{{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: units}}, Mode: drops.Queue,
		Opens: start.Add(time.Hour), Closes: start.Add(3 * time.Hour), PayWithin: 10 * time.Minute, Line: line}})
	return w
}

func member(i int) commerce.MemberID { return commerce.MemberID("m" + strconv.Itoa(i)) }

func (w *world) write(fn func(*database.Tx) error) {
	w.Helper()
	w.must(w.db.Write(w.ctx, fn))
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) step() {
	w.Helper()
	for range 20 {
		n, err := w.drops.Step(w.ctx)
		w.must(err)
		if n == 0 {
			return
		}
	}
	w.Fatal("never comes to rest")
}

// told lets the outbox have sent everything.
func (w *world) told() {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE notices SET state = 'sent' WHERE state = 'due'`)
		return err
	})
}

// opened brings the drop to where it can be claimed.
func (w *world) opened() *world {
	w.Helper()
	w.step()
	w.told()
	w.clock.Wait(time.Hour)
	w.step()
	return w
}

func (w *world) claim(i int) (drops.Entry, error) {
	return w.drops.Claim(w.ctx, drop, member(i), jug, drops.Where{Bot: "tg", Chat: "1", Who: "telegram " + strconv.Itoa(i)})
}

func (w *world) mine(i int) drops.Entry {
	w.Helper()
	e, err := w.drops.Mine(w.ctx, drop, member(i))
	w.must(err)
	return e
}

func (w *world) stand() drops.Stand {
	w.Helper()
	d, err := w.drops.Get(w.ctx, drop)
	w.must(err)
	return d.Stands[0]
}

func (w *world) entry(id commerce.EntryID) drops.Entry {
	w.Helper()
	e, err := w.drops.Entry(w.ctx, id)
	w.must(err)
	return e
}

// order does what checkout does when an order is placed on a claim.
func (w *world) order(e drops.Entry) (orders.Order, error) {
	w.holds++
	o := orders.Order{ID: commerce.OrderID(fmt.Sprint("o", w.holds)), Hold: commerce.HoldID(fmt.Sprint("h", w.holds)), Member: e.Member, Claim: string(e.ID),
		Lines: []orders.Line{{Kind: pricing.KindItem, Variant: e.Variant, Quantity: 1}}}
	return o, w.db.Write(w.ctx, func(tx *database.Tx) error {
		from, until, err := w.drops.Ordered(tx, o)
		if err != nil {
			return err
		}
		return stock.Take(tx, w.clock.Now(), stock.Hold{ID: o.Hold, Member: o.Member, Expires: until, Lines: []stock.Line{{Variant: e.Variant, Quantity: 1, From: from}}})
	})
}

func (w *world) sell(o orders.Order) {
	w.Helper()
	w.write(func(tx *database.Tx) error { return errors.Join(stock.Sell(tx, o.Hold), w.drops.Sold(tx, o)) })
}

func (w *world) release(o orders.Order) {
	w.Helper()
	w.write(func(tx *database.Tx) error { return errors.Join(stock.Release(tx, o.Hold), w.drops.Released(tx, o)) })
}

// late does what checkout does with money for an order that had lapsed.
func (w *world) late(o orders.Order) error {
	return w.db.Write(w.ctx, func(tx *database.Tx) error {
		from, err := w.drops.Late(tx, o)
		if err != nil {
			return err
		}
		if err := stock.Retake(tx, o.Hold, from); err != nil {
			return err
		}
		return errors.Join(stock.Sell(tx, o.Hold), w.drops.Sold(tx, o))
	})
}

// audit checks the truths about money and goods, those of drops among them.
func (w *world) audit() {
	w.Helper()
	broken, _, err := checkout.Audit(w.ctx, w.db)
	if err != nil || len(broken) > 0 {
		w.Fatalf("audit: %v, %v", broken, err)
	}
}

func TestOpensOnceEverybodyIsTold(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.step()
		w.clock.Wait(time.Hour + time.Minute) // the outbox is slow
		w.step()
		if _, err := w.claim(1); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("claimed before everybody was told: %v", err)
		}
		w.write(func(tx *database.Tx) error { // one group is told, the other can never be
			_, err := tx.Exec(`UPDATE notices SET state = CASE WHEN bot = 'tg' THEN 'sent' ELSE 'sending' END WHERE kind = 'drop.post'`)
			return err
		})
		w.step()
		if _, err := w.claim(1); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("claimed before everybody was told: %v", err)
		}
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE notices SET state = 'dead' WHERE kind = 'drop.post' AND bot = 'dc'`)
			return err
		})
		w.clock.Wait(5 * time.Minute) // the opening has moved
		w.step()
		if e, err := w.claim(1); err != nil || e.State != drops.Won {
			t.Errorf("claimed: %+v, %v", e, err)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 3, 5).opened()
		var wg sync.WaitGroup
		for i := range 20 {
			for range 2 { // everybody presses twice
				wg.Go(func() {
					if _, err := w.claim(i); err != nil && !errors.Is(err, drops.ErrTooLate) {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if s := w.stand(); s.Claimed != 3 || s.Waiting != 5 {
			t.Errorf("%+v; want 3 claimed, 5 waiting", s)
		}
		w.audit()
	})
}

// TestLine follows two units: one is paid, one comes back and goes down the line.
func TestLine(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 3).opened()
		for i := range 6 {
			if _, err := w.claim(i); i == 5 != errors.Is(err, drops.ErrTooLate) {
				t.Fatal(i, err)
			}
		}
		if e := w.mine(4); e.State != drops.Waits || e.Ahead != 2 || e.Place != 5 {
			t.Errorf("the last in line: %+v", e)
		}
		o, err := w.order(w.mine(0))
		w.must(err)
		if err := w.drops.Leave(w.ctx, drop, member(0)); !errors.Is(err, drops.ErrPaying) {
			t.Errorf("gave up what is being paid: %v", err)
		}
		w.must(w.drops.Leave(w.ctx, drop, member(2)))
		w.clock.Wait(10 * time.Minute)
		w.step()
		// The order may still be paid: its unit waits for it. The other went past the one who left.
		if a, b, c, d := w.mine(0), w.mine(1), w.mine(2), w.mine(3); a.State != drops.Won || b.State != drops.Lapsed || c.State != drops.Left || d.State != drops.Won {
			t.Errorf("%s, %s, %s, %s", a.State, b.State, c.State, d.State)
		}
		w.audit()
		w.release(o)
		if a, e := w.mine(0), w.mine(4); a.State != drops.Lapsed || e.State != drops.Won {
			t.Errorf("after its order lapsed: %s, the next %s", a.State, e.State)
		}
		if _, err := w.order(w.mine(0)); !errors.Is(err, drops.ErrLapsed) {
			t.Errorf("ordered what is another's: %v", err)
		}
		for _, i := range []int{3, 4} {
			o, err := w.order(w.mine(i))
			w.must(err)
			w.sell(o)
		}
		if _, err := w.claim(0); !errors.Is(err, drops.ErrTooLate) {
			t.Errorf("claimed of nothing: %v", err)
		}
		w.step()
		if d, err := w.drops.Get(w.ctx, drop); err != nil || d.State != drops.Over || d.Left() != 0 {
			t.Errorf("%s with %d left, %v", d.State, d.Left(), err)
		}
		w.audit()
	})
}

func TestOrderWithinItsTime(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 3).opened()
		e, err := w.claim(0)
		w.must(err)
		_, err = w.claim(1)
		w.must(err)
		o, err := w.order(e)
		w.must(err)
		if _, err := w.order(e); !errors.Is(err, drops.ErrLapsed) {
			t.Errorf("two orders on one unit: %v", err)
		}
		w.release(o) // cancelled, to be placed again
		if got := w.mine(0); got.State != drops.Won || got.Order != "" {
			t.Errorf("it stays theirs within their time: %+v", got)
		}
		w.clock.Wait(10 * time.Minute)
		if _, err := w.order(e); !errors.Is(err, drops.ErrLapsed) {
			t.Errorf("ordered when its time was over: %v", err)
		}
		w.clock.Wait(-time.Minute)
		o, err = w.order(e)
		w.must(err)
		w.sell(o)
		w.sell(o)
		if s, lost := w.stand(), w.mine(1); s.Sold != 1 || s.Claimed != 0 || lost.State != drops.Lost {
			t.Errorf("%+v, the one in line %s", s, lost.State)
		}
		w.audit()
	})
}

// TestLateMoney comes after the unit went on, while it is with the next, and
// after the drop.
func TestLateMoney(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 3).opened()
		e, err := w.claim(0)
		w.must(err)
		o, err := w.order(e)
		w.must(err)
		_, err = w.claim(1)
		w.must(err)
		w.clock.Wait(11 * time.Minute)
		w.release(o)
		w.must(w.late(o)) // of what the shop has beside the drop
		if next, s := w.mine(1), w.stand(); next.State != drops.Won || s.Sold != 0 {
			t.Errorf("what the next was told is theirs: %s, %+v", next.State, s)
		}
		w.audit()
		next, err := w.order(w.mine(1))
		w.must(err)
		w.clock.Wait(11 * time.Minute)
		w.release(next)
		w.must(w.late(next)) // nobody has it, nobody waits
		if got, s := w.mine(1), w.stand(); got.State != drops.Sold || s.Sold != 1 {
			t.Errorf("late, of the drop: %s, %+v", got.State, s)
		}
		w.audit()
	})
}

func TestLinkedAccounts(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(w *world)
		want []drops.EntryState // by seat
	}{
		"only the other":    {func(w *world) { w.claim(1) }, []drops.EntryState{drops.Won}},
		"both won":          {func(w *world) { w.claim(0); w.claim(1) }, []drops.EntryState{drops.Won, drops.Won}},
		"won and in line":   {func(w *world) { w.claim(0); w.claim(2); w.claim(1) }, []drops.EntryState{drops.Won, drops.Left}},
		"in line and won":   {func(w *world) { w.claim(1); w.claim(2); w.claim(0) }, []drops.EntryState{drops.Won, drops.Left}},
		"both in line":      {func(w *world) { w.claim(2); w.claim(3); w.claim(0); w.claim(1) }, []drops.EntryState{drops.Waits, drops.Left}},
		"the other's first": {func(w *world) { w.claim(2); w.claim(3); w.claim(1); w.claim(0) }, []drops.EntryState{drops.Waits, drops.Left}},
	} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				w := open(t, db, 2, 5).opened()
				c.do(w)
				w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(0), member(1)) })
				var got []drops.EntryState
				w.write(func(tx *database.Tx) error {
					got = nil
					return tx.Rows(`SELECT state FROM drop_entries WHERE member_id = 'm0' ORDER BY seat`, nil, func(scan func(...any) error) error {
						var s drops.EntryState
						err := scan(&s)
						got = append(got, s)
						return err
					})
				})
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
				w.audit()
			})
		})
	}
}

// TestLateMoneyInAPause: what comes back while nothing is handed out is for those
// who wait, and late money buys of what the shop has beside the drop. Where nobody
// waits it buys of the drop.
func TestLateMoneyInAPause(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 3).opened()
		e, err := w.claim(0)
		w.must(err)
		o, err := w.order(e)
		w.must(err)
		for i := range 2 {
			_, err := w.claim(i + 1)
			w.must(err)
		}
		w.clock.Wait(11 * time.Minute)
		w.release(o) // it is the next one's
		w.must(w.drops.Pause(w.ctx, drop, "staff:s", true))
		w.must(w.drops.Leave(w.ctx, drop, member(1)))
		w.must(w.late(o))
		if s := w.stand(); s.Sold != 0 || s.Waiting != 1 {
			t.Errorf("late money took what somebody waits for: %+v", s)
		}
		w.must(w.drops.Pause(w.ctx, drop, "staff:s", false))
		if e := w.mine(2); e.State != drops.Won {
			t.Errorf("who waited has %s", e.State)
		}
		w.audit()
		o, err = w.order(w.mine(2))
		w.must(err)
		w.clock.Wait(11 * time.Minute)
		w.release(o)
		w.must(w.drops.Pause(w.ctx, drop, "staff:s", true))
		w.must(w.late(o))
		if s := w.stand(); s.Sold != 1 {
			t.Errorf("nobody waits for it: %+v", s)
		}
		w.audit()
	})
}
