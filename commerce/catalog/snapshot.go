package catalog

import (
	"cmp"
	"slices"

	"github.com/soukchat/souk/commerce"
)

// Snapshot is the whole catalogue at one moment. It never changes and may be
// read from many goroutines.
//
// Wherever a list of brands is asked for, an empty one means all of them.
// Hidden products and variants are found by id, because old buttons name them,
// and are in no list.
type Snapshot struct {
	version    int64
	brands     []Brand
	products   []*Product // those for sale: by brand, then in the order of their feed
	byID       map[commerce.ProductID]*Product
	byVariant  map[commerce.VariantID]place
	byHandle   map[handle]*Product
	categories []category
	byCategory map[string]int
	index      *index

	changed map[commerce.ProductID]*Product // with prices of their own: see In
}

// Category groups products for browsing.
type Category struct {
	ID    string // short public id
	Name  string
	Count int // products in it, of the brands asked for
}

type (
	place struct {
		product *Product
		variant *Variant
	}
	handle struct {
		brand  commerce.BrandID
		handle string
	}
	category struct {
		id, name string
		products []*Product
	}
)

// newSnapshot arranges products, in their order, for every way they are found.
func newSnapshot(version int64, brands []Brand, all []*Product) *Snapshot {
	s := &Snapshot{
		version: version, brands: brands,
		byID:       make(map[commerce.ProductID]*Product, len(all)),
		byVariant:  make(map[commerce.VariantID]place, len(all)),
		byHandle:   make(map[handle]*Product, len(all)),
		byCategory: map[string]int{},
	}
	for _, p := range all {
		p.Hidden = p.Hidden || len(p.Variants) == 0
		s.byID[p.ID] = p
		for _, list := range [][]Variant{p.Variants, p.gone} {
			for i := range list {
				list[i].Hidden = list[i].Hidden || p.Hidden
				s.byVariant[list[i].ID] = place{p, &list[i]}
			}
		}
		if p.Hidden {
			continue
		}
		s.products = append(s.products, p)
		s.byHandle[handle{p.Brand, p.Handle}] = p
		s.file(p)
	}
	slices.SortStableFunc(s.categories, func(a, b category) int { return cmp.Compare(fold(a.name), fold(b.name)) })
	for i, c := range s.categories {
		s.byCategory[c.id] = i
	}
	s.index = newIndex(s.products)
	return s
}

// file puts a product into its category. Categories that differ only in case
// or accents are one, named as the first product names it.
func (s *Snapshot) file(p *Product) {
	if p.Category == "" {
		return
	}
	id := CategoryID(p.Category)
	at, ok := s.byCategory[id]
	if !ok {
		at = len(s.categories)
		s.byCategory[id] = at
		s.categories = append(s.categories, category{id: id, name: p.Category})
	}
	s.categories[at].products = append(s.categories[at].products, p)
}

// CategoryID is the id of a category by its name.
func CategoryID(name string) string { return commerce.PublicID("category", fold(name)) }

// Brands returns the brands that sell, by name.
func (s *Snapshot) Brands() []Brand { return slices.Clone(s.brands) }

// Product finds a product by its id, hidden or not.
func (s *Snapshot) Product(id commerce.ProductID) (*Product, bool) {
	p, ok := s.byID[id]
	if ok {
		p = s.shown(p)
	}
	return p, ok
}

// Variant finds a variant and its product by the variant's id, hidden or not.
func (s *Snapshot) Variant(id commerce.VariantID) (*Product, *Variant, bool) {
	at, ok := s.byVariant[id]
	if !ok {
		return nil, nil, false
	}
	p, v := s.variant(at)
	return p, v, true
}

// ByHandle finds a product for sale by the name its feed gives it. Where the
// brand is empty, the first brand that has the handle is taken.
func (s *Snapshot) ByHandle(brand commerce.BrandID, name string) (*Product, bool) {
	if brand != "" {
		p, ok := s.byHandle[handle{brand, name}]
		if ok {
			p = s.shown(p)
		}
		return p, ok
	}
	for _, b := range s.brands {
		if p, ok := s.byHandle[handle{b.ID, name}]; ok {
			return s.shown(p), true
		}
	}
	return nil, false
}

// Products returns the products for sale, by brand and in the order of their
// feed.
func (s *Snapshot) Products(brands []commerce.BrandID) []*Product {
	return s.shownAll(of(s.products, brands))
}

// Categories returns the categories in which the brands sell, by name.
func (s *Snapshot) Categories(brands []commerce.BrandID) []Category {
	var found []Category
	for _, c := range s.categories {
		n := 0
		for _, p := range c.products {
			if sells(brands, p) {
				n++
			}
		}
		if n > 0 {
			found = append(found, Category{ID: c.id, Name: c.name, Count: n})
		}
	}
	return found
}

// Category finds a category by its id; Count is of all brands.
func (s *Snapshot) Category(id string) (Category, bool) {
	at, ok := s.byCategory[id]
	if !ok {
		return Category{}, false
	}
	c := s.categories[at]
	return Category{ID: c.id, Name: c.name, Count: len(c.products)}, true
}

// InCategory returns the products for sale in a category, in the order of
// Products; none where there is no such category.
func (s *Snapshot) InCategory(id string, brands []commerce.BrandID) []*Product {
	at, ok := s.byCategory[id]
	if !ok {
		return nil
	}
	return s.shownAll(of(s.categories[at].products, brands))
}

// Search finds products for sale by words of their title, category, tags,
// vendor, options and text, the best match first, at most limit of them.
// Case, accents and a typing error in longer words do not matter, and a word
// may be unfinished. Products that match most of the words are shown, not
// those that match fewer.
func (s *Snapshot) Search(query string, brands []commerce.BrandID, limit int) []*Product {
	return s.shownAll(s.index.search(query, limit, func(p *Product) bool { return sells(brands, p) }))
}

func of(products []*Product, brands []commerce.BrandID) []*Product {
	if len(brands) == 0 {
		return slices.Clone(products)
	}
	var found []*Product
	for _, p := range products {
		if sells(brands, p) {
			found = append(found, p)
		}
	}
	return found
}

func sells(brands []commerce.BrandID, p *Product) bool {
	return len(brands) == 0 || slices.Contains(brands, p.Brand)
}
