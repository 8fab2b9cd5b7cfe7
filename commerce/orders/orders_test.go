package orders_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type world struct {
	*testing.T
	db *database.DB
	s  *orders.Orders
	n  int
}

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &world{T: t, db: db, s: orders.New(db)}
		for _, m := range []string{"ann", "ben"} {
			w.write(func(tx *database.Tx) error {
				_, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, $1, 'en', 1)`, m)
				return err
			})
		}
		run(w)
	})
}

func (w *world) write(fn func(tx *database.Tx) error) {
	w.Helper()
	if err := w.db.Write(w.Context(), fn); err != nil {
		w.Fatal(err)
	}
}

// order writes a pending order of one good of a brand.
func (w *world) order(m commerce.MemberID, b commerce.BrandID) orders.Order {
	w.Helper()
	w.n++
	eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	o := orders.Order{
		ID: commerce.OrderID(fmt.Sprint("o", w.n)), Number: int64(10_000_000 + w.n), Member: m, State: orders.Pending, Total: eur(1490),
		Quote: "q", Hold: commerce.HoldID(fmt.Sprint("h", w.n)), Token: fmt.Sprint("t", w.n), Locale: "en", Community: "c", Platform: "telegram", Bot: "tg",
		Address:   orders.Address{Name: "Ann", Street: "Weg 1", City: "Berlin", Postcode: "10115", Country: "DE"},
		CreatedAt: start.Add(time.Duration(w.n/3) * time.Minute), ExpiresAt: start.Add(time.Hour),
		Lines: []orders.Line{
			{Kind: pricing.KindItem, Label: "Cup", Detail: "Blue", Brand: b, Product: "p", Variant: "v", SKU: "S", Pick: "k", Creator: "mira", Quantity: 1, Unit: eur(1000), Amount: eur(1000), Included: eur(0), Discount: eur(0)},
			{Kind: pricing.KindShipping, Label: "Post", Brand: b, Unit: eur(0), Amount: eur(490), Included: eur(0), Discount: eur(0)},
		},
	}
	w.write(func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO holds (id, member_id, state, expires_at, created_at) VALUES ($1, $2, 'held', 1, 1)`, o.Hold, m); err != nil {
			return err
		}
		return orders.Create(tx, o, "member")
	})
	return o
}

func (w *world) move(o orders.Order, steps ...orders.State) {
	w.Helper()
	from := orders.Pending
	for _, to := range steps {
		w.write(func(tx *database.Tx) error {
			ok, err := orders.Move(tx, o.ID, from, to, start.Add(time.Hour), "test")
			if !ok && err == nil {
				err = fmt.Errorf("%s → %s did not happen", from, to)
			}
			return err
		})
		from = to
	}
}

