package checkout

import (
	"context"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/rewards"
)

// Review is what a member sees before they agree.
type Review struct {
	Quote   pricing.Quote
	Address *members.Address // nil where none is known, or none is needed
	Options map[commerce.BrandID][]pricing.ShippingOption
	Chosen  map[commerce.BrandID]string
	Needs   string             // "address", or "" where nothing is missing
	Applied []promotions.Claim // codes and offers that take something off
	Notes   []Note             // those that do not, and why

	Wallet    rewards.Wallet
	Points    int64          // so many points would take
	PointsOff commerce.Money // so much off, or do where the member spends them

	steps []orders.Step // what may come to be paid of it, where the card is only authorised
}

// Later reports that the card is only authorised for the quote, and charged
// later, that or less.
func (r Review) Later() bool { return len(r.steps) > 0 }

// Review prices a cart for a member. Lines whose variant is no longer for sale
// are left out. It returns the errors of pricing.Compute and, for what nobody
// could pay, those of payments.Takes.
func (c *Checkout) Review(ctx context.Context, b Buyer, cart []live.CartLine) (Review, error) {
	snap, err := c.Catalog.In(ctx, commerce.CommunityID(b.Community))
	if err != nil {
		return Review{}, err
	}
	m, err := c.Members.Fresh(ctx, b.Member)
	if err != nil {
		return Review{}, err
	}
	var prices []commerce.Money
	req := pricing.Request{Items: items(snap, cart), Shipping: map[commerce.BrandID]string{}}
	if b.Claim != "" {
		price, ok, err := c.Claims.Priced(ctx, b.Claim)
		if err != nil {
			return Review{}, err
		}
		if prices, err = c.Claims.Steps(ctx, b.Claim); err != nil {
			return Review{}, err
		}
		for i := range req.Items {
			if ok {
				req.Items[i].Unit = price
			}
		}
	}
	r := Review{Chosen: req.Shipping}
	needsAddress := req.NeedsAddress()
	if goods := products(snap, req.Items); c.Gates != nil {
		needsAddress = needsAddress || c.Gates.Regional(goods) // where to is asked, whatever it is
		if err := c.Gates.May(ctx, b.Member, goods); err != nil {
			return r, err
		}
		if needsAddress && m.Address != nil {
			if err := c.Gates.To(m.Address.Country, goods); err != nil {
				return Review{Address: m.Address}, err
			}
		}
	}
	if req.NeedsAddress() && m.Address != nil {
		r.Address, req.Country = m.Address, m.Address.Country
	}
	rules := c.Rules()
	if r.Options, err = pricing.Options(req, rules); err != nil {
		return Review{Address: r.Address}, err
	}
	for brand, options := range r.Options {
		chosen := m.Shipping[brand]
		if !slices.ContainsFunc(options, func(o pricing.ShippingOption) bool { return o.ID == chosen }) {
			chosen = options[0].ID // the one the brand proposes; the member sees it and can change it
		}
		req.Shipping[brand] = chosen
	}
	var claims []promotions.Claim
	if prices == nil {
		claims, err = c.waiting(ctx, b.Member, &req)
	}
	if err != nil {
		return Review{Address: r.Address}, err
	}
	if err := c.askTaxes(ctx, &req, rules, r.Address); err != nil {
		return Review{Address: r.Address}, err
	}
	if len(req.Items) > 0 && prices == nil {
		if req.Tender, r.Wallet, err = c.tenderOf(ctx, m.ID, req.Items[0].Unit.Currency); err != nil {
			return Review{Address: r.Address}, err
		}
		r.Points, r.PointsOff = c.pointsOffer(req, rules, r.Wallet)
	}
	if r.Quote, err = pricing.Compute(req, rules); err != nil {
		return Review{Address: r.Address}, err
	}
	if prices != nil {
		if r.steps, err = c.stepped(ctx, req, rules, prices, r.Quote, r.Address); err != nil {
			return Review{Address: r.Address}, err
		}
	}
	r.Applied, r.Notes = noted(claims, r.Quote)
	credit(r.Quote, r.Applied)
	if needsAddress && m.Address == nil {
		r.Needs = "address"
		return r, nil
	}
	var amounts []commerce.Money
	for _, l := range due(orders.Order{Total: r.Quote.Total, Lines: orders.Lines(r.Quote)}) {
		amounts = append(amounts, l.Amount)
	}
	if err := payments.Takes(r.Quote.Total, amounts...); err != nil {
		return Review{Address: r.Address}, err
	}
	return r, nil
}

// products are those of which something is bought.
func products(snap *catalog.Snapshot, items []pricing.Item) (list []*catalog.Product) {
	for _, it := range items {
		if p, ok := snap.Product(it.Product); ok {
			list = append(list, p)
		}
	}
	return list
}

func items(snap *catalog.Snapshot, cart []live.CartLine) (list []pricing.Item) {
	for _, l := range cart {
		p, v, ok := snap.Variant(l.Variant)
		if !ok || p.Hidden || v.Hidden {
			continue
		}
		list = append(list, pricing.Item{
			Variant: v.ID, Product: p.ID, Brand: p.Brand, Category: catalog.CategoryID(p.Category), Title: p.Title, Detail: v.Label(), SKU: v.SKU,
			Pick: l.Pick, Creator: l.Creator, Quantity: l.Quantity, Unit: v.Price,
			Shipped: v.Shipped && !p.Digital, Taxable: v.Taxable,
		})
	}
	return list
}
