package catalog

// Google Merchant's product data, as described at
// https://support.google.com/merchants/answer/7052112. What an item means:
//   - Items with the same item_group_id are the variants of one product; the
//     attributes in which they differ are its options.
//   - A price names its currency. With a sale_price the price is the earlier
//     one; with sale_price_effective_date the sale lasts that long.
//   - in_stock with a quantity is counted, without one it is not; out_of_stock
//     is counted as none; preorder and backorder may be sold without stock.

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/soukchat/souk/commerce"
)

// item is an item of a Google feed: the values of each attribute, under names
// in the form of columnName.
type item struct {
	line   int
	values map[string][]string
}

// raw returns the first value of the first attribute that has one.
func (i item) raw(names ...string) string {
	for _, n := range names {
		for _, v := range i.values[n] {
			if strings.TrimSpace(v) != "" {
				return v
			}
		}
	}
	return ""
}

func (i item) get(names ...string) string { return oneLine(i.raw(names...)) }

// The attributes that tell the variants of a product apart, in the order in
// which a member chooses.
var variantAttributes = []struct{ attribute, name string }{
	{"color", "Color"}, {"size", "Size"}, {"material", "Material"}, {"pattern", "Pattern"},
}

func readGoogleTable(t *table, currency string) (*Feed, error) {
	if !t.has("price") {
		return nil, missing("price")
	}
	if len(t.rows) == 0 {
		return nil, errNoRows
	}
	items := make([]item, 0, len(t.rows))
	for _, r := range t.rows {
		i := item{r.line, map[string][]string{}}
		for name, at := range t.columns {
			if at < len(r.fields) && r.fields[at] != "" {
				i.values[name] = []string{r.fields[at]}
			}
		}
		if more := i.raw("additional image link"); more != "" {
			i.values["additional image link"] = strings.Split(more, ",")
		}
		items = append(items, i)
	}
	return google(items, "google-table", currency), nil
}

// google makes products of items.
func google(items []item, format, currency string) *Feed {
	f := &Feed{Format: format, Currency: currency}
	var order []string
	groups := map[string][]item{}
	seen := map[string]int{}
	for _, i := range items {
		id := clip(i.get("id"), maxWord)
		switch first, again := seen[id]; {
		case id == "":
			f.problem(i.line, "no id; skipped")
			continue
		case again:
			f.problem(i.line, "%s: the same id as line %d; skipped", id, first)
			continue
		case i.get("title") == "":
			f.problem(i.line, "%s: no title; skipped", id)
			continue
		}
		seen[id] = i.line
		name := clip(i.get("item group id"), maxWord)
		if name == "" {
			name = id
		}
		if groups[name] == nil {
			order = append(order, name)
		}
		groups[name] = append(groups[name], i)
	}
	for _, name := range order {
		f.googleProduct(name, groups[name])
	}
	return f
}

func (f *Feed) googleProduct(handle string, items []item) {
	first := items[0]
	p := FeedProduct{
		Line: first.line, Handle: handle, Title: clip(commonTitle(items), maxTitle),
		Body:   plainText(first.raw("description")),
		Vendor: clip(first.get("brand"), maxWord),
	}
	p.Category = categoryOf(first.get("product type"), first.get("google product category"), nil)
	values := p.chooseOptions(items)
	for n, i := range items {
		for _, source := range append([]string{i.get("image link")}, i.values["additional image link"]...) {
			source = oneLine(source)
			if source != "" && !slices.ContainsFunc(p.Pictures, func(k Picture) bool { return k.Source == source }) {
				p.Pictures = append(p.Pictures, Picture{Source: source})
			}
		}
		v := FeedVariant{Line: i.line, SKU: clip(i.get("id"), maxWord), Values: values[n], Shipped: true, Taxable: true}
		if len(items) > 1 {
			v.Picture = i.get("image link")
		}
		if f.googlePrice(i, &v) {
			v.Stock = f.googleStock(i)
			p.Variants = append(p.Variants, v)
		}
	}
	f.finish(p)
}

