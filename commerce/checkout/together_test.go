package checkout_test

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/rewards"
)

// purse gives a member store credit and points, which they spend: a hundred
// points are worth a euro, and pay half of an order at most.
func (w *world) purse(b checkout.Buyer, credit, points int64) {
	w.Helper()
	w.shop.Points = func() pricing.PointValue {
		return pricing.PointValue{Per: 100, Worth: 100, Currency: "EUR", MostPPM: 500_000, Step: 100}
	}
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "grant:" + string(b.Member), Memo: "grant", Entries: []rewards.Entry{
			{Account: rewards.Goodwill, Amount: eur(credit)}, {Account: rewards.Credit(b.Member), Amount: eur(-credit)},
			{Account: rewards.PointsIssued, Amount: commerce.Money{Amount: points, Currency: rewards.PointsCurrency}},
			{Account: rewards.Points(b.Member), Amount: commerce.Money{Amount: -points, Currency: rewards.PointsCurrency}}}})
		return err
	}))
	w.must(w.shop.SpendPoints(w.ctx, b.Member, true))
}

// left checks what a member has, what is held for an order included.
func (w *world) left(b checkout.Buyer, credit, points int64) {
	w.Helper()
	p, err := w.shop.Purse(w.ctx, b.Member)
	w.must(err)
	got := int64(0)
	for _, m := range p.Credit {
		got += m.Amount
	}
	if got != credit || p.Points != points {
		w.Errorf("%d of credit and %d points are left, want %d and %d", got, p.Points, credit, points)
	}
}

// waysToPay are the three of them. Each pays an order of the member's, and says
// whether it could.
var waysToPay = map[string]func(w *world, b checkout.Buyer, o orders.Order, card payments.Card){
	"page": func(w *world, _ checkout.Buyer, o orders.Order, _ payments.Card) {
		w.pay(o, visa)
		w.hear(1)
	},
	"kept card": func(w *world, b checkout.Buyer, o orders.Order, card payments.Card) {
		if out := w.charge(b, o, card); out.Order.State != orders.Paid {
			w.Errorf("charged: %+v", out)
		}
	},
	"invoice": func(w *world, b checkout.Buyer, o orders.Order, _ payments.Card) {
		tg := w.invoice(b, o)
		w.must(tg.approve())
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
	},
}

// TestPaidTogether: credit and points pay a part and the card the rest, whichever
// way that is paid; the card is charged the rest and no more; a part of the order
// that goes back goes back by its share to each; all of it is all of it.
func TestPaidTogether(t *testing.T) {
	for way, pay := range waysToPay {
		t.Run(way, func(t *testing.T) {
			each(t, func(w *world) {
				ann, card := w.keeper("ann", visa)
				before := w.stripe.Captured("")
				w.purse(ann, 300, 400)
				o := w.placed(ann, w.cart("ticket", 2)) // 14.00, nothing to send
				if o.Total.Amount != 1400-400-300 {
					t.Fatalf("total %v", o.Total)
				}
				pay(w, ann, o, card)
				w.want(o, orders.Paid)
				w.left(ann, 0, 0)
				if n := w.stripe.Captured("") - before; n != 700 {
					t.Errorf("the card paid %d", n)
				}
				back, err := w.shop.RefundPart(w.ctx, "s", o.ID, checkout.Giving{Amount: eur(700), Way: payments.WayCard, Seen: -1})
				w.must(err)
				w.rest()
				if back.Card.Amount != 350 {
					t.Errorf("to the card: %v", back.Card)
				}
				w.left(ann, 150, 200)
				w.must(w.shop.Refund(w.ctx, "s", o.ID))
				w.rest()
				w.left(ann, 300, 400)
				w.refunded(t, 700)
				w.want(o, orders.Refunded)
			})
		})
	}
}

