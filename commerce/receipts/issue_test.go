package receipts_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/receipts"
	"github.com/soukchat/souk/commerce/rewards"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// shop has paid orders, made without a checkout.
type shop struct {
	*testing.T
	db    *database.DB
	clock *clock
	*receipts.Receipts
}

func open(t *testing.T, db *database.DB) *shop {
	s := &shop{T: t, db: db, clock: &clock{time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC)}}
	s.Receipts = receipts.New(receipts.Config{DB: db, Clock: s.clock, IDs: commerce.RandomIDs{},
		Seller: func(b commerce.BrandID) (receipts.Seller, bool) {
			return receipts.Seller{Prefix: "X" + string(b), Name: "Brand " + string(b)}, b != "gone"
		}})
	s.write(func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', 'en', 0)`)
		return err
	})
	return s
}

func (s *shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *shop) write(fn func(tx *database.Tx) error) {
	s.Helper()
	s.must(s.db.Write(s.Context(), fn))
}

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// sell writes a paid order of 10.00 with 1.60 tax for each of the brands, and
// its sale.
func (s *shop) sell(id string, brands ...commerce.BrandID) orders.Order {
	s.Helper()
	o := orders.Order{ID: commerce.OrderID(id), Number: orders.NumberOf(commerce.OrderID(id)), Member: "ann", State: orders.Pending, Hold: commerce.HoldID(id),
		Token: id, Locale: "en", Platform: "telegram", Bot: "tg", CreatedAt: s.clock.now, Total: eur(1000 * int64(len(brands)))}
	p := rewards.Posting{ID: "capture:" + id, Order: o.ID, Memo: "sale", Entries: []rewards.Entry{{Account: rewards.Cash, Amount: o.Total}}}
	for _, b := range brands {
		o.Lines = append(o.Lines, orders.Line{Kind: pricing.KindItem, Label: "Mug", Brand: b, Quantity: 1, Unit: eur(1000), Amount: eur(1000)},
			orders.Line{Kind: pricing.KindTax, Label: "VAT 19 %", Brand: b, Amount: eur(0), Included: eur(160)})
		p.Entries = append(p.Entries, rewards.Entry{Account: rewards.Revenue(b), Amount: eur(-840)}, rewards.Entry{Account: rewards.Tax(b), Amount: eur(-160)})
	}
	s.write(func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO holds (id, member_id, state, created_at, expires_at) VALUES ($1, 'ann', 'sold', 0, 0)`, id); err != nil {
			return err
		}
		if err := orders.Create(tx, o, "ann"); err != nil {
			return err
		}
		if _, err := orders.Move(tx, o.ID, orders.Pending, orders.Paid, s.clock.now, "stripe"); err != nil {
			return err
		}
		_, err := rewards.Post(tx, s.clock.now, p)
		return err
	})
	o, err := orders.New(s.db).Get(s.Context(), o.ID)
	s.must(err)
	return o
}

func (s *shop) refund(o orders.Order) {
	s.write(func(tx *database.Tx) error {
		_, err := rewards.Reverse(tx, s.clock.now, "refund:"+string(o.ID), "capture:"+string(o.ID), "staff")
		return err
	})
}

func (s *shop) numbers(o orders.Order) (list []string) {
	s.Helper()
	papers, err := s.Of(s.Context(), o)
	s.must(err)
	for _, p := range papers {
		list = append(list, fmt.Sprint(p.Kind, " ", p.Number, " ", p.Net.Amount+p.Tax.Amount))
	}
	return list
}

func (s *shop) want(got []string, want ...string) {
	s.Helper()
	if !slices.Equal(got, want) {
		s.Errorf("%q, want %q", got, want)
	}
}

// TestYearOfTheShop: a year of numbers begins where the shop is, not in Greenwich.
func TestYearOfTheShop(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		berlin, err := time.LoadLocation("Europe/Berlin")
		s.must(err)
		s.Zone = func() *time.Location { return berlin }
		s.want(s.numbers(s.sell("a", "kiln")), "invoice Xkiln-2027-00001 1000") // an hour before midnight in Greenwich
	})
}

func TestNumbers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		a, b := s.sell("a", "kiln", "loom"), s.sell("b", "kiln")
		s.want(s.numbers(b), "invoice Xkiln-2026-00001 1000") // asked for first
		n, err := s.Step(t.Context())
		s.must(err)
		if n != 1 {
			t.Errorf("%d orders were looked at, want the other one", n)
		}
		s.want(s.numbers(a), "invoice Xkiln-2026-00002 1000", "invoice Xloom-2026-00001 1000")

		// Another year, another series; what is given back has its own papers.
		s.clock.now = s.clock.now.Add(2 * time.Hour)
		s.refund(a)
		_, err = s.Step(t.Context())
		s.must(err)
		s.want(s.numbers(a), "invoice Xkiln-2026-00002 1000", "invoice Xloom-2026-00001 1000", "credit Xkiln-2027-00001 1000", "credit Xloom-2027-00001 1000")

		// Late money that went back at once, and what was never paid, have none.
		pending := s.sell("c", "kiln")
		s.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE orders SET paid_at = 0 WHERE id = 'c'`)
			return err
		})
		pending.PaidAt = time.Time{}
		s.want(s.numbers(pending))

		// A brand nobody declares any more keeps its name.
		s.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO brands (id, name) VALUES ('gone', 'Gone & Sons')`)
			return err
		})
		papers, err := s.Of(t.Context(), s.sell("d", "gone"))
		s.must(err)
		if papers[0].Seller.Name != "Gone & Sons" {
			t.Error(papers[0].Seller)
		}
	})
}

// An order whose lines and sale differ gets no paper, and keeps nobody waiting.
func TestOneThatCannotBe(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		for i := range 60 {
			s.sell(fmt.Sprintf("bad%02d", i), "kiln")
		}
		s.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE order_lines SET amount = 900 WHERE kind = 'item'`)
			return err
		})
		s.clock.now = s.clock.now.Add(time.Second)
		good := s.sell("good", "kiln")
		if n, err := s.Step(t.Context()); err == nil || n != 1 {
			t.Errorf("%d, %v", n, err)
		}
		s.want(s.numbers(good), "invoice Xkiln-2026-00001 1000")
	})
}

