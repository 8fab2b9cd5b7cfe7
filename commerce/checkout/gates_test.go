package checkout_test

import (
	"context"
	"errors"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/members"
)

// gated lets who is in it buy cups; tickets stay in Germany.
type gated map[commerce.MemberID]bool

func (g gated) May(_ context.Context, m commerce.MemberID, goods []*catalog.Product) error {
	for _, p := range goods {
		if p.Handle == "cup" && !g[m] {
			return gates.ErrAge
		}
	}
	return nil
}

func (g gated) rules(goods []*catalog.Product) (r gates.Rules) {
	for _, p := range goods {
		if p.Handle == "ticket" || p.Handle == "last" {
			r = append(r, gates.Gate{Products: []commerce.ProductID{p.ID}, SoldTo: []string{"DE"}})
		}
	}
	return r
}

func (g gated) To(country string, goods []*catalog.Product) error {
	return g.rules(goods).To(country, goods)
}
func (g gated) Regional(goods []*catalog.Product) bool { return len(g.rules(goods)) > 0 }

// TestGates: nothing with an age is sold to who is not known to be of it, whatever
// was agreed before, and nothing to a country it may not be sold to; what is not sent
// is asked an address too, where that matters.
func TestGates(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		let := gated{ann.Member: true}
		w.shop.Gates = let
		cup := w.cart("cup", 1)
		r, err := w.shop.Review(w.ctx, ann, cup)
		w.must(err)
		delete(let, ann.Member)
		if _, err := w.shop.Place(w.ctx, ann, cup, r.Quote.Digest()); !errors.Is(err, gates.ErrAge) {
			t.Errorf("placed: %v", err)
		}
		if _, err := w.shop.Review(w.ctx, w.buyer("ben"), w.cart("last", 1, "cup", 1)); !errors.Is(err, gates.ErrAge) {
			t.Errorf("another cart: %v", err)
		}
		ticket := w.cart("ticket", 1)
		w.placed(ann, ticket)
		at := func(country, postcode string) checkout.Buyer {
			b := w.buyer("c" + country)
			a, err := w.people.Address(w.ctx, b.Member)
			w.must(err)
			a.Country, a.Postcode = country, postcode
			w.must(w.people.SaveAddress(w.ctx, b.Member, *a))
			return b
		}
		for _, what := range []string{"ticket", "last"} {
			if _, err := w.shop.Review(w.ctx, at("CH", "8001"), w.cart(what, 1)); !errors.Is(err, gates.ErrRegion) {
				t.Errorf("%s to Switzerland: %v", what, err)
			}
		}
		m, err := w.people.Meet(w.ctx, members.Seen{Platform: "telegram", Account: "dan", Name: "Dan", Locale: "en", Bot: "tg", Private: true})
		w.must(err)
		nowhere := checkout.Buyer{Member: m.ID, Locale: "en", Platform: "telegram", Bot: "tg"}
		if r, err := w.shop.Review(w.ctx, nowhere, ticket); err != nil || r.Needs != "address" {
			t.Errorf("where to is not known: %+v, %v", r.Needs, err)
		}
		if _, err := w.shop.Place(w.ctx, nowhere, ticket, ""); !errors.Is(err, checkout.ErrIncomplete) {
			t.Errorf("placed without: %v", err)
		}
		if r, err := w.shop.Review(w.ctx, nowhere, w.cart("card", 1)); err != nil || r.Needs != "" {
			t.Errorf("a card needs %q, %v", r.Needs, err)
		}
		// In an invoice the country is chosen in the chat.
		o := w.placed(ann, w.cart("last", 1))
		i := w.invoice(ann, o)
		if _, err := w.shop.Ways(w.ctx, ann.Member, i.i.Payment, "DE"); err != nil {
			t.Errorf("an invoice to Germany: %v", err)
		}
		if _, err := w.shop.Ways(w.ctx, ann.Member, i.i.Payment, "CH"); !errors.Is(err, gates.ErrRegion) {
			t.Errorf("an invoice to Switzerland: %v", err)
		}
	})
}
