package catalog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// difference is what a feed changes in a brand's catalogue. The rules:
//   - A product is the same as long as its handle is.
//   - A variant is the same as long as its SKU is, or else its options: so it
//     keeps its id, its stock and its place in carts when one of them changes.
//   - Another place in the feed is written, but is no change to tell of.
type difference struct {
	in         Import
	last, this string // ids of the imports
	now        time.Time
	counts     map[commerce.VariantID]count

	added, changed, unchanged int
	changes                   []Change

	products []*productRow        // to be written
	variants []variantRow         // to be written
	pictures []*productRow        // whose pictures are to be written
	removed  []commerce.ProductID // in the last import and not in this one
	counted  []counted
	done     int // rows written
}

// counted is a variant whose stock a feed changes.
type counted struct {
	variant   commerce.VariantID
	label     string
	quantity  int64
	backorder bool
	uncount   bool
}

// compare fills the difference between what the brand had and the feed.
func (d *difference) compare(had []*productRow) {
	old := make(map[string]*productRow, len(had))
	for _, r := range had {
		old[r.handle] = r
	}
	for i := range d.in.Feed.Products {
		p := &d.in.Feed.Products[i]
		d.product(int64(i+1), p, old[p.Handle])
		delete(old, p.Handle)
	}
	for _, r := range had {
		if old[r.handle] != nil && r.importID == d.last && r.importID != "" {
			d.removed = append(d.removed, r.id)
			d.changes = append(d.changes, Change{Kind: Removed, Handle: r.handle, Title: r.title})
		}
	}
}

func (d *difference) product(position int64, p *FeedProduct, had *productRow) {
	want := &productRow{
		id:    ProductID(d.in.Brand, p.Handle),
		brand: d.in.Brand, handle: p.Handle, title: p.Title, body: p.Body, vendor: p.Vendor, category: p.Category,
		tags: strings.Join(p.Tags, "\n"), hidden: p.Hidden, importID: d.this, position: position,
		createdAt: commerce.Micros(d.now), updatedAt: commerce.Micros(d.now), pictures: p.Pictures,
	}
	copy(want.options[:], p.Options)
	var before []variantRow
	if had != nil {
		want.id, want.createdAt, before = had.id, had.createdAt, had.variants
	}
	writtenBefore, countedBefore := len(d.variants), len(d.counted)
	variants, other, moved := d.variantsOf(want, p, before)
	want.digital = !slices.ContainsFunc(variants, func(v variantRow) bool { return v.shipped })

	switch {
	case had == nil || had.importID != d.last:
		d.added++
		d.changes = append(d.changes, Change{Kind: Added, Handle: p.Handle, Title: p.Title})
	case other || !same(want, had):
		d.changed++
		d.changes = append(d.changes, d.tell(want, had, d.variants[writtenBefore:], d.counted[countedBefore:]))
	default:
		d.unchanged++
		if !moved && want.position == had.position {
			return
		}
		want.updatedAt = had.updatedAt
	}
	d.products = append(d.products, want)
	if had == nil && len(want.pictures) > 0 || had != nil && !slices.Equal(want.pictures, had.pictures) {
		d.pictures = append(d.pictures, want)
	}
}

// same compares what a member can see of two products.
func same(a, b *productRow) bool {
	return a.title == b.title && a.body == b.body && a.vendor == b.vendor && a.category == b.category &&
		a.tags == b.tags && a.options == b.options && a.digital == b.digital && a.hidden == b.hidden &&
		slices.Equal(a.pictures, b.pictures)
}

// variantsOf makes the rows of a product's variants and notes those to be
// written, with their stock. It reports whether one of them is another than
// before, and whether one only stands in another place.
func (d *difference) variantsOf(want *productRow, p *FeedProduct, had []variantRow) (rows []variantRow, changed, moved bool) {
	is := match(p, had)
	taken := map[commerce.VariantID]bool{}
	for _, h := range had {
		taken[h.id] = true
	}
	for i := range p.Variants {
		v := d.variant(want, &p.Variants[i])
		v.position = int64(i + 1)
		write := true
		if is[i] < 0 {
			v.id = newVariantID(want, p, i, taken)
			taken[v.id] = true
			changed = true
		} else {
			h := had[is[i]]
			v.id = h.id
			there := v
			there.position, there.importID = h.position, h.importID
			changed = changed || there != h
			moved = moved || v.position != h.position
			write = there != h || v.position != h.position
		}
		if write {
			d.variants = append(d.variants, v)
		}
		changed = d.count(v.id, label(v.values[:]), p.Variants[i].Stock) || changed
		rows = append(rows, v)
	}
	for i, h := range had {
		if !h.hidden && !slices.Contains(is, i) {
			h.hidden = true
			d.variants = append(d.variants, h)
			changed = true
		}
	}
	return rows, changed, moved
}

