package checkout_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// telegram is the other side of an invoice: what a member's client asks.
type telegram struct {
	*world
	o       orders.Order
	who     commerce.MemberID
	i       checkout.Invoice
	asked   int
	address *members.Address
}

func (w *world) invoice(b checkout.Buyer, o orders.Order) *telegram {
	w.Helper()
	i, err := w.shop.Invoice(w.ctx, o)
	w.must(err)
	return &telegram{world: w, o: o, who: b.Member, i: i,
		address: &members.Address{Name: "Ann", Street: "Ring 2", Postcode: "20095", City: "Hamburg", Country: "DE"}}
}

// approval is the question as Telegram asks it: with the first way to ship.
func (tg *telegram) approval() checkout.Approval {
	tg.Helper()
	tg.asked++
	a := checkout.Approval{Question: fmt.Sprint(tg.i.Payment, "-", tg.asked), Payment: tg.i.Payment, Member: tg.who, Locale: "en",
		Total: commerce.Money{Currency: "EUR"}}
	for _, l := range tg.i.Lines {
		a.Total.Amount += l.Amount.Amount
	}
	if tg.i.Asks {
		a.Address = tg.address
		if ways, err := tg.shop.Ways(tg.ctx, tg.who, tg.i.Payment, tg.address.Country); err == nil {
			a.Way = ways[0].ID
			for _, l := range ways[0].Lines {
				a.Total.Amount += l.Amount.Amount
			}
		}
	}
	return a
}

func (tg *telegram) approve() error { tg.Helper(); return tg.shop.Approve(tg.ctx, tg.approval()) }

// receipt takes the money at Stripe, as the provider does, and is what the bot
// is told then.
func (tg *telegram) receipt() payments.Receipt {
	now, err := tg.shop.Orders().Get(tg.ctx, tg.o.ID)
	tg.must(err)
	return payments.Receipt{ID: fmt.Sprint("tg-", tg.i.Payment, "-", tg.asked), Charge: tg.stripe.Charge(now.Total.Amount, "EUR"), Payment: tg.i.Payment, Amount: now.Total}
}

func (w *world) refunded(t *testing.T, want int64) {
	t.Helper()
	if got := w.stripe.Refunded(""); got != want {
		t.Errorf("%d went back, want %d", got, want)
	}
}

// TestInvoicePaid pays in the chat: the address and the way chosen there are
// the order's, and the payment is credited once however often it is told.
func TestInvoicePaid(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.placed(ann, w.cart("cup", 2))
		tg := w.invoice(ann, o)
		if !tg.i.Asks || len(tg.i.Lines) != 1 || tg.i.Lines[0].Amount.Amount != 2380 {
			t.Fatalf("invoice: %+v", tg.i)
		}
		w.must(tg.approve())
		r := tg.receipt()
		for range 5 {
			w.must(w.shop.InvoicePaid(w.ctx, r))
		}
		w.want(o, orders.Paid)
		paid, err := w.shop.Orders().Get(w.ctx, o.ID)
		w.must(err)
		if paid.Address.City != "Hamburg" || paid.Total.Amount != 2380+490 {
			t.Errorf("paid: %+v", paid)
		}
		if w.told(notices.OrderPaid) != 1 || w.stripe.Captured("") != 2870 {
			t.Errorf("told %d times, captured %d", w.told(notices.OrderPaid), w.stripe.Captured(""))
		}
		w.rest(time.Minute)
		// The refund finds the charge.
		w.must(w.shop.CancelPaid(w.ctx, "staff", o.ID))
		w.rest()
		w.hear(2)
		w.want(o, orders.Cancelled)
		w.refunded(t, 2870)
	})
}