// TestLapsedTogether: an order that is not paid gives credit and points back,
// once; money of an invoice that comes after that takes them again, or goes back
// itself where they are spent.
func TestLapsedTogether(t *testing.T) {
	for name, spent := range map[string]bool{"still there": false, "spent meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				ann := w.buyer("ann")
				w.purse(ann, 300, 400)
				o := w.placed(ann, w.cart("ticket", 2))
				tg := w.invoice(ann, o)
				w.must(tg.approve())
				r := tg.receipt()
				w.rest(hold + time.Minute)
				w.want(o, orders.Lapsed)
				w.left(ann, 300, 400)
				want := orders.Paid
				if spent {
					want = orders.Refunded
					waysToPay["page"](w, ann, w.placed(ann, w.cart("ticket", 3)), payments.Card{})
					w.left(ann, 0, 0)
				}
				for range 3 {
					w.must(w.shop.InvoicePaid(w.ctx, r))
				}
				w.rest(time.Minute)
				w.want(o, want)
				w.left(ann, 0, 0)
				if spent {
					w.refunded(t, r.Amount.Amount)
				}
			})
		})
	}
}

// TestDeclinedTogether: a card that is declined takes nothing of the purse for
// good, and what it pays at last is what was agreed.
func TestDeclinedTogether(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		w.purse(ann, 300, 400)
		o := w.placed(ann, w.cart("ticket", 2))
		w.pay(o, declined)
		w.hear(1)
		w.want(o, orders.Pending)
		w.must(w.shop.CancelPending(w.ctx, ann.Member, o.ID))
		w.rest(time.Minute)
		w.left(ann, 300, 400)
	})
}

// TestNothingLeftToPay: a purse that covers all of it needs no card.
func TestNothingLeftToPay(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		w.purse(ann, 2000, 400)
		o := w.placed(ann, w.cart("ticket", 2))
		if !o.Total.IsZero() {
			t.Fatalf("total %v", o.Total)
		}
		w.want(o, orders.Paid)
		w.left(ann, 1000, 0)
		w.must(w.shop.Refund(w.ctx, "s", o.ID))
		w.rest()
		w.left(ann, 2000, 400)
		if w.stripe.Captured("") != 0 {
			t.Error("a card was charged")
		}
	})
}

// TestLateMoneyTakesItsCode: money that comes when its order has lapsed takes
// the order's code again, even one that has ended since; where others have used
// it up meanwhile the money goes back, and is not kept at another price.
func TestLateMoneyTakesItsCode(t *testing.T) {
	for name, used := range map[string]bool{"still there": false, "used up meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				rule := tenOff("ten", "TEN-OFF")
				rule.Limit = 1
				rule.Until = w.clock.Now().Add(hold)
				w.promise(rule)
				ann, bob := w.buyer("ann"), w.buyer("bob")
				w.must(w.enter(ann, "TENOFF"))
				w.must(w.enter(bob, "TENOFF"))
				o := w.placed(ann, w.cart("ticket", 1))
				tg := w.invoice(ann, o)
				w.must(tg.approve())
				r := tg.receipt()
				w.rest(hold - time.Minute)
				w.rest(hold)
				w.want(o, orders.Lapsed)
				if n := w.number(`SELECT used FROM promotions`); n != 0 {
					t.Fatalf("%d used after it lapsed", n)
				}
				want := orders.Paid
				if used {
					want = orders.Refunded
					rule.Until = time.Time{}
					w.promise(rule)
					other := w.placed(bob, w.cart("ticket", 1))
					w.pay(other, visa)
					w.hear(1)
					w.want(other, orders.Paid)
				}
				for range 2 {
					w.must(w.shop.InvoicePaid(w.ctx, r))
				}
				w.rest(time.Minute)
				w.want(o, want)
				if n := w.number(`SELECT used FROM promotions`); n != 1 {
					t.Errorf("%d used in the end", n)
				}
				if used {
					w.refunded(t, r.Amount.Amount)
				}
			})
		})
	}
}

