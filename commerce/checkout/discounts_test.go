package checkout_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
)

func euros(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// promise declares rules and makes them known.
func (w *world) promise(list ...promotions.Rule) {
	w.Helper()
	w.must(w.promo.Declare(w.ctx, list))
}

func (w *world) enter(b checkout.Buyer, code string) error {
	_, err := w.promo.Enter(w.ctx, b.Member, code)
	return err
}

func (w *world) number(query string, args ...any) (n int64) {
	w.Helper()
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error { return tx.Row(query, args...).Scan(&n) }))
	return n
}

func tenOff(id, code string) promotions.Rule {
	return promotions.Rule{ID: id, Name: id, Kind: promotions.Code, Code: code, Takes: pricing.Discount{Label: "Ten", Percent: 100_000}}
}

// TestCodeFollowsItsOrder: a code is taken with the order, given back when it
// lapses, used when it is paid, and stays used after the money went back.
func TestCodeFollowsItsOrder(t *testing.T) {
	each(t, func(w *world) {
		rule := tenOff("ten", "TEN-OFF")
		rule.Limit, rule.PerMember = 1, 1
		w.promise(rule)
		ann, bob := w.buyer("ann"), w.buyer("bob")
		w.must(w.enter(ann, "ten off"))
		w.must(w.enter(bob, "TENOFF"))
		cart := w.cart("cup", 1)
		o := w.placed(ann, cart)
		if o.Total.Amount != 1190-119+490 || o.Lines[0].Discount.Amount != 119 {
			t.Fatalf("total %v, lines %+v", o.Total, o.Lines)
		}
		// Her own order keeps the code for her; for Bob it is used up, and said.
		r, err := w.shop.Review(w.ctx, ann, cart)
		w.must(err)
		if r.Quote.Digest() != o.Quote || len(r.Applied) != 1 {
			t.Fatalf("the same quote is another one: %+v", r.Notes)
		}
		r, err = w.shop.Review(w.ctx, bob, cart)
		w.must(err)
		if len(r.Notes) != 1 || !errors.Is(r.Notes[0].Lapsed, promotions.ErrUsedUp) || r.Quote.Total.Amount != 1680 {
			t.Fatalf("bob: %v %+v", r.Quote.Total, r.Notes)
		}
		w.page(o)
		w.rest(hold + time.Minute)
		w.want(o, orders.Lapsed)
		if n := w.number(`SELECT used FROM promotions`); n != 0 {
			t.Errorf("%d used after it lapsed", n)
		}
		o = w.placed(ann, cart)
		if w.pay(o, visa) != "paid" {
			t.Fatal("not paid")
		}
		w.hear(2)
		w.want(o, orders.Paid)
		if err := w.enter(ann, "TENOFF"); !errors.Is(err, promotions.ErrYours) {
			t.Errorf("entered again: %v", err)
		}
		w.must(w.shop.CancelPaid(w.ctx, "staff", o.ID))
		w.rest()
		if n := w.number(`SELECT COUNT(*) FROM promotion_uses WHERE state = 'used'`); n != 1 {
			t.Errorf("%d used after the refund", n)
		}
		if err := w.enter(bob, "TENOFF"); !errors.Is(err, promotions.ErrUsedUp) {
			t.Errorf("a refund gave the code back: %v", err)
		}
	})
}