// However many ask at once, every order has one invoice and no number is left
// out or given twice.
func TestRace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		var list []orders.Order
		for i := range 12 {
			list = append(list, s.sell(fmt.Sprintf("o%02d", i), "kiln", "loom"))
		}
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				if i == 0 {
					if _, err := s.Step(t.Context()); err != nil {
						t.Error(err)
					}
				}
				for k := range list {
					if _, err := s.Of(t.Context(), list[(k*5+i)%len(list)]); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for _, brand := range []string{"kiln", "loom"} {
			var n, last, most, papered int64
			s.must(db.Read(t.Context(), func(tx *database.Tx) error {
				if err := tx.Row(`SELECT COUNT(*), MAX(seq), COUNT(DISTINCT order_id) FROM papers WHERE brand_id = $1`, brand).Scan(&n, &most, &papered); err != nil {
					return err
				}
				return tx.Row(`SELECT last FROM paper_series WHERE brand_id = $1`, brand).Scan(&last)
			}))
			if n != 12 || most != 12 || last != 12 || papered != 12 {
				t.Errorf("%s: %d papers of %d orders, the highest number %d, the series at %d", brand, n, papered, most, last)
			}
		}
	})
}

// The tables refuse what the code must not do.
func TestGuards(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := open(t, db)
		s.numbers(s.sell("a", "kiln"))
		const insert = `INSERT INTO papers (id, kind, brand_id, year, seq, number, order_id, posting_id, currency, net, tax, seller, issued_at)
			VALUES ('x', 'invoice', 'kiln', 2026, %d, 'n', 'a', '%s', 'EUR', 1, 0, '{}', 0)`
		for what, query := range map[string]string{
			"a number twice":          fmt.Sprintf(insert, 1, "capture:z"),
			"a posting with two":      fmt.Sprintf(insert, 2, "capture:a"),
			"a number that is none":   fmt.Sprintf(insert, 0, "capture:z"),
			"a series that goes back": `UPDATE paper_series SET last = -1`,
		} {
			if err := db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec(query)
				return err
			}); err == nil {
				t.Errorf("%s was written", what)
			}
		}
	})
}