func TestWrittenAndRead(t *testing.T) {
	each(t, func(w *world) {
		want := w.order("ann", "acme")
		for name, get := range map[string]func() (orders.Order, error){
			"id":     func() (orders.Order, error) { return w.s.Get(t.Context(), want.ID) },
			"token":  func() (orders.Order, error) { return w.s.ByToken(t.Context(), want.Token) },
			"number": func() (orders.Order, error) { return w.s.ByNumber(t.Context(), want.Number) },
		} {
			got, err := get()
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("by %s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		if _, err := w.s.Get(t.Context(), "none"); !errors.Is(err, orders.ErrNotFound) {
			t.Errorf("none: %v", err)
		}
	})
}

func TestStates(t *testing.T) {
	all := []orders.State{orders.Pending, orders.Closing, orders.Lapsed, orders.Paid, orders.Shipped, orders.Cancelled, orders.Refunded}
	// How to come to a state, and where one may go from there.
	paths := map[orders.State][]orders.State{
		orders.Pending: {}, orders.Closing: {orders.Closing}, orders.Lapsed: {orders.Closing, orders.Lapsed}, orders.Paid: {orders.Paid},
		orders.Shipped: {orders.Paid, orders.Shipped}, orders.Cancelled: {orders.Paid, orders.Cancelled}, orders.Refunded: {orders.Paid, orders.Refunded},
	}
	may := map[orders.State]string{
		orders.Pending: "closing paid lapsed", orders.Closing: "paid lapsed", orders.Lapsed: "paid refunded",
		orders.Paid: "shipped cancelled refunded", orders.Shipped: "refunded",
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		each := func(from, to orders.State) bool {
			for _, s := range strings.Fields(may[from]) {
				if s == string(to) {
					return true
				}
			}
			return false
		}
		w := &world{T: t, db: db, s: orders.New(db)}
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'ann', 'en', 1)`)
			return err
		})
		for _, from := range all {
			for _, to := range all {
				o := w.order("ann", "acme")
				w.move(o, paths[from]...)
				var ok bool
				err := db.Write(t.Context(), func(tx *database.Tx) (err error) {
					ok, err = orders.Move(tx, o.ID, from, to, start, "test")
					return err
				})
				if want := each(from, to); ok != want || (err == nil) != want {
					t.Errorf("%s → %s: %v, %v; want %v", from, to, ok, err, want)
				}
			}
		}
	})
}

func TestOneWins(t *testing.T) {
	each(t, func(w *world) {
		o := w.order("ann", "acme")
		w.move(o, orders.Paid)
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 12 {
			to := []orders.State{orders.Shipped, orders.Cancelled, orders.Refunded}[i%3]
			wg.Go(func() {
				err := w.db.Write(t.Context(), func(tx *database.Tx) error {
					ok, err := orders.Move(tx, o.ID, orders.Paid, to, start, "test")
					if ok {
						tx.After(func() { won.Add(1) })
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	})
}

// TestPages reads page by page while new orders come in at the head: nothing
// twice, nothing left out.
func TestPages(t *testing.T) {
	each(t, func(w *world) {
		var want []commerce.OrderID
		for range 11 {
			o := w.order("ann", "acme")
			want = append([]commerce.OrderID{o.ID}, want...)
		}
		w.order("ben", "other")
		seen, cursor := map[commerce.OrderID]bool{}, ""
		for pages := 0; ; pages++ {
			p, err := w.s.OfMember(t.Context(), "ann", cursor, 4)
			if err != nil || len(p.Next) > 24 || pages > 5 {
				t.Fatalf("page %d: next %q, %v", pages, p.Next, err)
			}
			for _, o := range p.Items {
				if seen[o.ID] {
					t.Errorf("%s twice", o.ID)
				}
				seen[o.ID] = true
			}
			if cursor = p.Next; cursor == "" {
				break
			}
			w.n += 30
			w.order("ann", "acme") // at the head
		}
		for _, id := range want {
			if !seen[id] {
				t.Errorf("%s left out", id)
			}
		}
		if p, err := w.s.OfMember(t.Context(), "ann", "not a cursor of ours", 3); err != nil || len(p.Items) != 3 {
			t.Errorf("a cursor of somebody's: %d, %v", len(p.Items), err)
		}
	})
}

func TestOfBrands(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.order("ann", "acme"), w.order("ben", "other")
		w.move(a, orders.Paid)
		w.move(b, orders.Paid)
		w.order("ben", "acme") // pending: nobody's business
		for _, c := range []struct {
			brands []commerce.BrandID
			want   int
		}{{nil, 2}, {[]commerce.BrandID{"acme"}, 1}, {[]commerce.BrandID{"acme", "other"}, 2}, {[]commerce.BrandID{}, 0}, {[]commerce.BrandID{"'"}, 0}} {
			p, err := w.s.OfBrands(t.Context(), c.brands, []orders.State{orders.Paid, orders.Shipped}, "", 10)
			if err != nil || len(p.Items) != c.want {
				t.Errorf("%v: %d orders, %v; want %d", c.brands, len(p.Items), err, c.want)
			}
		}
	})
}

func TestErase(t *testing.T) {
	each(t, func(w *world) {
		open, done := w.order("ann", "acme"), w.order("ann", "acme")
		w.move(open, orders.Paid)
		w.move(done, orders.Paid, orders.Shipped)
		w.write(func(tx *database.Tx) error {
			if _, err := tx.Exec(`UPDATE members SET erased_at = 1 WHERE id = 'ann'`); err != nil {
				return err
			}
			return orders.Erase(tx, "ann")
		})
		street := func(o orders.Order) string {
			o, err := w.s.Get(t.Context(), o.ID)
			if err != nil {
				t.Fatal(err)
			}
			return o.Address.Name + o.Address.Street + o.Address.Postcode + o.Address.City
		}
		if street(done) != "" || street(open) == "" {
			t.Errorf("sent: %q, still to be sent: %q", street(done), street(open))
		}
		w.write(func(tx *database.Tx) error {
			_, err := orders.Move(tx, open.ID, orders.Paid, orders.Shipped, start, "test")
			return err
		})
		if street(open) != "" {
			t.Errorf("once sent: %q", street(open))
		}
	})
}

func TestForgetLapsed(t *testing.T) {
	each(t, func(w *world) {
		lapsed, young, paid := w.order("ann", "acme"), w.order("ann", "acme"), w.order("ann", "acme")
		w.move(lapsed, orders.Closing, orders.Lapsed)
		w.move(young, orders.Closing, orders.Lapsed)
		w.move(paid, orders.Paid)
		w.write(func(tx *database.Tx) error {
			if _, err := tx.Exec(`UPDATE orders SET closed_at = 1 WHERE id = $1`, lapsed.ID); err != nil {
				return err
			}
			return orders.ForgetLapsed(tx, start)
		})
		for o, kept := range map[commerce.OrderID]bool{lapsed.ID: false, young.ID: true, paid.ID: true} {
			got, err := w.s.Get(t.Context(), o)
			if err != nil || (got.Address.Street != "") != kept || got.Address.Country != "DE" {
				t.Errorf("%s: %+v, %v", o, got.Address, err)
			}
		}
	})
}

func TestForget(t *testing.T) {
	each(t, func(w *world) {
		old, open, young := w.order("ann", "acme"), w.order("ann", "acme"), w.order("ann", "acme")
		w.move(old, orders.Paid, orders.Refunded)
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE orders SET created_at = $2 WHERE id <> $1`, young.ID, commerce.Micros(start.AddDate(-11, 0, 0)))
			return err
		})
		n, err := orders.Forget(t.Context(), w.db, start.AddDate(-10, 0, 0), nil)
		if err != nil || n != 1 {
			t.Errorf("%d forgotten, %v", n, err)
		}
		if _, err := w.s.Get(t.Context(), old.ID); !errors.Is(err, orders.ErrNotFound) {
			t.Errorf("the old one: %v", err)
		}
		for _, o := range []orders.Order{open, young} {
			if _, err := w.s.Get(t.Context(), o.ID); err != nil {
				t.Errorf("%s: %v", o.ID, err)
			}
		}
	})
}

