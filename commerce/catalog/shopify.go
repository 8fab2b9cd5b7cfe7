package catalog

// Shopify's product CSV, in both generations of its column names, as described
// at https://help.shopify.com/en/manual/products/import-export/using-csv.
// What the rows mean:
//   - Rows with the same handle are one product; the first that has it tells a
//     field of the product. A row with neither handle nor title belongs to the
//     product above it.
//   - A row with an option, a SKU or a price is a variant; one with nothing
//     but a picture adds the picture.
//   - "Title" with the value "Default Title" stands for no options at all.
//   - A variant with an inventory tracker is counted, one without is not;
//     the policy continue allows backorders.

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Both generations of the columns' names, in the form of columnName.
var (
	colHandle    = []string{"handle", "url handle"}
	colTitle     = []string{"title"}
	colBody      = []string{"body (html)", "description", "body html", "body"}
	colVendor    = []string{"vendor"}
	colType      = []string{"type", "custom product type"}
	colTaxonomy  = []string{"product category", "standard product type", "google shopping / google product category"}
	colTags      = []string{"tags"}
	colPublished = []string{"published", "published on online store"}
	colStatus    = []string{"status"}
	colSKU       = []string{"variant sku", "sku"}
	colTracker   = []string{"variant inventory tracker", "inventory tracker"}
	colQuantity  = []string{"variant inventory qty", "inventory quantity"}
	colPolicy    = []string{"variant inventory policy", "continue selling when out of stock"}
	colPrice     = []string{"variant price", "price"}
	colCompareAt = []string{"variant compare at price", "compare-at price", "compare at price"}
	colShipped   = []string{"variant requires shipping", "requires shipping"}
	colTaxable   = []string{"variant taxable", "charge tax"}
	colPicture   = []string{"image src", "product image url"}
	colPosition  = []string{"image position"}
	colAlt       = []string{"image alt text"}
	colOwn       = []string{"variant image", "variant image url"}
	colGiftCard  = []string{"gift card"}
	colOptions   = [3][2]string{{"option1 name", "option1 value"}, {"option2 name", "option2 value"}, {"option3 name", "option3 value"}}
)

type shopify struct {
	*table
	feed     *Feed
	currency string
}

func readShopify(t *table, currency string) (*Feed, error) {
	s := shopify{t, &Feed{Format: "shopify", Currency: currency}, currency}
	if !t.has(colTitle...) {
		return nil, missing("Title")
	}
	if !t.has(colPrice...) {
		return nil, missing("Variant Price or Price")
	}
	if len(t.rows) == 0 {
		return nil, errNoRows
	}
	if t.has(colTracker...) && !t.has(colQuantity...) {
		s.feed.problem(1, "no column Variant Inventory Qty or Inventory quantity: the stock of counted variants is left as it is")
	}
	for _, group := range s.groups() {
		s.product(group)
	}
	return s.feed, nil
}

type group struct {
	handle string
	rows   []row
}

// groups gathers the rows of each product, wherever in the file they stand.
func (s shopify) groups() []*group {
	var all []*group
	at := map[string]*group{}
	var above *group
	for _, r := range s.rows {
		name := clip(strings.ToLower(s.get(r, colHandle...)), maxTitle)
		title := s.get(r, colTitle...)
		if name == "" && title != "" {
			name = clip(slug(title), maxTitle)
		}
		g := at[name]
		switch {
		case name == "" && above == nil:
			if strings.Join(r.fields, "") != "" {
				s.feed.problem(r.line, "no handle and no title; skipped")
			}
			continue
		case name == "":
			g = above
		case g == nil:
			g = &group{handle: name}
			all, at[name] = append(all, g), g
		}
		g.rows = append(g.rows, r)
		above = g
	}
	return all
}

func (s shopify) product(g *group) {
	line := g.rows[0].line
	p := FeedProduct{
		Line: line, Handle: g.handle,
		Title:  clip(s.first(g, colTitle...), maxTitle),
		Vendor: clip(s.first(g, colVendor...), maxWord),
	}
	for _, r := range g.rows {
		if isTrue(s.get(r, colGiftCard...)) {
			s.feed.problem(r.line, "%s: a gift card is not sold here; skipped", p.Handle)
			return
		}
		if p.Body == "" {
			p.Body = plainText(s.raw(r, colBody...))
		}
		p.Hidden = p.Hidden || isFalse(s.get(r, colPublished...)) || !isActive(s.get(r, colStatus...))
	}
	if p.Title == "" {
		s.feed.problem(line, "%s: no title; skipped", p.Handle)
		return
	}
	p.Tags = tags(s.first(g, colTags...))
	p.Category = categoryOf(s.first(g, colType...), s.first(g, colTaxonomy...), p.Tags)
	p.Pictures = s.pictures(g)
	p.Options = s.options(g)
	rows := g.rows
	if sold := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return !s.isVariant(r) }); len(sold) > 0 {
		rows = sold
	} else {
		rows = rows[:1]
	}
	for _, r := range rows {
		if v, ok := s.variant(r, p); ok {
			p.Variants = append(p.Variants, v)
		}
	}
	s.feed.finish(p)
}