// chooseOptions sets the product's options to the attributes in which its
// items differ and returns each item's values. Where those do not tell the
// items apart, what is left of their titles does.
func (p *FeedProduct) chooseOptions(items []item) [][]string {
	values := make([][]string, len(items))
	if len(items) == 1 {
		return values
	}
	for _, a := range variantAttributes {
		if len(p.Options) == 3 {
			break
		}
		differ := slices.ContainsFunc(items, func(i item) bool { return i.get(a.attribute) != items[0].get(a.attribute) })
		if !differ {
			continue
		}
		p.Options = append(p.Options, a.name)
		for n, i := range items {
			values[n] = append(values[n], clip(i.get(a.attribute), maxWord))
		}
	}
	told := map[string]bool{}
	for _, v := range values {
		told[fold(strings.Join(v, "\x00"))] = true
	}
	if len(told) == len(items) {
		return values
	}
	p.Options = []string{"Variant"}
	for n, i := range items {
		rest := strings.TrimFunc(strings.TrimPrefix(i.get("title"), p.Title), edge)
		if !strings.Contains(rest, "(") {
			rest = strings.TrimSuffix(rest, ")") // "Mug (blue)" leaves "blue"
		}
		if rest == "" || slices.ContainsFunc(values[:n], func(v []string) bool { return fold(v[0]) == fold(rest) }) {
			rest = i.get("id")
		}
		values[n] = []string{clip(rest, maxWord)}
	}
	return values
}

// commonTitle returns the words with which all titles begin, the first title
// where they have none in common.
func commonTitle(items []item) string {
	title := items[0].get("title")
	common := strings.Fields(title)
	for _, i := range items[1:] {
		other := strings.Fields(i.get("title"))
		n := 0
		for n < len(common) && n < len(other) && common[n] == other[n] {
			n++
		}
		common = common[:n]
	}
	if short := strings.TrimFunc(strings.Join(common, " "), edge); short != "" {
		return short
	}
	return title
}

// edge reports what may be cut off between a title and what follows it.
func edge(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("-–—,;:/|(", r) }

func (f *Feed) googlePrice(i item, v *FeedVariant) bool {
	id := v.SKU
	text := i.get("price")
	if text == "" {
		f.problem(i.line, "%s: no price; skipped", id)
		return false
	}
	var err error
	if v.Price, err = googleMoney(text, f.Currency); err != nil {
		f.problem(i.line, "%s: price: %v; skipped", id, err)
		return false
	}
	text = i.get("sale price")
	if text == "" {
		return true
	}
	low, err := googleMoney(text, f.Currency)
	switch {
	case err != nil:
		f.problem(i.line, "%s: sale price: %v; left out", id, err)
		return true
	case low.Amount >= v.Price.Amount:
		return true
	}
	dates := i.get("sale price effective date")
	if dates == "" {
		v.CompareAt, v.Price = v.Price, low
		return true
	}
	from, until, err := googleDates(dates)
	if err != nil {
		f.problem(i.line, "%s: sale price effective date: %v; the sale is left out", id, err)
		return true
	}
	v.Sale = &Sale{Price: low, From: from, Until: until}
	return true
}

// googleMoney reads "12.50 EUR" or "EUR 12.50"; an amount alone is taken to be
// in the shop's currency.
func googleMoney(s, currency string) (commerce.Money, error) {
	amount, named, two := strings.Cut(s, " ")
	if two && len(amount) == 3 && strings.ToUpper(amount) == amount && amount[0] >= 'A' {
		amount, named = named, amount
	}
	if named = strings.TrimSpace(named); named != "" && !strings.EqualFold(named, currency) {
		return commerce.Money{}, fmt.Errorf("%q is not in the shop's currency, %s", s, currency)
	}
	return parsePrice(strings.TrimSpace(amount), currency)
}

// googleDates reads two times with a slash between them.
func googleDates(s string) (from, until time.Time, err error) {
	a, b, ok := strings.Cut(s, "/")
	if !ok {
		return from, until, fmt.Errorf("%q is not two times with a / between them", s)
	}
	if from, err = googleTime(strings.TrimSpace(a)); err == nil {
		until, err = googleTime(strings.TrimSpace(b))
	}
	return from, until, err
}

func googleTime(s string) (t time.Time, err error) {
	for _, layout := range []string{"2006-01-02T15:04-0700", "2006-01-02T15:04:05-0700", "2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02"} {
		if t, err = time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return t, fmt.Errorf("%q is not a time as 2026-02-24T13:00+0100", s)
}

func (f *Feed) googleStock(i item) FeedStock {
	text := i.get("quantity", "sell on google quantity", "inventory")
	n, err := parseQuantity(text)
	if err != nil {
		f.problem(i.line, "%s: quantity: %v; taken as 0", i.get("id"), err)
	}
	n = max(n, 0)
	switch availability := strings.ReplaceAll(strings.ToLower(i.get("availability")), "_", " "); availability {
	case "in stock", "available for order", "limited availability", "":
		if text == "" {
			return FeedStock{}
		}
		return FeedStock{Counted: true, Quantity: n}
	case "preorder", "backorder":
		return FeedStock{Counted: true, Quantity: n, Backorder: true}
	case "out of stock":
		return FeedStock{Counted: true}
	default:
		f.problem(i.line, "%s: availability %q is not known; taken as out of stock", i.get("id"), clip(availability, 40))
		return FeedStock{Counted: true}
	}
}
