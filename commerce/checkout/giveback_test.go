package checkout_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

func eur(minor int64) commerce.Money { return commerce.Money{Amount: minor, Currency: "EUR"} }

// balance is what an account of the books holds.
func (w *world) balance(a rewards.Account, currency string) (n int64) {
	w.Helper()
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COALESCE(SUM(amount), 0) FROM entries WHERE account = $1 AND currency = $2`, a, currency).Scan(&n)
	}))
	return n
}

// mixed is a paid order of some cups of which credit, a gift card and points
// paid a part: goods and parcel less what the tenders take.
func (w *world) mixed(card string, cups, credit, gift, points int64) orders.Order {
	w.Helper()
	b := w.buyer("ann")
	p, _ := w.goods.ByHandle("acme", "cup")
	now := w.clock.Now()
	goods := 1190 * cups
	o := orders.Order{ID: commerce.OrderID(commerce.RandomIDs{}.ID()), Hold: commerce.HoldID(commerce.RandomIDs{}.ID()), Token: commerce.RandomIDs{}.Token(),
		Member: b.Member, State: orders.Pending, Locale: "en", Platform: "telegram", Bot: "tg", CreatedAt: now, ExpiresAt: now.Add(hold),
		Total: eur(goods + 490 - credit - gift - points), Lines: []orders.Line{
			{Kind: pricing.KindItem, Label: "Cup", Brand: "acme", Product: p.ID, Variant: p.Variants[0].ID, Quantity: cups, Unit: eur(1190), Amount: eur(goods)},
			{Kind: pricing.KindShipping, Label: "Post", Brand: "acme", Amount: eur(490)},
			{Kind: pricing.KindTax, Label: "VAT", Brand: "acme", Amount: eur(0), Included: eur((goods + 490) * 19 / 119)},
			{Kind: pricing.KindCredit, Label: "Credit", Amount: eur(-credit)},
			{Kind: pricing.KindGiftCard, Label: "Gift card", Ref: giftFor(b), Amount: eur(-gift)},
			{Kind: pricing.KindPoints, Label: "Points", Quantity: points * 3, Amount: eur(-points)},
		}}
	o.Number = orders.NumberOf(o.ID)
	w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
		entries := []rewards.Entry{{Account: rewards.Goodwill, Amount: eur(credit)}, {Account: rewards.Credit(b.Member), Amount: eur(-credit)},
			{Account: rewards.PointsIssued, Amount: commerce.Money{Amount: points * 3, Currency: rewards.PointsCurrency}},
			{Account: rewards.Points(b.Member), Amount: commerce.Money{Amount: -points * 3, Currency: rewards.PointsCurrency}}}
		if _, err := rewards.Post(tx, now, rewards.Posting{ID: "grant:" + string(o.ID), Entries: entries}); err != nil {
			return err
		}
		if err := redeemed(tx, now, b.Member, giftFor(b), eur(gift)); err != nil {
			return err
		}
		if err := stock.Take(tx, now, stock.Hold{ID: o.Hold, Member: b.Member, Lines: []stock.Line{{Variant: p.Variants[0].ID, Quantity: cups}}, Expires: o.ExpiresAt}); err != nil {
			return err
		}
		for a, m := range map[rewards.Account]commerce.Money{rewards.Credit(b.Member): eur(credit), rewards.GiftCard(giftFor(b)): eur(gift),
			rewards.Points(b.Member): {Amount: points * 3, Currency: rewards.PointsCurrency}} {
			if m.Amount > 0 {
				if err := rewards.Hold(tx, o.ID, a, m); err != nil {
					return err
				}
			}
		}
		return orders.Create(tx, o, "test")
	}))
	w.pay(o, card)
	w.hear(1)
	w.want(o, orders.Paid)
	return o
}

// TestPartRefunds: whatever the order of part refunds, by amount or by lines,
// to the card or to credit, the books, Stripe and every tender agree, nothing
// is given twice, and all of them together are the whole.
func TestPartRefunds(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			shops := 0
			rapid.Check(t, func(r *rapid.T) {
				if shops++; shops > 20 && !t.Failed() {
					return // each has a database of its own: enough of them
				}
				w := newWorld(t, databasetest.Open(t, engine))
				credit, gift, points := rapid.Int64Range(0, 600).Draw(r, "credit"), rapid.Int64Range(0, 600).Draw(r, "gift"), rapid.Int64Range(0, 400).Draw(r, "points")
				cups := rapid.Int64Range(1, 3).Draw(r, "cups")
				o := w.mixed(visa, cups, credit, gift, points)
				value := 1190*cups + 490
				var given, toCard int64
				for range rapid.IntRange(1, 6).Draw(r, "parts") {
					g := checkout.Giving{Amount: eur(rapid.Int64Range(1, value).Draw(r, "amount")), Seen: -1}
					if rapid.Bool().Draw(r, "to credit") {
						g.Way = payments.WayCredit
					}
					if rapid.IntRange(0, 3).Draw(r, "by line") == 0 {
						g.Items = []fulfilment.Item{{Position: 0, Quantity: 1}}
						g.Amount = commerce.Money{}
					}
					back, err := w.shop.RefundPart(w.ctx, "test", o.ID, g)
					switch {
					case err == nil:
						given += back.Value.Amount
						if back.Way == payments.WayCard {
							toCard += back.Card.Amount
						}
					case !errors.Is(err, checkout.ErrTooMuch) && !errors.Is(err, checkout.ErrState) && !errors.Is(err, fulfilment.ErrGone):
						r.Fatal(err)
					}
					if rapid.Bool().Draw(r, "rest") {
						w.rest()
						w.invariants()
					}
				}
				w.rest()
				if w.state(o) != orders.Refunded {
					w.must(w.shop.Refund(w.ctx, "test", o.ID))
					w.rest()
				}
				if given > value {
					r.Fatalf("%d were given back of %d", given, value)
				}
				if got := w.stripe.Refunded(""); got < toCard || got > o.Total.Amount {
					r.Fatalf("Stripe gave %d back, of %d that went to the card on purpose, of %d captured", got, toCard, o.Total.Amount)
				}
				// All of it is back: of the sale nothing is left, and who paid has it again.
				for _, a := range []rewards.Account{rewards.Revenue("acme"), rewards.Shipping("acme"), rewards.Tax("acme"), rewards.PointsRedeemed} {
					if n := w.balance(a, "EUR"); n != 0 {
						r.Errorf("%s holds %d", a, n)
					}
				}
				if n := w.balance(rewards.GiftCard(giftFor(checkout.Buyer{Member: o.Member})), "EUR"); n != -gift {
					r.Errorf("the gift card has %d of %d", -n, gift)
				}
				if n := w.balance(rewards.Points(o.Member), rewards.PointsCurrency); n != -points*3 {
					r.Errorf("%d of %d points are back", -n, points*3)
				}
				if n := w.balance(rewards.Credit(o.Member), "EUR"); n != -(credit + o.Total.Amount - w.stripe.Refunded("")) {
					r.Errorf("the credit is %d", -n)
				}
				w.invariants()
				if t.Failed() {
					r.FailNow()
				}
			})
		})
	}
}

// TestPartRefundsRace: ten who refund at once never give back more than was
// captured, and a second tap of the same button gives nothing.
func TestPartRefundsRace(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa) // 16.80
		race := func(n int, g checkout.Giving) (done int) {
			var mu sync.Mutex
			var all sync.WaitGroup
			for range n {
				all.Go(func() {
					_, err := w.shop.RefundPart(w.ctx, "test", o.ID, g)
					mu.Lock()
					defer mu.Unlock()
					if err == nil {
						done++
					} else if !errors.Is(err, checkout.ErrState) && !errors.Is(err, checkout.ErrTooMuch) && !errors.Is(err, fulfilment.ErrGone) {
						t.Error(err)
					}
				})
			}
			all.Wait()
			return done
		}
		if n := race(5, checkout.Giving{Amount: eur(100), Seen: 0}); n != 1 {
			t.Errorf("five taps of one button gave %d times", n)
		}
		if n := race(10, checkout.Giving{Amount: eur(400), Seen: -1}); n != 3 {
			t.Errorf("ten times 4.00 of 15.80 were given %d times", n)
		}
		w.rest()
		if got := w.stripe.Refunded(""); got != 1300 {
			t.Errorf("Stripe gave %d back", got)
		}
		if n := w.told(notices.RefundPart); n != 4 {
			t.Errorf("told of %d parts", n)
		}
		w.want(o, orders.Paid)
		w.must(w.shop.Refund(w.ctx, "test", o.ID))
		w.rest()
		if got := w.stripe.Refunded(""); got != 1680 {
			t.Errorf("Stripe gave %d back in all", got)
		}
		w.want(o, orders.Refunded)
	})
}

// TestPartRefundByHand: what somebody gives back in part on Stripe's pages is
// booked once, and the staff is told once; the rest of it makes the order
// refunded.
func TestPartRefundByHand(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.bought(visa)
		_, err := w.shop.RefundPart(w.ctx, "test", o.ID, checkout.Giving{Amount: eur(300), Seen: -1})
		w.must(err)
		w.rest()
		w.byHand(o, "500")
		w.hear(2)
		if n, m := w.told(notices.StaffHand), w.told(notices.RefundPart); n != 1 || m != 2 {
			t.Errorf("the staff was told %d times, the buyer %d times", n, m)
		}
		if n := w.balance(rewards.Cash, "EUR"); n != 880 {
			t.Errorf("cash is %d", n)
		}
		if n := w.balance("owed:members", "EUR"); n != 0 {
			t.Errorf("%d are owed: the part is not booked against the sale", n)
		}
		w.want(o, orders.Paid)
		w.invariants()
		_, err = w.shop.RefundPart(w.ctx, "test", o.ID, checkout.Giving{Amount: eur(881), Seen: -1})
		if !errors.Is(err, checkout.ErrTooMuch) {
			t.Errorf("more than is left: %v", err)
		}
		w.byHand(o, "880")
		w.hear(1)
		w.want(o, orders.Refunded)
		if n := w.balance(rewards.Revenue("acme"), "EUR"); n != 0 {
			t.Errorf("revenue is %d", n)
		}
	})
}

// TestPartRefundFails: Stripe gives parts up weeks later; each is told, what
// is owed is in the books, and the others stand.
func TestPartRefundFails(t *testing.T) {
	each(t, func(w *world) {
		w.staff = []commerce.MemberID{w.buyer("sam").Member}
		o := w.bought(badRefund)
		for _, n := range []int64{300, 400} {
			_, err := w.shop.RefundPart(w.ctx, "test", o.ID, checkout.Giving{Amount: eur(n), Seen: -1})
			w.must(err)
			w.rest()
		}
		w.invariants()
		w.clock.Wait(2 * time.Minute)
		w.must(w.stripe.Rest(w.ctx))
		w.hear(1)
		if n := w.balance("owed:members", "EUR"); n != -700 {
			t.Errorf("%d are owed, want 700", -n)
		}
		if n := w.told(notices.StaffRefund); n != 2 {
			t.Errorf("the staff was told %d times", n)
		}
		w.owes(2)
		w.invariants()
		w.byHand(o, "400") // stands for the second: the first is more than nothing, and fits too
		w.hear(1)
		w.owes(1)
		w.invariants()
		w.want(o, orders.Paid)
	})
}

// TestLinesRefunded: a line is worth what was paid for it, and is refunded
// once; what was not packed is free again and not sent any more.
func TestLinesRefunded(t *testing.T) {
	each(t, func(w *world) {
		o := w.placed(w.buyer("ann"), w.cart("cup", 3))
		w.pay(o, visa)
		w.hear(1)
		line := func(n int64) checkout.Giving {
			return checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: n}}, Seen: -1}
		}
		back, err := w.shop.RefundPart(w.ctx, "test", o.ID, line(1))
		w.must(err)
		if back.Value != eur(1190) || w.free("cup") != 1 {
			t.Errorf("one cup is worth %s, %d are free", back.Value, w.free("cup"))
		}
		w.must(w.shop.Ship(w.ctx, "test", o.ID, "T1"))
		w.want(o, orders.Shipped)
		if _, err := w.shop.RefundPart(w.ctx, "test", o.ID, line(3)); !errors.Is(err, fulfilment.ErrGone) {
			t.Errorf("three more of two: %v", err)
		}
		_, err = w.shop.RefundPart(w.ctx, "test", o.ID, line(2))
		w.must(err)
		w.rest()
		w.want(o, orders.Shipped)
		if got := w.stripe.Refunded(""); got != 3570 {
			t.Errorf("Stripe gave %d back", got)
		}
		_, err = w.shop.RefundPart(w.ctx, "test", o.ID, checkout.Giving{Items: []fulfilment.Item{{Position: 1, Quantity: 1}}, Seen: -1})
		w.must(err)
		w.rest()
		w.want(o, orders.Refunded) // the parcel was all that was left
		if w.free("cup") != 1 {
			t.Errorf("%d cups are free", w.free("cup"))
		}
	})
}

// giftFor names the gift card a buyer spends.
func giftFor(b checkout.Buyer) string { return "g" + string(b.Member) }

// redeemed is a gift card that somebody gave a member, bought and redeemed.
func redeemed(tx *database.Tx, now time.Time, m commerce.MemberID, id string, amount commerce.Money) error {
	if amount.IsZero() {
		return nil
	}
	if _, err := tx.Exec(`INSERT INTO giftcards (id, order_id, buyer, amount, currency, state, redeemed_by, issued_at) VALUES ($1, $2, 'friend', $3, $4, 'redeemed', $5, 1)`,
		id, "of"+id, amount.Amount, amount.Currency, m); err != nil {
		return err
	}
	_, err := rewards.Post(tx, now, rewards.Posting{ID: "gift:" + id, Order: commerce.OrderID("of" + id), Entries: []rewards.Entry{
		{Account: rewards.Goodwill, Amount: amount}, {Account: rewards.GiftCard(id), Amount: commerce.Money{Amount: -amount.Amount, Currency: amount.Currency}}}})
	return err
}
