package checkout_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// twin gives the cup another colour at the same price, with one unit, and a
// dearer one.
func (w *world) twin() commerce.VariantID {
	w.Helper()
	p, _ := w.goods.ByHandle("acme", "cup")
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		for _, q := range []string{
			`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('twin', $1, 'TWIN', 'Blue', '', '', 1190, 'EUR', 2)`,
			`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('dear', $1, 'DEAR', 'Gold', '', '', 9900, 'EUR', 3)`,
			`UPDATE versions SET n = n + 1 WHERE name = 'catalog' AND $1 <> ''`,
		} {
			if _, err := tx.Exec(q, p.ID); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`INSERT INTO stock (variant_id, on_hand, free) VALUES ('twin', 1, 1)`)
		return err
	}))
	w.shop.Catalog.Refresh()
	return "twin"
}

func (w *world) one(o orders.Order) fulfilment.Return {
	w.Helper()
	f, err := w.shop.Fulfilment(w.ctx, o)
	w.must(err)
	if len(f.Returns) != 1 {
		w.Fatalf("%d returns", len(f.Returns))
	}
	return f.Returns[0]
}

var cup = []fulfilment.Item{{Position: 0, Quantity: 1}}

// TestReturn: asked, approved, arrived, back on the shelf, refunded; each once,
// however many press at once.
func TestReturn(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.bought(visa)
		ask := checkout.Asking{Items: cup, Reason: "broken"}
		if err := w.shop.AskReturn(w.ctx, o.Member, o.ID, ask); !errors.Is(err, checkout.ErrWindow) {
			t.Errorf("before anything was sent: %v", err)
		}
		w.must(w.shop.Ship(w.ctx, "test", o.ID, ""))
		free := w.free("cup")
		together := func(n int, do func() error) (done int) {
			var mu sync.Mutex
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					err := do()
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						done++
					} else if !errors.Is(err, checkout.ErrState) && !errors.Is(err, fulfilment.ErrGone) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			return done
		}
		if err := w.shop.AskReturn(w.ctx, w.buyer("ben").Member, o.ID, ask); !errors.Is(err, orders.ErrNotFound) {
			t.Errorf("another's order: %v", err)
		}
		if n := together(4, func() error { return w.shop.AskReturn(w.ctx, o.Member, o.ID, ask) }); n != 1 {
			t.Errorf("asked %d times", n)
		}
		r := w.one(o)
		for what, do := range map[string]func() error{
			"arrived": func() error { return w.shop.ReturnArrived(w.ctx, "test", nil, r.ID, nil) },
			"done":    func() error { return w.shop.EndReturn(w.ctx, "test", nil, r.ID, payments.WayCard, false) },
		} {
			if err := do(); !errors.Is(err, checkout.ErrState) {
				t.Errorf("%s before it was approved: %v", what, err)
			}
		}
		if err := w.shop.ApproveReturn(w.ctx, "test", []commerce.BrandID{"other"}, r.ID, false); !errors.Is(err, fulfilment.ErrNoReturn) {
			t.Errorf("by another brand's staff: %v", err)
		}
		if n := together(4, func() error { return w.shop.ApproveReturn(w.ctx, "test", nil, r.ID, false) }); n != 1 {
			t.Errorf("approved %d times", n)
		}
		if n := together(4, func() error { return w.shop.ReturnArrived(w.ctx, "test", nil, r.ID, map[int64]bool{0: true}) }); n != 1 || w.free("cup") != free+1 {
			t.Errorf("arrived %d times, %d free", n, w.free("cup"))
		}
		if n := together(4, func() error { return w.shop.EndReturn(w.ctx, "test", nil, r.ID, payments.WayCard, false) }); n != 1 {
			t.Errorf("ended %d times", n)
		}
		w.rest()
		if got := w.stripe.Refunded(""); got != 1190 {
			t.Errorf("%d went back", got)
		}
		for _, kind := range []string{notices.StaffReturn, notices.ReturnApproved, notices.ReturnArrived, notices.ReturnDone} {
			if n := w.told(kind); n != 1 {
				t.Errorf("%s was told %d times", kind, n)
			}
		}
		w.want(o, orders.Shipped)
	})
}