// TestInvoiceOfBrands: an invoice of goods of two brands offers their ways to
// ship together, with the tax that comes on top; what Telegram is told, what is
// charged and what is booked are the same to the cent.
func TestInvoiceOfBrands(t *testing.T) {
	each(t, func(w *world) {
		w.second()
		w.shop.Rules = func() pricing.Rules {
			top := pricing.Tax{Name: "Tax", Rates: []pricing.Rate{{PPM: 83_750}}}
			return pricing.Rules{
				"acme": {Name: "Acme", Tax: top, Shipping: []pricing.ShippingOption{{ID: "post", Name: "Post", Price: eur(490)}, {ID: "bike", Name: "Bike", Price: eur(905)}}},
				"zeta": {Name: "Zeta", Tax: top, Shipping: []pricing.ShippingOption{{ID: "parcel", Name: "Parcel", Price: eur(333)}}},
			}
		}
		ann := w.buyer("ann")
		o := w.placed(ann, w.cart("cup", 1, "bowl", 3))
		tg := w.invoice(ann, o)
		ways, err := w.shop.Ways(w.ctx, ann.Member, tg.i.Payment, "DE")
		w.must(err)
		goods := int64(0)
		for _, l := range tg.i.Lines {
			goods += l.Amount.Amount
		}
		if goods != 1190+3*777 || len(ways) != 2 {
			t.Fatalf("goods of %d, ways %+v", goods, ways)
		}
		// Acme: 1190 + 490 or 905, Zeta: 2331 + 333; each with 8.375 % on top.
		for i, want := range []int64{490 + 333 + 141 + 223, 905 + 333 + 175 + 223} {
			got := int64(0)
			for _, l := range ways[i].Lines {
				got += l.Amount.Amount
			}
			if got != want {
				t.Errorf("%s adds %d, want %d: %+v", ways[i].ID, got, want, ways[i].Lines)
			}
		}
		a := tg.approval()
		a.Way, a.Total = ways[1].ID, eur(1190+2331+905+333+175+223)
		w.must(w.shop.Approve(w.ctx, a))
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
		w.want(o, orders.Paid)
		paid, err := w.shop.Orders().Get(w.ctx, o.ID)
		w.must(err)
		if paid.Total != a.Total || w.stripe.Captured("") != a.Total.Amount || w.balance("tax:zeta", "EUR") != -223 || w.balance("tax:acme", "EUR") != -175 {
			t.Errorf("paid %v, captured %d, tax %d and %d", paid.Total, w.stripe.Captured(""), w.balance("tax:zeta", "EUR"), w.balance("tax:acme", "EUR"))
		}
	})
}

// TestInvoiceOfAPurse: where credit and points pay a part, the invoice in the
// chat is of the rest, in one line, and asks for nothing: another address or way
// would be another order. A total that is not that rest is refused.
func TestInvoiceOfAPurse(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		w.purse(ann, 300, 400)
		o := w.placed(ann, w.cart("cup", 2)) // 23.80 and 4.90
		tg := w.invoice(ann, o)
		if tg.i.Asks || len(tg.i.Lines) != 1 || tg.i.Lines[0].Amount != eur(2870-700) {
			t.Fatalf("invoice: %+v", tg.i)
		}
		for _, total := range []int64{2870, 2169, 2171} {
			a := tg.approval()
			a.Total.Amount = total
			if err := w.shop.Approve(w.ctx, a); !errors.Is(err, checkout.ErrInvoiceChanged) {
				t.Errorf("a total of %d: %v", total, err)
			}
		}
		w.must(tg.approve())
		w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
		w.want(o, orders.Paid)
		w.left(ann, 0, 0)
		if n := w.stripe.Captured(""); n != 2170 {
			t.Errorf("the card paid %d", n)
		}
		// The parcel, 4.90 of 28.70: 3.70 of it was paid by card.
		back, err := w.shop.RefundPart(w.ctx, "s", o.ID, checkout.Giving{Items: []fulfilment.Item{{Position: 1, Quantity: 1}}, Seen: -1})
		w.must(err)
		w.rest()
		if back.Value != eur(490) || back.Card != eur(370) {
			t.Errorf("of the parcel's %v goes to the card %v", back.Value, back.Card)
		}
		w.refunded(t, 370)
		w.must(w.shop.Refund(w.ctx, "s", o.ID))
		w.rest()
		w.left(ann, 300, 400)
		w.refunded(t, 2170)
	})
}