func TestLinkAndExport(t *testing.T) {
	each(t, func(w *world) {
		w.order("ben", "acme")
		w.write(func(tx *database.Tx) error { return orders.Link(tx, "ann", "ben") })
		got, err := w.s.Export(t.Context(), "ann")
		if err != nil || len(got) != 1 || got[0].Address.Street != "Weg 1" || got[0].Lines[0].Amount != "10.00 EUR" {
			t.Errorf("%+v, %v", got, err)
		}
		if p, err := w.s.OfMember(t.Context(), "ben", "", 5); err != nil || len(p.Items) != 0 {
			t.Errorf("ben still has %d, %v", len(p.Items), err)
		}
	})
}

// TestBoughtFrom: what somebody had undone, or got for free, is not what they buy.
func TestBoughtFrom(t *testing.T) {
	each(t, func(w *world) {
		for i, brand := range []commerce.BrandID{"acme", "other", "third", "fourth"} {
			o := w.order("ann", brand)
			switch i {
			case 0:
				w.move(o, orders.Paid, orders.Shipped)
			case 1:
				w.move(o, orders.Paid)
				w.write(func(tx *database.Tx) error {
					_, err := tx.Exec(`UPDATE orders SET once = 'sample:x' WHERE id = $1`, o.ID)
					return err
				})
			case 2:
				w.move(o, orders.Paid, orders.Cancelled)
			}
		}
		if list, err := w.s.BoughtFrom(t.Context(), "ann", start); err != nil || len(list) != 1 || list[0] != "acme" {
			t.Errorf("%v, %v", list, err)
		}
		if list, err := w.s.BoughtFrom(t.Context(), "ann", start.Add(time.Hour)); err != nil || len(list) != 0 {
			t.Errorf("later: %v, %v", list, err)
		}
	})
}