// TestInvoiceRefusals: a pre-checkout gets a no for whatever is not right now.
func TestInvoiceRefusals(t *testing.T) {
	each(t, func(w *world) {
		ann, ben := w.buyer("ann"), w.buyer("ben")
		o := w.placed(ann, w.cart("cup", 1))
		tg := w.invoice(ann, o)
		refuse := func(name string, want error, change func(a *checkout.Approval)) {
			t.Helper()
			a := tg.approval()
			change(&a)
			if err := w.shop.Approve(w.ctx, a); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
			if err := w.shop.Approve(w.ctx, a); err == nil {
				t.Errorf("%s, asked again: yes", name)
			}
		}
		refuse("a stranger", checkout.ErrInvoiceOther, func(a *checkout.Approval) { a.Member = ben.Member })
		refuse("another total", checkout.ErrInvoiceChanged, func(a *checkout.Approval) { a.Total.Amount-- })
		refuse("another currency", checkout.ErrInvoiceChanged, func(a *checkout.Approval) { a.Total.Currency = "USD" })
		refuse("no such way", checkout.ErrInvoiceChanged, func(a *checkout.Approval) { a.Way = "drone" })
		refuse("no address", checkout.ErrInvoiceChanged, func(a *checkout.Approval) { a.Address = nil })
		refuse("a wrong postcode", members.ErrPostcode, func(a *checkout.Approval) {
			a.Address = &members.Address{Name: "Ann", Street: "Ring 2", Postcode: "2", City: "Hamburg", Country: "DE"}
		})
		refuse("not ours", checkout.ErrInvoiceOver, func(a *checkout.Approval) { a.Payment = "other" })
		p, _ := w.goods.ByHandle("acme", "cup")
		price := func(n int) {
			w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
				if _, err := tx.Exec(`UPDATE versions SET n = n + 1 WHERE name = 'catalog'`); err != nil {
					return err
				}
				_, err := tx.Exec(`UPDATE variants SET price = $2 WHERE id = $1`, p.Variants[0].ID, n)
				return err
			}))
			w.catalog.Refresh()
		}
		price(1290)
		refuse("another price", checkout.ErrInvoiceChanged, func(a *checkout.Approval) { a.Total.Amount = 1190 + 490 })
		price(1190)
		w.must(tg.approve())
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
		refuse("paid", checkout.ErrInvoicePaid, func(*checkout.Approval) {})

		// An invoice that was given up for another way.
		o = w.placed(ann, w.cart("cup", 1))
		tg = w.invoice(ann, o)
		w.page(o)
		refuse("given up", checkout.ErrInvoiceOver, func(*checkout.Approval) {})
		// And back: the session is closed first.
		tg = w.invoice(ann, o)
		w.must(tg.approve())
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
		w.want(o, orders.Paid)
		o = w.placed(ben, w.cart("cup", 1))
		tg = w.invoice(ben, o)
		a := tg.approval()
		w.rest(hold + time.Minute)
		w.want(o, orders.Lapsed)
		if err := w.shop.Approve(w.ctx, a); !errors.Is(err, checkout.ErrInvoiceOver) {
			t.Errorf("lapsed: %v", err)
		}
	})
}

