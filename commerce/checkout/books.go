package checkout

import (
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// owed is money we hold and must give back.
const owed rewards.Account = "owed:members"

// post books the sale of an order: cash in, what it spends beside the card,
// and for each brand its goods and parcels without tax, and the tax. What is
// held for it is spent by that.
func post(tx *database.Tx, at time.Time, id string, o orders.Order) error {
	if err := rewards.Unhold(tx, o.ID); err != nil {
		return err
	}
	entries := []rewards.Entry{{Account: rewards.Cash, Amount: o.Total}}
	for _, e := range tender(o) {
		entries = append(entries, e)
		if e.Amount.Currency == rewards.PointsCurrency { // they balance among themselves
			entries = append(entries, rewards.Entry{Account: rewards.PointsIssued, Amount: commerce.Money{Amount: -e.Amount.Amount, Currency: e.Amount.Currency}})
		}
	}
	credit := func(a rewards.Account, amount int64) {
		entries = append(entries, rewards.Entry{Account: a, Amount: commerce.Money{Amount: -amount, Currency: o.Total.Currency}})
	}
	type sums struct{ goods, parcel, tax, included int64 }
	brands, order := map[commerce.BrandID]*sums{}, []commerce.BrandID{}
	for _, l := range o.Lines {
		if l.Kind.Tender() {
			if l.Kind == pricing.KindPoints {
				entries = append(entries, rewards.Entry{Account: rewards.PointsRedeemed, Amount: commerce.Money{Amount: -l.Amount.Amount, Currency: l.Amount.Currency}})
			}
			continue
		}
		if l.Kind == pricing.KindDiscount {
			continue // its shares are in the lines it came off
		}
		if l.Kind == pricing.KindGift {
			credit(rewards.GiftCard(l.Ref), l.Amount.Amount) // owed to whoever redeems it: no revenue yet
			continue
		}
		s := brands[l.Brand]
		if s == nil {
			s = &sums{}
			brands[l.Brand], order = s, append(order, l.Brand)
		}
		switch l.Kind {
		case pricing.KindItem:
			s.goods += l.Amount.Amount - l.Discount.Amount
		case pricing.KindShipping:
			s.parcel += l.Amount.Amount - l.Discount.Amount
		case pricing.KindTax:
			s.tax += l.Amount.Amount + l.Included.Amount
			s.included += l.Included.Amount
		default:
			return fmt.Errorf("order %s: a line of kind %q has no place in the books", o.ID, l.Kind)
		}
	}
	for _, b := range order {
		s := brands[b]
		// Tax within the prices is taken out of goods and parcel by their share.
		if s.included > 0 {
			parts, err := (commerce.Money{Amount: s.included, Currency: o.Total.Currency}).Split(s.goods, s.parcel)
			if err != nil {
				return err
			}
			s.goods -= parts[0].Amount
			s.parcel -= parts[1].Amount
		}
		credit(rewards.Revenue(b), s.goods)
		credit(rewards.Shipping(b), s.parcel)
		credit(rewards.Tax(b), s.tax)
	}
	_, err := rewards.Post(tx, at, rewards.Posting{ID: id, Order: o.ID, Memo: "sale", Entries: entries})
	return err
}

// earned says which accounts earned what a giveback is for: a line of goods its
// brand's revenue and tax, a parcel's price the brand's shipping and tax. An
// amount that names no line is for all of them.
func earned(o orders.Order, g payments.Giveback) (map[rewards.Account]int64, error) {
	of := map[rewards.Account]int64{}
	for _, gl := range g.Lines {
		line := o.Lines[gl.Position]
		tax, gross := int64(0), int64(0)
		for _, l := range o.Lines {
			if l.Brand != line.Brand {
				continue
			}
			switch l.Kind {
			case pricing.KindTax:
				tax, gross = tax+l.Amount.Amount+l.Included.Amount, gross+l.Amount.Amount
			case pricing.KindItem, pricing.KindShipping:
				gross += l.Amount.Amount - l.Discount.Amount
			}
		}
		part := commerce.Money{Currency: o.Total.Currency}
		if gross > 0 {
			var err error
			if part, err = (commerce.Money{Amount: tax, Currency: o.Total.Currency}).Part(gl.Value.Amount, gross); err != nil {
				return nil, err
			}
		}
		of[rewards.Tax(line.Brand)] += part.Amount
		account := rewards.Revenue(line.Brand)
		if line.Kind == pricing.KindShipping {
			account = rewards.Shipping(line.Brand)
		}
		of[account] += gl.Value.Amount - part.Amount
	}
	return of, nil
}
