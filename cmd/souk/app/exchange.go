package app

import (
	"context"
	"slices"

	"github.com/soukchat/souk/bots/staff"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/reviews"
)

// openExchange connects the exchange with the orders of samples, and with what
// creators write.
func (a *App) openExchange() {
	a.Exchange = exchange.New(exchange.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Creators: a.Creators, Checkout: a.Checkout, Works: a.brandStaff, Told: a.staffOf,
		House: func() exchange.House {
			x := a.config.Load().Exchange
			return exchange.House{Followers: x.Followers.N(), Month: x.Month.N()}
		}})
	a.Checkout.SampleBack = a.Exchange.SampleBack
	a.Creators.Sampled, a.Creators.Wrote = a.Exchange.Sampled, a.Exchange.Posted
	a.Reviews.Wrote = func(tx *database.Tx, w reviews.Review) error { return a.Exchange.Reviewed(tx, w.Member, w.Product) }
}

// wares finds what can be offered as a sample: a variant by its id, or those of
// the products that words find.
func (a *App) wares(ctx context.Context, of []commerce.BrandID, query string, n int) ([]staff.Ware, error) {
	goods, err := a.Catalog.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	label := func(p *catalog.Product, v *catalog.Variant) string { return NameOfVariant(goods, v.ID) }
	if p, v, ok := goods.Variant(commerce.VariantID(query)); ok {
		if of != nil && !slices.Contains(of, p.Brand) {
			return nil, nil
		}
		one := *p
		one.Variants = []catalog.Variant{*v}
		return staff.Goods([]*catalog.Product{&one}, label, n), nil
	}
	return staff.Goods(goods.Search(query, of, n), label, n), nil
}

// showExchange connects the conversations with it.
func (a *App) showExchange() {
	a.Shop.Exchange = a.Exchange
	a.Staff.Exchange, a.Staff.Wares, a.Staff.Creator, a.Staff.Clock = a.Exchange, a.wares, a.Creators.Creator, a.Clock
}