// TestPinned: for ten minutes after a yes there is no other way to pay, the
// order stays, and nothing else is told yes. A question that comes again gets
// its answer again while its ten seconds last.
func TestPinned(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.placed(ann, w.cart("last", 1))
		tg := w.invoice(ann, o)
		w.clock.Wait(hold - time.Minute) // the pin outlives the hold
		first := tg.approval()
		w.must(w.shop.Approve(w.ctx, first))
		w.must(w.shop.Approve(w.ctx, first))
		if err := tg.approve(); !errors.Is(err, checkout.ErrPinned) {
			t.Errorf("another question: %v", err)
		}
		if _, err := w.shop.Enter(w.ctx, o.Token); !errors.Is(err, checkout.ErrPinned) {
			t.Errorf("the pay link: %v", err)
		}
		if _, err := w.shop.Invoice(w.ctx, o); !errors.Is(err, checkout.ErrPinned) {
			t.Errorf("another invoice: %v", err)
		}
		if err := w.shop.CancelPending(w.ctx, ann.Member, o.ID); !errors.Is(err, checkout.ErrPinned) {
			t.Errorf("giving it up: %v", err)
		}
		if _, err := w.place(ann, w.cart("cup", 1)); !errors.Is(err, checkout.ErrPinned) {
			t.Errorf("another order: %v", err)
		}
		w.clock.Wait(payments.AnswerTime + time.Second)
		if err := w.shop.Approve(w.ctx, first); !errors.Is(err, checkout.ErrInvoiceAgain) {
			t.Errorf("a question that comes again too late: %v", err)
		}
		w.rest(payments.PinTime - time.Minute) // past the end of the hold
		w.want(o, orders.Pending)
		if w.free("last") != 0 {
			t.Error("the unit is free while it is being paid")
		}
		w.rest(2 * time.Minute)
		w.want(o, orders.Lapsed)
		if w.free("last") != 1 {
			t.Error("the unit is not free after the pin")
		}
		// An answer that was lost must not pin again.
		if err := w.shop.Approve(w.ctx, first); err == nil {
			t.Error("an old question was told yes")
		}
		w.want(o, orders.Lapsed)
	})
}

// TestInvoiceTooLate: money after the pin buys the goods where they are free,
// else it goes back.
func TestInvoiceTooLate(t *testing.T) {
	each(t, func(w *world) {
		ann, ben := w.buyer("ann"), w.buyer("ben")
		o := w.placed(ann, w.cart("last", 1))
		tg := w.invoice(ann, o)
		w.must(tg.approve())
		r := tg.receipt()
		w.rest(hold + time.Minute)
		w.want(o, orders.Lapsed)
		w.must(w.shop.InvoicePaid(w.ctx, r))
		w.want(o, orders.Paid) // still free
		w.must(w.shop.CancelPaid(w.ctx, "staff", o.ID))
		w.rest()
		before := w.stripe.Refunded("")

		o = w.placed(ann, w.cart("last", 1))
		tg = w.invoice(ann, o)
		w.must(tg.approve())
		r = tg.receipt()
		w.rest(hold + time.Minute)
		other := w.placed(ben, w.cart("last", 1))
		w.must(w.shop.InvoicePaid(w.ctx, r))
		w.must(w.shop.InvoicePaid(w.ctx, r))
		w.rest(time.Minute)
		w.want(o, orders.Refunded)
		w.want(other, orders.Pending)
		w.refunded(t, before+o.Total.Amount)
		if w.told(notices.OrderLate) != 1 {
			t.Errorf("told %d times", w.told(notices.OrderLate))
		}
	})
}

// TestInvoiceLateBesideSession: the pin is over, the member opened the pay
// link, and then the money of the invoice comes.
func TestInvoiceLateBesideSession(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.placed(ann, w.cart("cup", 1))
		tg := w.invoice(ann, o)
		w.must(tg.approve())
		w.rest(payments.PinTime + time.Second)
		page := w.page(o) // four minutes of the hold are left
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
		w.want(o, orders.Paid)
		if _, err := w.stripe.Pay(page, visa); err == nil {
			t.Error("the order could be paid twice")
		}
	})
}

// TestInvoicePaidTwice: a second receipt of one invoice goes back.
func TestInvoicePaidTwice(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.placed(ann, w.cart("cup", 1))
		tg := w.invoice(ann, o)
		w.must(tg.approve())
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
		tg.asked++
		second := tg.receipt()
		together(func() { w.must(w.shop.InvoicePaid(w.ctx, second)) }, func() { w.must(w.shop.InvoicePaid(w.ctx, second)) })
		w.rest(time.Minute)
		w.want(o, orders.Paid)
		w.refunded(t, o.Total.Amount)
	})
}

