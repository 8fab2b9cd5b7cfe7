package catalog

import (
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// readSnapshot reads the whole catalogue: four queries, whatever its size.
func readSnapshot(tx *database.Tx, version int64) (*Snapshot, error) {
	var brands []Brand
	hidden := map[commerce.BrandID]bool{}
	names := map[commerce.BrandID]string{}
	err := tx.Rows("SELECT id, name, hidden FROM brands ORDER BY name, id", nil, func(scan func(...any) error) error {
		var b Brand
		var gone int64
		if err := scan(&b.ID, &b.Name, &gone); err != nil {
			return err
		}
		hidden[b.ID], names[b.ID] = gone != 0, b.Name
		if gone == 0 {
			brands = append(brands, b)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err := readRows(tx, "")
	if err != nil {
		return nil, err
	}
	products := make([]*Product, len(rows))
	for i, r := range rows {
		products[i] = r.product(names[r.brand])
		products[i].Hidden = products[i].Hidden || hidden[r.brand]
	}
	return newSnapshot(version, brands, products), nil
}

// productRow is a product as SQL keeps it, with all that hangs on it.
type productRow struct {
	id        commerce.ProductID
	brand     commerce.BrandID
	handle    string
	title     string
	body      string
	vendor    string
	category  string
	tags      string
	options   [3]string
	digital   bool
	hidden    bool
	importID  string
	position  int64
	createdAt int64
	updatedAt int64
	variants  []variantRow
	pictures  []Picture
}

// variantRow is a variant as SQL keeps it.
type variantRow struct {
	id        commerce.VariantID
	product   commerce.ProductID
	sku       string
	values    [3]string
	price     int64
	compareAt int64
	currency  string
	shipped   bool
	taxable   bool
	picture   string
	hidden    bool
	importID  string
	position  int64
}

// readRows reads the products of a brand, of all brands where it is empty.
func readRows(tx *database.Tx, brand commerce.BrandID) ([]*productRow, error) {
	var rows []*productRow
	at := map[commerce.ProductID]*productRow{}
	err := tx.Rows(`SELECT id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3,
			digital, hidden, import_id, position, created_at, updated_at
		FROM products WHERE $1 = '' OR brand_id = $1 ORDER BY brand_id, position, id`,
		[]any{string(brand)}, func(scan func(...any) error) error {
			p := &productRow{}
			var digital, hidden int64
			err := scan(&p.id, &p.brand, &p.handle, &p.title, &p.body, &p.vendor, &p.category, &p.tags,
				&p.options[0], &p.options[1], &p.options[2], &digital, &hidden, &p.importID, &p.position, &p.createdAt, &p.updatedAt)
			p.digital, p.hidden = digital != 0, hidden != 0
			rows, at[p.id] = append(rows, p), p
			return err
		})
	if err != nil {
		return nil, err
	}
	err = tx.Rows(`SELECT v.id, v.product_id, v.sku, v.value1, v.value2, v.value3, v.price, v.compare_at, v.currency,
			v.shipped, v.taxable, v.picture, v.hidden, v.import_id, v.position
		FROM variants v JOIN products p ON p.id = v.product_id
		WHERE $1 = '' OR p.brand_id = $1 ORDER BY v.product_id, v.position, v.id`,
		[]any{string(brand)}, func(scan func(...any) error) error {
			var v variantRow
			var shipped, taxable, hidden int64
			if err := scan(&v.id, &v.product, &v.sku, &v.values[0], &v.values[1], &v.values[2], &v.price, &v.compareAt,
				&v.currency, &shipped, &taxable, &v.picture, &hidden, &v.importID, &v.position); err != nil {
				return err
			}
			v.shipped, v.taxable, v.hidden = shipped != 0, taxable != 0, hidden != 0
			at[v.product].variants = append(at[v.product].variants, v)
			return nil
		})
	if err != nil {
		return nil, err
	}
	err = tx.Rows(`SELECT i.product_id, i.source, i.alt FROM product_pictures i JOIN products p ON p.id = i.product_id
		WHERE $1 = '' OR p.brand_id = $1 ORDER BY i.product_id, i.position`,
		[]any{string(brand)}, func(scan func(...any) error) error {
			var id commerce.ProductID
			var i Picture
			if err := scan(&id, &i.Source, &i.Alt); err != nil {
				return err
			}
			at[id].pictures = append(at[id].pictures, i)
			return nil
		})
	return rows, err
}

func (r *productRow) product(brandName string) *Product {
	p := &Product{
		ID: r.id, Brand: r.brand, BrandName: brandName, Handle: r.handle, Title: r.title, Body: r.body,
		Vendor: r.vendor, Category: r.category, Tags: lines(r.tags), Digital: r.digital, Hidden: r.hidden,
		Pictures: r.pictures, Added: commerce.FromMicros(r.createdAt),
	}
	n := 0
	for i, name := range r.options {
		if name != "" {
			n = i + 1
		}
	}
	p.Options = append(p.Options, r.options[:n]...)
	for _, v := range r.variants {
		out := Variant{
			ID: v.id, Product: r.id, SKU: v.sku, Price: commerce.Money{Amount: v.price, Currency: v.currency},
			Shipped: v.shipped, Taxable: v.taxable, Picture: v.picture, Hidden: v.hidden,
		}
		out.Values = append(out.Values, v.values[:n]...)
		if v.compareAt > v.price {
			out.CompareAt = commerce.Money{Amount: v.compareAt, Currency: v.currency}
		}
		if v.hidden {
			p.gone = append(p.gone, out)
		} else {
			p.Variants = append(p.Variants, out)
		}
	}
	return p
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
