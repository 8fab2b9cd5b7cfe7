package earnings_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/earnings"
)

// bring has ann bring somebody in, and returns both.
func (w *world) bring(who string) (ann commerce.MemberID, them checkout.Buyer) {
	w.Helper()
	ann = w.buyer("ann").Member
	w.clock.Wait(time.Second)
	them = w.buyer(who)
	isNew, err := w.earnings.Creators.Bring(w.ctx, them.Member, ann, "")
	w.must(err)
	if !isNew {
		w.Fatalf("%s was brought in before", who)
	}
	return ann, them
}

func (w *world) brought(m commerce.MemberID, want earnings.Bringing) {
	w.Helper()
	if got, err := w.earnings.BroughtBy(w.ctx, m); err != nil || got != want {
		w.Errorf("bringing brought %+v, %v, want %+v", got, err, want)
	}
}

// TestBrought pays who brought a member in for their first order, once, less what
// goes back of it.
func TestBrought(t *testing.T) {
	each(t, func(w *world) {
		w.rules = earnings.Rules{Worth: 100, Currency: "EUR", Bring: 50_000}
		ann, cleo := w.bring("cleo")
		w.brought(ann, earnings.Bringing{Members: 1})
		first := w.buy(cleo, w.line("cup", 2, "", ""), w.line("bowl", 1, "", "")) // 40.00 without tax
		w.brought(ann, earnings.Bringing{Members: 1, Bought: 1, Points: 200})
		w.buy(cleo, w.line("cup", 2, "", ""))
		w.buy(w.buyer("dora"), w.line("cup", 2, "", "")) // whom nobody brought
		w.brought(ann, earnings.Bringing{Members: 1, Bought: 1, Points: 200})
		page, err := w.earnings.Receipts(w.ctx, ann, "", 9)
		w.must(err)
		if len(page.Items) != 1 || page.Items[0].Why != earnings.Brought || page.Items[0].Creator != "" || page.Items[0].State != earnings.Pending {
			w.Errorf("%+v", page.Items)
		}
		w.must(w.shop.Send(w.ctx, "staff", first.ID, checkout.Sending{}))
		w.giveBack(first, 1)
		w.brought(ann, earnings.Bringing{Members: 1, Bought: 1, Points: 150})
		w.settled()
		sum, err := w.earnings.SumOf(w.ctx, ann)
		w.must(err)
		if sum.Pending != 0 || sum.Points != 150 {
			w.Errorf("%+v", sum)
		}
	})
}

// TestBroughtFixed gives so many points, never more than the order brought, also
// where creators earn money.
func TestBroughtFixed(t *testing.T) {
	each(t, func(w *world) {
		w.rules = earnings.Rules{Worth: 100, Currency: "EUR", BringPoints: 1500, Money: true, PPM: 100_000}
		ann, cleo := w.bring("cleo")
		w.buy(cleo, w.line("cup", 1, "", ""))
		w.brought(ann, earnings.Bringing{Members: 1, Bought: 1, Points: 1000})
		_, dora := w.bring("dora")
		w.buy(dora, w.line("cup", 1, "", ""), w.line("bowl", 1, "", ""))
		w.brought(ann, earnings.Bringing{Members: 2, Bought: 2, Points: 2500})
	})
}

// TestBroughtOnce: the second order brings nothing, nor does somebody who had bought
// before.
func TestBroughtOnce(t *testing.T) {
	each(t, func(w *world) {
		w.rules = earnings.Rules{Worth: 100, Currency: "EUR", Bring: 50_000}
		ann, cleo := w.bring("cleo")
		w.buy(cleo, w.line("cup", 2, "", ""))
		w.buy(cleo, w.line("bowl", 1, "", ""))
		got, err := w.earnings.BroughtBy(w.ctx, ann)
		w.must(err)
		if got.Bought != 1 || got.Points != 100 {
			w.Errorf("%+v", got)
		}
		if isNew, err := w.earnings.Creators.Bring(w.ctx, cleo.Member, w.mira, ""); isNew || err != nil {
			w.Errorf("brought in again: %t, %v", isNew, err)
		}
		w.brought(ann, got)

		dora := w.buyer("dora")
		w.buy(dora, w.line("cup", 2, "", ""))
		if _, err := w.earnings.Creators.Bring(w.ctx, dora.Member, ann, ""); err != nil {
			w.Error(err)
		}
		w.buy(dora, w.line("cup", 2, "", ""))
		w.brought(ann, earnings.Bringing{Members: 2, Bought: 1, Points: 100})
		if isNew, err := w.earnings.Creators.Bring(w.ctx, ann, ann, ""); isNew || err != nil {
			w.Errorf("brought herself in: %t, %v", isNew, err)
		}
	})
}

// TestBroughtAgain: an account of somebody who was here before is nobody new.
func TestBroughtAgain(t *testing.T) {
	each(t, func(w *world) {
		w.people.OnLink(w.earnings.Creators.Link)
		w.people.OnLink(w.earnings.Link)
		w.rules = earnings.Rules{Worth: 100, Currency: "EUR", Bring: 50_000}
		old := w.buyer("cleo-before")
		w.clock.Wait(time.Second)
		ann, cleo := w.bring("cleo")
		w.buy(cleo, w.line("cup", 2, "", ""))
		w.brought(ann, earnings.Bringing{Members: 1, Bought: 1, Points: 100})
		w.must(w.people.Link(w.ctx, old.Member, cleo.Member))
		w.brought(ann, earnings.Bringing{Bought: 1})
	})
}