// TestInvoiceOtherAmount goes back, and a provider that is not Stripe leaves
// the refund to a person.
func TestInvoiceOtherAmount(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.placed(ann, w.cart("cup", 1))
		tg := w.invoice(ann, o)
		w.must(tg.approve())
		less := commerce.Money{Amount: o.Total.Amount - 100, Currency: "EUR"}
		r := payments.Receipt{ID: "tg-less", Charge: w.stripe.Charge(less.Amount, "EUR"), Payment: tg.i.Payment, Amount: less}
		w.must(w.shop.InvoicePaid(w.ctx, r))
		w.rest(time.Minute)
		w.want(o, orders.Refunded)
		w.refunded(t, r.Amount.Amount)

		o = w.placed(ann, w.cart("cup", 1))
		tg = w.invoice(ann, o)
		w.must(tg.approve())
		r = tg.receipt() // captured at Stripe, so that the audit's cash is right
		r.Charge = "PAYME-17"
		w.must(w.shop.InvoicePaid(w.ctx, r))
		w.must(w.shop.CancelPaid(w.ctx, "staff", o.ID))
		w.rest(time.Minute)
		var state string
		w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT state FROM refunds WHERE order_id = $1`, o.ID).Scan(&state)
		}))
		if state != "failed" || w.told(notices.StaffRefund) != 1 {
			t.Errorf("the refund is %s, the staff was told %d times", state, w.told(notices.StaffRefund))
		}
	})
}

// TestTwoApprovals asks for one invoice from two devices at once, while others
// close the order and open the pay link: one thing happens.
func TestTwoApprovals(t *testing.T) {
	each(t, func(w *world) {
		for n := range 12 {
			ann := w.buyer(fmt.Sprint("ann", n))
			o := w.placed(ann, w.cart("ticket", 1))
			tg := w.invoice(ann, o)
			one, two := tg.approval(), tg.approval()
			var yes, cancelled, opened atomic.Int32
			ask := func(a checkout.Approval) func() {
				return func() {
					if w.shop.Approve(w.ctx, a) == nil {
						yes.Add(1)
					}
				}
			}
			acts := []func(){ask(one), ask(two)}
			switch n % 3 {
			case 1:
				acts = append(acts, func() {
					if w.shop.CancelPending(w.ctx, ann.Member, o.ID) == nil {
						cancelled.Add(1)
					}
				})
			case 2:
				acts = append(acts, func() {
					if e, err := w.shop.Enter(w.ctx, o.Token); err == nil && e.Redirect != "" {
						opened.Add(1)
					}
				})
			}
			together(acts...)
			if sum := yes.Load() + cancelled.Load() + opened.Load(); sum != 1 {
				t.Errorf("round %d: %d yes, %d cancelled, %d opened", n, yes.Load(), cancelled.Load(), opened.Load())
			}
		}
	})
}

// TestPayAtThePinsEnd tells of payments from a second before the end of the
// pin to a second after it, while the workers close what is over. The goods are
// free all the while: everybody has them.
func TestPayAtThePinsEnd(t *testing.T) {
	each(t, func(w *world) {
		const step, span = 100 * time.Millisecond, time.Second
		var list []*telegram
		for at := -span; at <= span; at += step {
			ann := w.buyer(fmt.Sprint("ann", at))
			o := w.placed(ann, w.cart("ticket", 1))
			tg := w.invoice(ann, o)
			w.must(tg.approve())
			list = append(list, tg)
		}
		w.clock.Wait(hold - span) // the hold is longer than the pin: shorten it
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE orders SET expires_at = $1`, commerce.Micros(w.clock.Now().Add(span)))
			return err
		}))
		var acts []func()
		for n, tg := range list {
			r := tg.receipt()
			acts = append(acts, func() {
				if n == len(list)/2 {
					w.clock.Wait(span)
				}
				w.must(w.shop.InvoicePaid(w.ctx, r))
			})
		}
		work := func() {
			for range 8 {
				if _, err := w.shop.Step(w.ctx); err != nil {
					w.Error(err)
				}
			}
		}
		together(append(acts, work, work)...)
		w.rest(2 * time.Minute)
		for _, tg := range list {
			w.want(tg.o, orders.Paid)
		}
		w.refunded(t, 0)
	})
}
