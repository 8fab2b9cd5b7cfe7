package earnings

// The rules of a programme. They are written down with the first order that is
// placed under them, by the digest of all they say: an order is decided by the
// version it was placed under, whatever is changed meanwhile.

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// Rules say what creators earn.
type Rules struct {
	PPM      int64         // of what a line brought, in millionths
	Worth    int64         // of 100 points, in minor units; 0 for nothing is earned
	Currency string        // of Worth
	Rates    []Rate        `json:",omitempty"` // the first that fits counts instead of PPM
	Credit   string        // CreditLast, CreditFirst or CreditSplit; "" is the last
	Window   time.Duration // how long a tap counts, 0 for as long as it is known
	Tiers    []Tier        `json:",omitempty"` // of creators, the lowest first; all by the same
	Within   time.Duration `json:",omitempty"` // what they brought in before it does not count for a tier

	Others      map[string]int64 `json:",omitempty"` // as Worth, of other currencies: what is bought in one without brings nothing
	Bring       int64            `json:",omitempty"` // of what the first order of somebody who was brought in brought, in millionths
	BringPoints int64            `json:",omitempty"` // instead of Bring
	Money       bool             `json:",omitempty"` // creators earn money instead of points, in the currency of what is bought
}

// Rate is what some goods bring, or all of them; with a tier, whoever has it or a
// higher one.
type Rate struct {
	Tier     string               `json:",omitempty"`
	Brands   []commerce.BrandID   `json:",omitempty"`
	Products []commerce.ProductID `json:",omitempty"`
	Variants []commerce.VariantID `json:",omitempty"`
	PPM      int64
}

// Pay reports whether anything can be earned.
func (r Rules) Pay() bool {
	return (r.Worth > 0 || r.Money) && (r.PPM > 0 || slices.ContainsFunc(r.Rates, func(x Rate) bool { return x.PPM > 0 }))
}

// Version names the rules.
func (r Rules) Version() string {
	text, _ := json.Marshal(r)
	return commerce.PublicID("earnings", string(text))
}

// rate is what a line brings a creator of a tier, in millionths.
func (r Rules) rate(l orders.Line, tier string) int64 {
	for _, x := range r.Rates {
		if x.Tier != "" && (r.rank(x.Tier) == 0 || r.rank(tier) < r.rank(x.Tier)) {
			continue
		}
		if x.Tier != "" && len(x.Brands)+len(x.Products)+len(x.Variants) == 0 || slices.Contains(x.Brands, l.Brand) || slices.Contains(x.Products, l.Product) || slices.Contains(x.Variants, l.Variant) {
			return x.PPM
		}
	}
	return r.PPM
}

// brings returns what an amount brings its creator at a rate, in points or money.
func (r Rules) brings(base commerce.Money, ppm int64) (commerce.Money, error) {
	if r.Money {
		return commerce.Money{Amount: max(base.Amount, 0), Currency: base.Currency}.Part(ppm, 1_000_000)
	}
	return r.points(base, ppm)
}

// points returns the points that an amount brings at a rate.
func (r Rules) points(base commerce.Money, ppm int64) (commerce.Money, error) {
	worth, none := r.Others[base.Currency], commerce.Money{Currency: rewards.PointsCurrency}
	if base.Currency == r.Currency {
		worth = r.Worth
	}
	if worth <= 0 || base.Amount <= 0 {
		return none, nil
	}
	all, err := (commerce.Money{Amount: base.Amount, Currency: rewards.PointsCurrency}).Part(100, worth)
	if err != nil {
		return none, err
	}
	return all.Part(ppm, 1_000_000)
}

// brought returns what each line of goods brought, by position: less its
// discounts and its share of the tax that is within the prices of its brand.
func brought(o orders.Order) (map[int64]commerce.Money, error) {
	net := map[int64]commerce.Money{}
	for i, l := range o.Lines {
		if l.Kind != pricing.KindItem && l.Kind != pricing.KindShipping {
			continue
		}
		left, err := l.Amount.Sub(l.Discount)
		if err != nil {
			return nil, err
		}
		net[int64(i)] = left
	}
	for _, tax := range o.Lines {
		if tax.Kind != pricing.KindTax || tax.Included.Amount <= 0 {
			continue
		}
		var at, weights []int64
		for i, l := range o.Lines {
			if n := l.Amount.Amount - l.Discount.Amount; (l.Kind == pricing.KindItem || l.Kind == pricing.KindShipping) && l.Brand == tax.Brand && n > 0 {
				at, weights = append(at, int64(i)), append(weights, n)
			}
		}
		if len(at) == 0 {
			continue
		}
		parts, err := tax.Included.Split(weights...)
		if err != nil {
			return nil, err
		}
		for k, i := range at {
			if net[i], err = net[i].Sub(parts[k]); err != nil {
				return nil, err
			}
		}
	}
	return net, nil
}

// keep writes down which rules an order is placed under.
func keep(tx *database.Tx, o orders.Order, r Rules, version string) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO earning_rules (version, rules, since) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING`,
		version, string(text), commerce.Micros(o.CreatedAt)); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO earning_terms (order_id, version) VALUES ($1, $2)`, o.ID, version)
	return err
}

// termsOf reads the rules an order was placed under; none pay nothing.
func termsOf(tx *database.Tx, id commerce.OrderID) (r Rules, version string, err error) {
	var text string
	err = tx.Row(`SELECT r.version, r.rules FROM earning_terms t JOIN earning_rules r ON r.version = t.version WHERE t.order_id = $1`, id).Scan(&version, &text)
	if err == database.ErrNone {
		return r, "", nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &r)
	}
	return r, version, err
}