// TestCodeEndsBeforePlace: what ended between the quote and the order stops and
// asks; what was placed keeps its price.
func TestCodeEndsBeforePlace(t *testing.T) {
	each(t, func(w *world) {
		rule := tenOff("ten", "TEN")
		rule.Until = w.clock.Now().Add(time.Hour)
		w.promise(rule)
		ann := w.buyer("ann")
		w.must(w.enter(ann, "ten"))
		cart := w.cart("cup", 1)
		r, err := w.shop.Review(w.ctx, ann, cart)
		w.must(err)
		w.clock.Wait(59 * time.Minute)
		o := w.placed(ann, cart)
		w.clock.Wait(2 * time.Minute)
		if w.pay(o, visa) != "paid" {
			t.Fatal("an order that was placed is not kept")
		}
		w.hear(1)
		w.want(o, orders.Paid)
		bob := w.buyer("bob")
		if err := w.enter(bob, "ten"); !errors.Is(err, promotions.ErrEnded) {
			t.Errorf("entered after its end: %v", err)
		}
		w.clock.Wait(-30 * time.Minute)
		w.must(w.enter(bob, "ten"))
		r, err = w.shop.Review(w.ctx, bob, cart)
		w.must(err)
		w.clock.Wait(30 * time.Minute)
		if _, err := w.shop.Place(w.ctx, bob, cart, r.Quote.Digest()); !errors.Is(err, checkout.ErrQuoteChanged) {
			t.Fatalf("placed with a code that has ended: %v", err)
		}
		if r, err = w.shop.Review(w.ctx, bob, cart); err != nil || len(r.Notes) != 1 || !errors.Is(r.Notes[0].Lapsed, promotions.ErrEnded) {
			t.Fatalf("nothing says so: %+v, %v", r.Notes, err)
		}
	})
}

// TestVoucherOnce: of twenty who place at once with one code that serves once,
// one gets it; likewise where one member does so on twenty devices.
func TestVoucherOnce(t *testing.T) {
	each(t, func(w *world) {
		rule := tenOff("batch", "")
		w.promise(rule)
		codes, err := promotions.Make(w.ctx, w.db, commerce.RandomIDs{}, w.clock.Now(), rule, 2)
		w.must(err)
		const crowd = 20
		type try struct {
			buyer  checkout.Buyer
			cart   []live.CartLine
			digest string
		}
		race := func(tries []try) (won int64) {
			t.Helper()
			before := w.number(`SELECT COUNT(*) FROM promotion_uses WHERE state <> 'back'`)
			var wg sync.WaitGroup
			start := make(chan struct{})
			for _, one := range tries {
				wg.Go(func() {
					<-start
					_, err := w.shop.Place(w.ctx, one.buyer, one.cart, one.digest)
					if err != nil && !errors.Is(err, promotions.ErrUsedUp) && !errors.Is(err, checkout.ErrQuoteChanged) && commerce.KindOf(err) != commerce.Unavailable {
						t.Errorf("place: %v", err)
					}
				})
			}
			close(start)
			wg.Wait()
			return w.number(`SELECT COUNT(*) FROM promotion_uses WHERE state <> 'back'`) - before
		}
		var tries []try
		for i := range crowd {
			b := w.buyer("m" + string(rune('a'+i)))
			w.must(w.enter(b, codes[0]))
			cart := w.cart("ticket", 1)
			r, err := w.shop.Review(w.ctx, b, cart)
			w.must(err)
			tries = append(tries, try{b, cart, r.Quote.Digest()})
		}
		if won := race(tries); won != 1 {
			t.Errorf("%d orders have the code", won)
		}
		b := w.buyer("alone")
		w.must(w.enter(b, codes[1]))
		tries = nil
		for i := range crowd {
			cart := w.cart("ticket", 1+i%3) // another cart on each device
			r, err := w.shop.Review(w.ctx, b, cart)
			w.must(err)
			tries = append(tries, try{b, cart, r.Quote.Digest()})
		}
		if won := race(tries); won != 1 {
			t.Errorf("%d orders of one member have the code", won)
		}
	})
}

