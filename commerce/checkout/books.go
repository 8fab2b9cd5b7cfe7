package checkout

import (
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// owed is money we hold and must give back.
const owed rewards.Account = "owed:members"

// post books the sale of an order: cash in, and for each brand its goods and
// parcels without tax, and the tax.
func post(tx *database.Tx, at time.Time, id string, o orders.Order) error {
	entries := []rewards.Entry{{Account: rewards.Cash, Amount: o.Total}}
	credit := func(a rewards.Account, amount int64) {
		entries = append(entries, rewards.Entry{Account: a, Amount: commerce.Money{Amount: -amount, Currency: o.Total.Currency}})
	}
	type sums struct{ goods, parcel, tax, included int64 }
	brands, order := map[commerce.BrandID]*sums{}, []commerce.BrandID{}
	for _, l := range o.Lines {
		s := brands[l.Brand]
		if s == nil {
			s = &sums{}
			brands[l.Brand], order = s, append(order, l.Brand)
		}
		switch l.Kind {
		case pricing.KindItem:
			s.goods += l.Amount.Amount
		case pricing.KindShipping:
			s.parcel += l.Amount.Amount
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
