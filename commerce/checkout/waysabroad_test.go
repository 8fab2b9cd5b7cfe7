package checkout_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// TestWaysAbroad: an invoice of two brands is paid by each way that is offered to
// each country. Tax comes on top and is the country's, so that another address
// changes what the goods cost too: to the cent what was shown there, what is
// asked, what is charged and what is booked are one sum, and a cent beside it is
// refused.
func TestWaysAbroad(t *testing.T) {
	each(t, func(w *world) {
		w.second()
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE stock SET on_hand = on_hand + 10, free = free + 10`)
			return err
		}))
		w.shop.Rules = func() pricing.Rules {
			top := func(de, at int64) pricing.Tax {
				return pricing.Tax{Name: "Tax", Rates: []pricing.Rate{{To: []string{"DE"}, PPM: de}, {To: []string{"AT"}, PPM: at}}}
			}
			return pricing.Rules{
				"acme": {Name: "Acme", Tax: top(190_000, 200_000), Shipping: []pricing.ShippingOption{
					{ID: "post", Name: "Post", Price: eur(490)}, {ID: "bike", Name: "Bike", Price: eur(905), To: []string{"DE"}}}},
				"zeta": {Name: "Zeta", Tax: top(77_500, 0), Shipping: []pricing.ShippingOption{
					{ID: "free", Name: "Parcel", Price: eur(333), FreeFrom: eur(1500)}, {ID: "fast", Name: "Fast", Price: eur(1111)}}},
			}
		}
		// A cup of 11.90 and two bowls of 15.54: with tax of its country on goods
		// and parcel of each brand, rounded once for each.
		want := map[string][]int64{
			"DE": {1190 + 490 + 319 + 1554 + 0 + 120, 1190 + 490 + 319 + 1554 + 1111 + 207, 1190 + 905 + 398 + 1554 + 0 + 120, 1190 + 905 + 398 + 1554 + 1111 + 207},
			"AT": {1190 + 490 + 336 + 1554 + 0, 1190 + 490 + 336 + 1554 + 1111},
		}
		for country, totals := range want {
			for i, total := range totals {
				b := w.buyer(fmt.Sprint(country, i)) // whose own address is in Germany
				o := w.placed(b, w.cart("cup", 1, "bowl", 2))
				tg := w.invoice(b, o)
				tg.address = &members.Address{Name: "Ann", Street: "Ring 2", Postcode: map[string]string{"DE": "20095", "AT": "1010"}[country], City: "There", Country: country}
				ways, err := w.shop.Ways(w.ctx, b.Member, tg.i.Payment, country)
				w.must(err)
				if len(ways) != len(totals) {
					t.Fatalf("%d ways to %s: %+v", len(ways), country, ways)
				}
				shown := int64(0)
				for _, l := range append(tg.i.Lines, ways[i].Lines...) {
					shown += l.Amount.Amount
				}
				if shown != total {
					t.Errorf("%s to %s: %d is shown, want %d", ways[i].Names, country, shown, total)
				}
				for _, off := range []int64{-1, 1, 0} {
					a := tg.approval()
					a.Way, a.Total = ways[i].ID, eur(shown+off)
					if err := w.shop.Approve(w.ctx, a); (off == 0) != (err == nil) || err != nil && !errors.Is(err, checkout.ErrInvoiceChanged) {
						t.Errorf("%s to %s, %+d: %v", ways[i].Names, country, off, err)
					}
				}
				before := w.stripe.Captured("")
				w.must(w.shop.InvoicePaid(w.ctx, tg.receipt()))
				w.want(o, orders.Paid)
				paid, err := w.shop.Orders().Get(w.ctx, o.ID)
				w.must(err)
				if n := w.stripe.Captured("") - before; n != total || paid.Total != eur(total) || paid.Address.Country != country {
					t.Errorf("%s to %s: captured %d, order of %v to %s, want %d", ways[i].Names, country, n, paid.Total, paid.Address.Country, total)
				}
			}
		}
		// What the brands and the state get is in the books, to the cent.
		for account, n := range map[string]int64{"tax:acme": 2*319 + 2*398 + 2*336, "tax:zeta": 2*120 + 2*207, "shipping:acme": 4*490 + 2*905, "shipping:zeta": 3 * 1111} {
			if got := -w.balance(rewards.Account(account), "EUR"); got != n {
				t.Errorf("%s has %d, want %d", account, got, n)
			}
		}
	})
}