// TestReturnExchange: the other variant is held from the approval on, and is
// sold for the credit of the return; nothing is due, and the books agree.
func TestReturnExchange(t *testing.T) {
	each(t, func(w *world) {
		twin := w.twin()
		for _, mixed := range []bool{false, true} {
			o := w.bought
			var order orders.Order
			if mixed {
				order = w.mixed(visa, 1, 250, 130, 70)
			} else {
				order = o(visa)
			}
			w.must(w.shop.Ship(w.ctx, "test", order.ID, ""))
			ask := checkout.Asking{Items: cup, Reason: "mind", Exchange: "dear"}
			if err := w.shop.AskReturn(w.ctx, order.Member, order.ID, ask); !errors.Is(err, checkout.ErrExchange) {
				t.Errorf("for a dearer one: %v", err)
			}
			ask.Exchange = twin
			w.must(w.shop.AskReturn(w.ctx, order.Member, order.ID, ask))
			r := w.one(order)
			w.must(w.shop.ApproveReturn(w.ctx, "test", nil, r.ID, false))
			if err := w.shop.ApproveReturn(w.ctx, "test", nil, r.ID, true); !errors.Is(err, checkout.ErrState) || w.one(order).Exchange != twin {
				t.Errorf("approved for the money when the exchange is kept for them: %v", err)
			}
			w.must(w.shop.ReturnArrived(w.ctx, "test", nil, r.ID, nil))
			refunded := w.stripe.Refunded("")
			credit := w.balance(rewards.Credit(order.Member), "EUR")
			revenue := w.balance(rewards.Revenue("acme"), "EUR")
			var paid []commerce.OrderID
			w.shop.AfterPaid(func(o orders.Order) {
				if o.State == orders.Paid {
					paid = append(paid, o.ID)
				}
			})
			w.must(w.shop.EndReturn(w.ctx, "test", nil, r.ID, payments.WayCard, false))
			if made := w.one(order).Exchanged; len(paid) != 1 || paid[0] != made {
				t.Errorf("after the exchange %s these were told as paid: %v", made, paid)
			}
			w.rest()
			made, err := w.shop.Orders().Get(w.ctx, w.one(order).Exchanged)
			w.must(err)
			if made.State != orders.Paid || !made.Total.IsZero() || made.Lines[0].Variant != twin || made.Lines[0].Detail != "Blue" {
				t.Errorf("the exchange is %+v", made)
			}
			if w.stripe.Refunded("") != refunded || w.balance(rewards.Credit(order.Member), "EUR") != credit {
				t.Error("an exchange moved money")
			}
			if got := w.balance(rewards.Revenue("acme"), "EUR"); got < revenue-1 || got > revenue+1 {
				t.Errorf("revenue was %d, is %d", revenue, got)
			}
			w.invariants()
			if mixed {
				// All of the exchange goes back to where it came from.
				w.must(w.shop.Refund(w.ctx, "test", made.ID))
				w.rest()
				continue
			}
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE stock SET on_hand = on_hand + 1, free = free + 1 WHERE variant_id = 'twin'`)
				return err
			}))
		}
	})
}

// TestWindow: until when goods can be sent back, whatever the YAML says.
func TestWindow(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	sent := func(shipped, delivered string) fulfilment.Parcel {
		p := fulfilment.Parcel{State: fulfilment.Shipped, ShippedAt: day(shipped)}
		if delivered != "" {
			p.State, p.DeliveredAt = fulfilment.Delivered, day(delivered)
		}
		return p
	}
	for name, c := range map[string]struct {
		parcels []fulfilment.Parcel
		country string
		days    int64
		until   string
	}{
		"nothing sent":                      {[]fulfilment.Parcel{{State: fulfilment.Packed}}, "DE", 30, ""},
		"the shop's own":                    {[]fulfilment.Parcel{sent("2026-03-02 10:00", "2026-03-04 17:00")}, "US", 5, "2026-03-10 00:00"},
		"no returns at all":                 {[]fulfilment.Parcel{sent("2026-03-02 10:00", "2026-03-04 17:00")}, "US", 0, "2026-03-05 00:00"},
		"fourteen in the EU":                {[]fulfilment.Parcel{sent("2026-03-02 10:00", "2026-03-04 17:00")}, "DE", 5, "2026-03-19 00:00"},
		"more, where the shop says so":      {[]fulfilment.Parcel{sent("2026-03-02 10:00", "2026-03-04 17:00")}, "FR", 30, "2026-04-04 00:00"},
		"from the last parcel":              {[]fulfilment.Parcel{sent("2026-03-02 10:00", "2026-03-04 17:00"), sent("2026-03-05 10:00", "2026-03-09 09:00")}, "AT", 0, "2026-03-24 00:00"},
		"delivery assumed, at least a week": {[]fulfilment.Parcel{sent("2026-03-02 10:00", "")}, "IT", 0, "2026-03-24 00:00"},
	} {
		until := fulfilment.Window(c.parcels, time.Time{}, c.country, c.days, 24*time.Hour)
		want := time.Time{}
		if c.until != "" {
			want = day(c.until)
		}
		if !until.Equal(want) {
			t.Errorf("%s: until %s, want %s", name, until, want)
		}
	}
}

// TestParcels: an order leaves in parts; the last one makes it shipped. Two who
// pack the same units pack them once, and time delivers what nobody has seen
// arrive.
func TestParcels(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 2, "last", 1))
		w.pay(o, visa)
		w.hear(1)
		first := checkout.Sending{Items: []fulfilment.Item{{Position: 0, Quantity: 2}}, Pack: true}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				if err := w.shop.Send(w.ctx, "test", o.ID, first); err != nil && !errors.Is(err, fulfilment.ErrGone) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		f, err := w.shop.Fulfilment(w.ctx, o)
		w.must(err)
		if len(f.Parcels) != 1 || f.Lines[0].Packed != 2 || w.told(notices.ParcelPacked) != 1 {
			t.Fatalf("packed: %+v", f)
		}
		if err := w.shop.CancelMine(w.ctx, o.Member, o.ID); !errors.Is(err, checkout.ErrState) {
			t.Errorf("the buyer cancels what is packed: %v", err)
		}
		w.must(w.shop.ShipParcel(w.ctx, "test", nil, f.Parcels[0].ID, "T1"))
		w.must(w.shop.ShipParcel(w.ctx, "test", nil, f.Parcels[0].ID, "T1b"))
		w.want(o, orders.Paid)
		if err := w.shop.CancelPaid(w.ctx, "test", o.ID); !errors.Is(err, checkout.ErrState) {
			t.Errorf("cancelled though a part was sent: %v", err)
		}
		w.must(w.shop.Ship(w.ctx, "test", o.ID, "T2"))
		w.want(o, orders.Shipped)
		if n, m := w.told(notices.ParcelShipped), w.told(notices.OrderShipped); n != 2 || m != 0 {
			t.Errorf("told of %d parcels and %d whole orders", n, m)
		}
		w.must(w.shop.Deliver(w.ctx, "test", nil, f.Parcels[0].ID))
		w.must(w.shop.Deliver(w.ctx, "test", nil, f.Parcels[0].ID))
		w.clock.Wait(15 * 24 * time.Hour)
		w.rest()
		f, err = w.shop.Fulfilment(w.ctx, o)
		w.must(err)
		if f.Parcels[1].State != fulfilment.Delivered || w.told(notices.ParcelDelivered) != 1 {
			t.Errorf("%+v, told %d times", f.Parcels[1], w.told(notices.ParcelDelivered))
		}
		var n int
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM order_events WHERE order_id = $1 AND event = 'delivered' AND actor = 'clock'`, o.ID).Scan(&n)
		}))
		if n != 1 {
			t.Errorf("it is written down %d times that a parcel counts as delivered", n)
		}
	})
}

