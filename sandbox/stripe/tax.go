package stripe

import (
	"fmt"
	"strings"
)

// This file calculates tax as Stripe Tax does for a shop that is registered in
// a few countries of Europe (docs.stripe.com/tax/custom): standard rates, on
// goods and parcel alike, nothing anywhere else. Nothing is recorded by it.

// rates are the standard rates of VAT, in tenths of a percent.
var rates = map[string]int64{"DE": 190, "AT": 200, "FR": 200, "IT": 220, "NL": 210, "LU": 170}

func (s *Server) calculateTax(c *call) (any, *apiError) {
	country := c.form["customer_details.address.country"]
	switch {
	case !c.has("line_items.0"):
		return nil, invalid("line_items", "You must specify at least one line item.")
	case len(country) != 2 || strings.ToUpper(country) != country:
		return nil, invalid("customer_details[address][country]", "Country '%s' is unknown. Try using a 2-character alphanumeric country code instead, such as 'US', 'EG', or 'GB'.", country)
	}
	rate, within, onTop, total := rates[country], int64(0), int64(0), int64(0)
	seen := map[string]bool{}
	tax := func(at string) *apiError {
		amount := c.int(at + ".amount")
		if amount < 0 {
			return invalid(at+"[amount]", "Invalid non-negative integer")
		}
		if c.form[at+".tax_behavior"] == "inclusive" {
			within += (amount*rate*2 + 1000 + rate) / (2 * (1000 + rate))
			total += amount
			return nil
		}
		more := (amount*rate*2 + 1000) / 2000
		onTop += more
		total += amount + more
		return nil
	}
	for i := 0; c.has(fmt.Sprintf("line_items.%d", i)); i++ {
		at := fmt.Sprintf("line_items.%d", i)
		if name := c.form[at+".reference"]; name != "" {
			if seen[name] {
				return nil, invalid(at+"[reference]", "Each line item must have its own reference: '%s' is there twice.", name)
			}
			seen[name] = true
		}
		if err := tax(at); err != nil {
			return nil, err
		}
	}
	if c.has("shipping_cost") {
		if err := tax("shipping_cost"); err != nil {
			return nil, err
		}
	}
	return map[string]any{"id": newID("taxcalc_"), "object": "tax.calculation", "amount_total": total, "currency": c.form["currency"],
		"customer": nil, "livemode": false, "tax_amount_exclusive": onTop, "tax_amount_inclusive": within, "tax_date": s.now().Unix(),
		"customer_details": map[string]any{"address": map[string]any{"country": country}, "address_source": c.form["customer_details.address_source"]}}, nil
}
