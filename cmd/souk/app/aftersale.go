package app

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
)

// payee is how a brand is paid.
func (a *App) payee(b commerce.BrandID) (p checkout.Payee) {
	for name, brand := range a.config.Load().Brands {
		if BrandID(name) != b {
			continue
		}
		p.Account, p.Hold = brand.Payout.Account, time.Duration(brand.Payout.HoldDays)*24*time.Hour
		if brand.Payout.Keep != "" {
			p.Keep, _ = brand.Payout.Keep.PPM() // checked when it was loaded
		}
	}
	return p
}

// returnPolicy is what the configuration says about returns now.
func (a *App) returnPolicy() checkout.Policy {
	r := a.config.Load().Policies.Returns
	return checkout.Policy{Days: r.Days, Arrives: time.Duration(r.DeliveredAfter) * 24 * time.Hour, Instructions: r.Instructions}
}

// variantName names a variant for the staff: its values, or its SKU.
func (a *App) variantName(ctx context.Context, id commerce.VariantID) string {
	goods, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return string(id)
	}
	return NameOfVariant(goods, id)
}

// NameOfVariant names a variant as a catalogue has it, by its id where it has none.
func NameOfVariant(goods *catalog.Snapshot, id commerce.VariantID) string {
	p, v, ok := goods.Variant(id)
	switch {
	case !ok:
		return string(id)
	case v.Label() == "":
		return p.Title
	}
	return p.Title + ", " + v.Label()
}

// productName is the title of a product, "" where there is none.
func (a *App) productName(ctx context.Context, id commerce.ProductID) string {
	goods, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return ""
	}
	p, ok := goods.Product(id)
	if !ok {
		return ""
	}
	return p.Title
}

// lately is how far back the feed looks at what a member has bought.
const lately = 90 * 24 * time.Hour

// boughtLately returns from which brands a member has bought something.
func (a *App) boughtLately(ctx context.Context, m commerce.MemberID) ([]commerce.BrandID, error) {
	return a.Checkout.Orders().BoughtFrom(ctx, m, a.Clock.Now().Add(-lately))
}