// first returns the first row's field that holds something.
func (s shopify) first(g *group, names ...string) string {
	for _, r := range g.rows {
		if v := s.get(r, names...); v != "" {
			return v
		}
	}
	return ""
}

// options returns the names of the options in use.
func (s shopify) options(g *group) []string {
	var names [3]string
	n := 0
	for i, c := range colOptions {
		names[i] = clip(s.first(g, c[0]), maxWord)
		if value := s.first(g, c[1]); value != "" {
			n = i + 1
			if names[i] == "" {
				names[i] = "Option " + strconv.Itoa(n)
			}
		}
	}
	if n == 1 && fold(s.first(g, colOptions[0][1])) == "default title" {
		return nil
	}
	return names[:n:n]
}

func (s shopify) isVariant(r row) bool {
	return s.raw(r, colOptions[0][1], colOptions[1][1], colOptions[2][1]) != "" ||
		s.raw(r, colSKU...) != "" || s.raw(r, colPrice...) != ""
}

func (s shopify) variant(r row, p FeedProduct) (v FeedVariant, ok bool) {
	v = FeedVariant{
		Line: r.line, SKU: clip(strings.TrimPrefix(s.get(r, colSKU...), "'"), maxWord),
		Shipped: !isFalse(s.get(r, colShipped...)), Taxable: !isFalse(s.get(r, colTaxable...)),
		Picture: s.get(r, colOwn...),
	}
	for i := range p.Options {
		v.Values = append(v.Values, clip(s.get(r, colOptions[i][1]), maxWord))
	}
	price := s.get(r, colPrice...)
	if price == "" {
		s.feed.problem(r.line, "%s: no price; skipped", named(p.Handle, v.Values))
		return v, false
	}
	var err error
	if v.Price, err = parsePrice(price, s.currency); err != nil {
		s.feed.problem(r.line, "%s: price: %v; skipped", named(p.Handle, v.Values), err)
		return v, false
	}
	if was := s.get(r, colCompareAt...); was != "" {
		m, err := parsePrice(was, s.currency)
		if err != nil {
			s.feed.problem(r.line, "%s: compare-at price: %v; left out", named(p.Handle, v.Values), err)
		} else if m.Amount > v.Price.Amount {
			v.CompareAt = m
		}
	}
	v.Stock = s.stock(r, named(p.Handle, v.Values))
	return v, true
}

func (s shopify) stock(r row, name string) FeedStock {
	if s.get(r, colTracker...) == "" {
		return FeedStock{}
	}
	policy := s.get(r, colPolicy...)
	stock := FeedStock{Counted: true, Backorder: strings.EqualFold(policy, "continue") || isTrue(policy)}
	if stock.Unknown = !s.has(colQuantity...); stock.Unknown {
		return stock
	}
	n, err := parseQuantity(s.get(r, colQuantity...))
	if err != nil {
		s.feed.problem(r.line, "%s: quantity: %v; taken as 0", name, err)
	}
	if !stock.Backorder {
		n = max(n, 0) // below zero is what Shopify oversold: none is left
	}
	stock.Quantity = n
	return stock
}

func (s shopify) pictures(g *group) []Picture {
	type placed struct {
		Picture
		position int
	}
	var all []placed
	for _, r := range g.rows {
		source := s.get(r, colPicture...)
		if source == "" || slices.ContainsFunc(all, func(p placed) bool { return p.Source == source }) {
			continue
		}
		position, err := strconv.Atoi(s.get(r, colPosition...))
		if err != nil || position < 1 {
			position = len(all) + 1
		}
		all = append(all, placed{Picture{source, clip(s.get(r, colAlt...), maxTitle)}, position})
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.position, b.position) })
	var out []Picture
	for _, p := range all {
		out = append(out, p.Picture)
	}
	return out
}

// categoryOf chooses the words a product is filed under: the brand's own type,
// else the last step of the taxonomy's path, else the first tag.
func categoryOf(own, taxonomy string, tags []string) string {
	for _, path := range []string{own, taxonomy} {
		steps := strings.Split(path, ">")
		name := oneLine(steps[len(steps)-1])
		if _, err := strconv.Atoi(name); err != nil && name != "" { // Google's may be a number
			return clip(name, maxWord)
		}
	}
	if len(tags) > 0 {
		first, size := utf8.DecodeRuneInString(tags[0])
		return string(unicode.ToTitle(first)) + tags[0][size:]
	}
	return ""
}

func tags(s string) []string {
	var out []string
	for tag := range strings.SplitSeq(s, ",") {
		if tag = clip(oneLine(tag), maxWord); tag != "" && !slices.Contains(out, tag) {
			out = append(out, tag)
		}
	}
	return out
}

func named(handle string, values []string) string {
	if l := label(values); l != "" {
		return handle + " (" + l + ")"
	}
	return handle
}

func isTrue(s string) bool {
	return slices.Contains([]string{"true", "yes", "1", "wahr"}, strings.ToLower(s))
}

func isFalse(s string) bool {
	return slices.Contains([]string{"false", "no", "0", "falsch"}, strings.ToLower(s))
}

// isActive reports whether a product of this status is for sale: "", which
// older files have none of, and "active".
func isActive(status string) bool { return status == "" || strings.EqualFold(status, "active") }

func missing(column string) error { return errors.New("no column " + column) }