// TestPartlySent: what was sent stays sold when the rest is refunded.
func TestPartlySent(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 3))
		w.pay(o, visa)
		w.hear(1)
		w.must(w.shop.Send(w.ctx, "test", o.ID, checkout.Sending{Items: cup}))
		w.must(w.shop.Send(w.ctx, "test", o.ID, checkout.Sending{Items: cup, Pack: true}))
		w.must(w.shop.Refund(w.ctx, "test", o.ID))
		w.rest()
		if w.free("cup") != 2 || w.stripe.Refunded("") != 3570+490 {
			t.Errorf("%d free, %d refunded", w.free("cup"), w.stripe.Refunded(""))
		}
	})
}

// TestCancelMine: the buyer changes their mind before anything is packed.
func TestCancelMine(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa)
		if err := w.shop.CancelMine(w.ctx, w.buyer("ben").Member, o.ID); !errors.Is(err, orders.ErrNotFound) {
			t.Errorf("another's order: %v", err)
		}
		w.must(w.shop.CancelMine(w.ctx, o.Member, o.ID))
		w.must(w.shop.CancelMine(w.ctx, o.Member, o.ID))
		w.rest()
		w.want(o, orders.Cancelled)
		if w.free("cup") != 3 || w.stripe.Refunded("") != 1680 || w.told(notices.OrderWithdrawn) != 1 {
			t.Errorf("%d free, %d refunded, told %d times", w.free("cup"), w.stripe.Refunded(""), w.told(notices.OrderWithdrawn))
		}
	})
}