func (d *difference) variant(p *productRow, f *FeedVariant) variantRow {
	price, before := f.Price, f.CompareAt
	if f.Sale != nil && !d.now.Before(f.Sale.From) && d.now.Before(f.Sale.Until) {
		price, before = f.Sale.Price, f.Price
	}
	v := variantRow{
		product: p.id, sku: f.SKU, price: price.Amount, compareAt: before.Amount, currency: price.Currency,
		shipped: f.Shipped && !d.in.Digital, taxable: f.Taxable, picture: f.Picture, importID: d.this,
	}
	copy(v.values[:], f.Values)
	return v
}

// count notes the stock that a feed tells of, where it is another than before.
func (d *difference) count(id commerce.VariantID, label string, told FeedStock) (changed bool) {
	had, known := d.counts[id]
	switch {
	case !told.Counted && !known, told.Unknown && known && had.backorder == told.Backorder:
		return false
	case !told.Counted:
		d.counted = append(d.counted, counted{variant: id, label: label, uncount: true})
		return true
	case told.Unknown:
		told.Quantity = had.imported
	case known && had == count{told.Quantity, told.Backorder}:
		return false
	}
	d.counted = append(d.counted, counted{variant: id, label: label, quantity: told.Quantity, backorder: told.Backorder})
	return true
}

// match tells for each variant of a feed's product which of the rows it is, -1
// for a new one: first of those for sale, by a SKU that only one on each side
// has and then by options; then, likewise, of those that were for sale once.
func match(p *FeedProduct, had []variantRow) []int {
	is := make([]int, len(p.Variants))
	for i := range is {
		is[i] = -1
	}
	claimed := make([]bool, len(had))
	by := func(hidden bool, feed func(*FeedVariant) string, row func(*variantRow) string) {
		rows := map[string][]int{}
		for i := range had {
			if key := row(&had[i]); had[i].hidden == hidden && !claimed[i] && key != "" {
				rows[key] = append(rows[key], i)
			}
		}
		asked := map[string]int{}
		for i := range p.Variants {
			asked[feed(&p.Variants[i])]++
		}
		for i := range p.Variants {
			key := feed(&p.Variants[i])
			// Several that were for sale once are as good as one another.
			if is[i] < 0 && asked[key] == 1 && (len(rows[key]) == 1 || hidden && len(rows[key]) > 1) {
				is[i] = rows[key][0]
				claimed[is[i]] = true
			}
		}
	}
	for _, hidden := range []bool{false, true} {
		if len(had) == 0 {
			break
		}
		by(hidden, func(v *FeedVariant) string { return v.SKU }, func(v *variantRow) string { return v.sku })
		by(hidden, func(v *FeedVariant) string { var o [3]string; copy(o[:], v.Values); return optionKey(o) },
			func(v *variantRow) string { return optionKey(v.values) })
	}
	return is
}

func optionKey(values [3]string) string { return "=" + fold(strings.Join(values[:], "\x00")) }

// newVariantID makes the public id of a variant from what tells it apart: its
// SKU where no other variant of the product has it, else its options.
func newVariantID(p *productRow, f *FeedProduct, at int, taken map[commerce.VariantID]bool) commerce.VariantID {
	key := f.Variants[at].SKU
	for i := range f.Variants {
		if i != at && f.Variants[i].SKU == key {
			key = ""
			break
		}
	}
	if key == "" {
		key = strings.Join(f.Variants[at].Values, " / ")
	}
	parts := []string{"variant", string(p.brand), p.handle, key}
	for n := 2; ; n++ {
		id := commerce.VariantID(commerce.PublicID(parts...))
		if !taken[id] {
			return id
		}
		parts = append(parts[:4], fmt.Sprint(n))
	}
}
