package checkout

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/receipts"
	"github.com/soukchat/souk/commerce/rewards"
)

type noon struct{}

func (noon) Now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

func cents(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// anySale draws an order of one to three brands with tax of both kinds,
// discounts and everything that can be paid with.
func anySale(t *rapid.T, id string) orders.Order {
	amount := func(label string, most int64) int64 { return rapid.Int64Range(0, most).Draw(t, label) }
	brands := []commerce.BrandID{"acme", "loom", "kiln"}[:rapid.IntRange(1, 3).Draw(t, "brands")]
	rules, req := pricing.Rules{}, pricing.Request{Country: "DE", Shipping: map[commerce.BrandID]string{}}
	for _, b := range brands {
		rules[b] = pricing.BrandRules{Name: string(b), Shipping: []pricing.ShippingOption{{ID: "post", Name: "Post", Price: cents(amount("parcel", 900))}},
			Tax: pricing.Tax{Name: "VAT", Included: rapid.Bool().Draw(t, "included"), Rates: []pricing.Rate{{PPM: amount("rate", 250_000)}}}}
		req.Shipping[b] = "post"
		for i := range rapid.IntRange(1, 3).Draw(t, "items") {
			req.Items = append(req.Items, pricing.Item{Variant: commerce.VariantID(fmt.Sprint(b, i)), Brand: b, Title: "Thing", Quantity: amount("quantity", 3) + 1,
				Unit: cents(amount("unit", 5000)), Shipped: rapid.Bool().Draw(t, "shipped"), Taxable: rapid.Bool().Draw(t, "taxable")})
		}
	}
	q, err := pricing.Compute(req, rules)
	if err != nil {
		t.Fatal(err)
	}
	o := orders.Order{ID: commerce.OrderID(id), Number: orders.NumberOf(commerce.OrderID(id)), Member: "ann", State: orders.Pending, Hold: commerce.HoldID(id),
		Token: id, Platform: "telegram", Bot: "tg", CreatedAt: noon{}.Now(), Total: cents(0), Lines: orders.Lines(q)}
	// A discount, shared over goods and parcels; included tax shrinks with them.
	for i := range o.Lines {
		l := &o.Lines[i]
		if l.Kind != pricing.KindItem && l.Kind != pricing.KindShipping {
			continue
		}
		l.Discount = cents(amount("discount", l.Amount.Amount))
	}
	sum := int64(0)
	for i := range o.Lines {
		l := &o.Lines[i]
		sum += l.Discount.Amount
		if l.Kind == pricing.KindTax && l.Included.Amount > 0 {
			gross := int64(0)
			for _, m := range o.Lines {
				if m.Brand == l.Brand && m.Kind != pricing.KindTax {
					gross += m.Amount.Amount - m.Discount.Amount
				}
			}
			l.Included.Amount = min(l.Included.Amount, gross/6)
		}
	}
	if sum > 0 {
		o.Lines = append(o.Lines, orders.Line{Kind: pricing.KindDiscount, Label: "SPRING", Amount: cents(-sum), Ref: "SPRING"})
	}
	due := int64(0)
	for _, l := range o.Lines {
		due += l.Amount.Amount
	}
	for _, kind := range []pricing.Kind{pricing.KindGiftCard, pricing.KindCredit, pricing.KindPoints} {
		n := amount(string(kind), due)
		if n == 0 || rapid.Bool().Draw(t, "without") {
			continue
		}
		o.Lines = append(o.Lines, orders.Line{Kind: kind, Label: string(kind), Quantity: n, Amount: cents(-n), Ref: "g" + id})
		due -= n
	}
	o.Total.Amount = due
	return o
}

// TestInvoicesAreTheBooks: whatever is sold and however it goes back, the
// invoices and credit notes of an order are what the books say, to the cent,
// and every document sums up.
func TestInvoicesAreTheBooks(t *testing.T) {
	databasetest.Embedded(t)
	db := databasetest.Open(t, "sqlite")
	papers := receipts.New(receipts.Config{DB: db, Clock: noon{}, IDs: commerce.RandomIDs{},
		Seller: func(b commerce.BrandID) (receipts.Seller, bool) {
			return receipts.Seller{Prefix: string(b), Name: string(b)}, true
		}})
	write := func(t interface {
		Fatal(...any)
		Context() context.Context
	}, fn func(tx *database.Tx) error) {
		if err := db.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	write(t, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', 'en', 0)`); err != nil {
			return err
		}
		_, err := rewards.Post(tx, noon{}.Now(), rewards.Posting{ID: "gift", Memo: "gift", Entries: []rewards.Entry{
			{Account: rewards.Goodwill, Amount: cents(1 << 40)}, {Account: rewards.Credit("ann"), Amount: cents(-1 << 40)},
			{Account: rewards.PointsIssued, Amount: commerce.Money{Amount: 1 << 40, Currency: rewards.PointsCurrency}},
			{Account: rewards.Points("ann"), Amount: commerce.Money{Amount: -1 << 40, Currency: rewards.PointsCurrency}}}})
		return err
	})
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		id := fmt.Sprint("o", n)
		o := anySale(t, id)
		write(t, func(tx *database.Tx) error {
			if _, err := tx.Exec(`INSERT INTO holds (id, member_id, state, created_at, expires_at) VALUES ($1, 'ann', 'sold', 0, 0)`, id); err != nil {
				return err
			}
			if _, err := rewards.Post(tx, noon{}.Now(), rewards.Posting{ID: "fill:" + id, Memo: "gift", Entries: []rewards.Entry{
				{Account: rewards.Goodwill, Amount: cents(1 << 40)}, {Account: rewards.GiftCard("g" + id), Amount: cents(-1 << 40)}}}); err != nil {
				return err
			}
			if err := orders.Create(tx, o, "ann"); err != nil {
				return err
			}
			if err := post(tx, noon{}.Now(), "capture:"+id, o); err != nil {
				return err
			}
			_, err := orders.Move(tx, o.ID, orders.Pending, orders.Paid, noon{}.Now(), "stripe")
			return err
		})
		o, err := orders.New(db).Get(t.Context(), o.ID)
		if err != nil {
			t.Fatal(err)
		}
		check(t, db, papers, o)
		// It goes back in up to three parts.
		left, card := value(o), o.Total.Amount
		for i := 0; i < 3 && left > 0; i++ {
			part := rapid.Int64Range(1, left).Draw(t, "part")
			if i == 2 {
				part = left
			}
			byCard := min(card, part)
			if rest := left - card; part-byCard > rest {
				byCard = part - rest
			}
			write(t, func(tx *database.Tx) error {
				_, err := rewards.ReversePart(tx, noon{}.Now(), rewards.Part{ID: fmt.Sprintf("refund:%s:%d", id, i), Of: "capture:" + id, Memo: "staff",
					Value: cents(part), Card: cents(byCard), To: rewards.Cash})
				return err
			})
			left, card = left-part, card-byCard
			check(t, db, papers, o)
		}
	})
	err := db.Read(t.Context(), func(tx *database.Tx) error {
		for _, truth := range truths {
			var n int64
			if !strings.Contains(truth.count, "FROM papers") {
				continue // of what this test does not make
			}
			if err := tx.Row(truth.count).Scan(&n); err != nil || n > 0 {
				t.Errorf("%d %s, %v", n, truth.broken, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func value(o orders.Order) (n int64) {
	for _, l := range o.Lines {
		if !l.Kind.Tender() {
			n += l.Amount.Amount
		}
	}
	return n
}

func check(t *rapid.T, db *database.DB, papers *receipts.Receipts, o orders.Order) {
	list, err := papers.Of(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	net, tax := map[commerce.BrandID]int64{}, map[commerce.BrandID]int64{}
	docs := []receipts.Document{receipts.Receipt("Shop", o, list)}
	for _, p := range list {
		d := receipts.DocumentOf(o, p, list)
		docs = append(docs, d)
		net[p.Brand] += d.Net.Amount
		tax[p.Brand] += d.Tax().Amount
	}
	for _, d := range docs {
		lines, paid := int64(0), int64(0)
		for _, l := range d.Lines {
			lines += l.Amount.Amount
		}
		for _, x := range d.Taxes {
			if !x.Included {
				lines += x.Amount.Amount
			}
		}
		for _, p := range d.Payments {
			paid += p.Amount.Amount
		}
		if lines != d.Gross.Amount || d.Net.Amount+d.Tax().Amount != d.Gross.Amount || d.Kind != receipts.KindCredit && paid != d.Gross.Amount {
			t.Fatalf("%s: lines %d, net %d, tax %d, paid %d, gross %d", d.Kind, lines, d.Net.Amount, d.Tax().Amount, paid, d.Gross.Amount)
		}
	}
	if docs[0].Gross.Amount != value(o) {
		t.Fatalf("the receipt is of %s, the order of %d", docs[0].Gross, value(o))
	}
	err = db.Read(t.Context(), func(tx *database.Tx) error {
		brands := []commerce.BrandID{}
		for _, l := range o.Lines {
			if l.Brand != "" && !slices.Contains(brands, l.Brand) {
				brands = append(brands, l.Brand)
			}
		}
		for _, b := range brands {
			sum := func(accounts ...rewards.Account) (n int64) {
				for _, a := range accounts {
					m, _, err := rewards.OfOrder(tx, o.ID, a, "EUR")
					if err != nil {
						t.Fatal(err)
					}
					n -= m.Amount
				}
				return n
			}
			if got := sum(rewards.Revenue(b), rewards.Shipping(b)); got != net[b] {
				t.Fatalf("brand %s: the books have %d net, the papers %d", b, got, net[b])
			}
			if got := sum(rewards.Tax(b)); got != tax[b] {
				t.Fatalf("brand %s: the books have %d tax, the papers %d", b, got, tax[b])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