// TestOfferAppliesItself: claimed once, it waits for goods it fits and is used
// once; the brand sees what it brought.
func TestOfferAppliesItself(t *testing.T) {
	each(t, func(w *world) {
		w.promise(promotions.Rule{ID: "tea", Name: "tea", Kind: promotions.Offer, Brand: "acme", Limit: 2, PerMember: 1,
			Takes: pricing.Discount{Label: "Five", Fixed: euros(500), Minimum: euros(2000), Scope: pricing.Scope{Brands: []commerce.BrandID{"acme"}}}})
		ann := w.buyer("ann")
		_, first, err := w.promo.Claim(w.ctx, ann.Member, "tea")
		w.must(err)
		_, again, err := w.promo.Claim(w.ctx, ann.Member, "tea")
		w.must(err)
		if !first || again {
			t.Errorf("claimed: %v, %v", first, again)
		}
		_, _, err = w.promo.Claim(w.ctx, w.buyer("bob").Member, "tea")
		w.must(err)
		if _, _, err = w.promo.Claim(w.ctx, w.buyer("eve").Member, "tea"); !errors.Is(err, promotions.ErrClaimed) {
			t.Errorf("a third claim of two: %v", err)
		}
		r, err := w.shop.Review(w.ctx, ann, w.cart("cup", 1))
		w.must(err)
		if len(r.Applied) != 0 || len(r.Notes) != 1 || r.Notes[0].Missed.Short.Amount != 810 {
			t.Errorf("%+v", r.Notes)
		}
		o := w.placed(ann, w.cart("cup", 2))
		if w.pay(o, visa) != "paid" {
			t.Fatal("not paid")
		}
		w.hear(1)
		if r, err = w.shop.Review(w.ctx, ann, w.cart("last", 1)); err != nil || len(r.Applied)+len(r.Notes) != 0 {
			t.Errorf("used, and there again: %+v %v", r, err)
		}
		figures, err := w.promo.Figures(w.ctx, []commerce.BrandID{"acme"})
		w.must(err)
		if f := figures[0]; f.Claimed != 2 || f.Used != 1 || f.Revenue[0].Amount != 2380-500 {
			t.Errorf("%+v", f)
		}
	})
}

// TestCreatorsCode gives the discount, and the sale to the creator where nobody
// else recommended the goods.
func TestCreatorsCode(t *testing.T) {
	each(t, func(w *world) {
		rule := tenOff("mira", "MIRA")
		rule.Kind, rule.Creator = promotions.Creator, "mira"
		w.promise(rule)
		ann := w.buyer("ann")
		w.must(w.enter(ann, "mira"))
		cart := w.cart("cup", 1, "card", 1)
		cart[1].Creator = "noor"
		o := w.placed(ann, cart)
		got, err := w.shop.Orders().Get(w.ctx, o.ID)
		w.must(err)
		if got.Lines[0].Creator != "mira" || got.Lines[1].Creator != "noor" {
			t.Errorf("%+v", got.Lines)
		}
	})
}

// TestLinkJoinsUses: two accounts of one person are one for a limit.
func TestLinkJoinsUses(t *testing.T) {
	each(t, func(w *world) {
		rule := tenOff("ten", "TEN")
		rule.PerMember = 2
		offer := promotions.Rule{ID: "tea", Name: "tea", Kind: promotions.Offer, Brand: "acme", Takes: pricing.Discount{Label: "Five", Fixed: euros(500)}}
		w.promise(rule, offer)
		ann, anna := w.buyer("ann"), w.buyer("anna")
		for _, b := range []checkout.Buyer{ann, anna} {
			w.must(w.enter(b, "TEN"))
			_, _, err := w.promo.Claim(w.ctx, b.Member, "tea")
			w.must(err)
			o := w.placed(b, w.cart("ticket", 1))
			w.pay(o, visa)
			w.hear(1)
		}
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			if err := orders.Link(tx, ann.Member, anna.Member); err != nil {
				return err
			}
			return promotions.Link(tx, ann.Member, anna.Member)
		}))
		if err := w.enter(ann, "TEN"); !errors.Is(err, promotions.ErrYours) {
			t.Errorf("a third use: %v", err)
		}
		if n := w.number(`SELECT claimed FROM promotions WHERE id = 'tea'`); n != 1 {
			t.Errorf("%d claims of one person", n)
		}
	})
}