// TestKeptCardOfAPurse: a kept card that is declined, or left unconfirmed, keeps
// the purse for the order as long as its hold lives and not longer; another
// card pays the same rest.
func TestKeptCardOfAPurse(t *testing.T) {
	kept := func(m commerce.MemberID) string {
		return `SELECT COALESCE(SUM(held), 0) FROM balances WHERE account = 'points:` + string(m) + `'`
	}
	for name, card := range map[string]string{"declined": visa, "left unconfirmed": asks} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				ann, with := w.keeper("ann", card)
				before := w.stripe.Captured("")
				w.purse(ann, 300, 400)
				if card == visa {
					w.stripe.Block("4242", "insufficient_funds")
				}
				o := w.placed(ann, w.cart("ticket", 2))
				if out := w.charge(ann, o, with); out.Order.State != orders.Pending || out.Asks == (out.Decline != "") {
					t.Fatalf("charged: %+v", out)
				}
				if n := w.number(kept(ann.Member)); n != 400 {
					t.Errorf("%d points are held for the order", n)
				}
				w.rest(hold + time.Minute)
				w.want(o, orders.Lapsed)
				w.left(ann, 300, 400)
				if n := w.number(kept(ann.Member)); n != 0 {
					t.Errorf("%d points are still held", n)
				}
				if o = w.placed(ann, w.cart("ticket", 2)); card == visa {
					w.charge(ann, o, with)
				}
				if status := w.pay(o, "5555555555554444"); status != "paid" {
					t.Fatalf("on the page: %s", status)
				}
				w.hear(2)
				w.want(o, orders.Paid)
				w.left(ann, 0, 0)
				if n := w.stripe.Captured("") - before; n != 700 {
					t.Errorf("the card paid %d", n)
				}
			})
		})
	}
}

// TestLateMoneyTakesItsVoucher is TestLateMoneyTakesItsCode for a code that serves
// once: it is taken again where it is free, be it after somebody else had it; else
// the money goes back whole, whoever has it.
func TestLateMoneyTakesItsVoucher(t *testing.T) {
	for name, want := range map[string]orders.State{"free": orders.Paid, "free again": orders.Paid,
		"held": orders.Refunded, "used": orders.Refunded, "used by herself": orders.Refunded} {
		t.Run(name, func(t *testing.T) {
			each(t, func(w *world) {
				rule := tenOff("batch", "")
				w.promise(rule)
				codes, err := promotions.Make(w.ctx, w.db, commerce.RandomIDs{}, w.clock.Now(), rule, 1)
				w.must(err)
				ann, bob := w.buyer("ann"), w.buyer("bob")
				w.must(w.enter(ann, codes[0]))
				w.must(w.enter(bob, codes[0]))
				o := w.placed(ann, w.cart("ticket", 1))
				if o.Total != eur(630) {
					t.Fatalf("total %v", o.Total)
				}
				tg := w.invoice(ann, o)
				w.must(tg.approve())
				r := tg.receipt()
				w.rest(hold + time.Minute)
				w.want(o, orders.Lapsed)
				owner := o
				switch name {
				case "free again":
					other := w.placed(bob, w.cart("ticket", 2))
					w.must(w.shop.CancelPending(w.ctx, bob.Member, other.ID))
				case "held", "used":
					owner = w.placed(bob, w.cart("ticket", 2))
				case "used by herself":
					owner = w.placed(ann, w.cart("ticket", 2))
				}
				if owner.ID != o.ID && name != "held" {
					w.pay(owner, visa)
					w.hear(1)
				}
				if owner.ID != o.ID && owner.Total != eur(1260) {
					t.Errorf("the other order has the total %v", owner.Total)
				}
				for range 3 {
					w.must(w.shop.InvoicePaid(w.ctx, r))
				}
				w.rest(time.Minute)
				w.want(o, want)
				if n := w.number(`SELECT COUNT(*) FROM promotion_codes WHERE order_id = $1`, owner.ID); n != 1 {
					t.Error("the code is not that order's")
				}
				late := 0
				if want == orders.Refunded {
					late = 1
					w.refunded(t, r.Amount.Amount)
				} else {
					w.refunded(t, 0)
				}
				if n := w.told(notices.OrderLate); n != late {
					t.Errorf("told %d times that the money came late", n)
				}
			})
		})
	}
}
