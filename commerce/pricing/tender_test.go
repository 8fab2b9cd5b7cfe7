package pricing_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce/pricing"
)

var cents = pricing.PointValue{Per: 1, Worth: 1, Currency: "EUR", MostPPM: 500_000, Step: 100}

func TestTender(t *testing.T) {
	for name, c := range map[string]struct {
		price  int64
		tender pricing.Tender
		lines  []string
		due    int64
	}{
		"nothing": {price: 1000, due: 1000},
		"points pay their share in steps": {price: 1250, tender: pricing.Tender{Points: 5000, Value: cents},
			lines: []string{"points 600 -600"}, due: 650},
		"fewer points than a step": {price: 1250, tender: pricing.Tender{Points: 99, Value: cents}, due: 1250},
		"points are worth nothing in another currency": {price: 1250, tender: pricing.Tender{Points: 5000,
			Value: pricing.PointValue{Per: 1, Worth: 1, Currency: "CHF", MostPPM: 500_000, Step: 100}}, due: 1250},
		"ten points are a cent": {price: 1000, tender: pricing.Tender{Points: 2345, Value: pricing.PointValue{Per: 10, Worth: 1, Currency: "EUR", MostPPM: 1_000_000, Step: 10}},
			lines: []string{"points 2340 -234"}, due: 766},
		"points, cards, credit": {price: 1000, tender: pricing.Tender{Points: 100, Value: cents, Credit: 5000,
			GiftCards: []pricing.GiftCard{{ID: "a", Label: "AAAA", Balance: 300}, {ID: "b", Label: "BBBB", Balance: 200}}},
			lines: []string{"points 100 -100", "giftcard a -300", "giftcard b -200", "credit  -400"}, due: 0},
		"a card pays the rest": {price: 1000, tender: pricing.Tender{GiftCards: []pricing.GiftCard{{ID: "a", Balance: 2500}}, Credit: 10},
			lines: []string{"giftcard a -1000"}, due: 0},
		"the rest can be charged": {price: 1000, tender: pricing.Tender{Credit: 980, Least: 50},
			lines: []string{"credit  -950"}, due: 50},
		"kept back from the last first": {price: 1000, tender: pricing.Tender{Credit: 10, GiftCards: []pricing.GiftCard{{ID: "a", Balance: 980}}, Least: 50},
			lines: []string{"giftcard a -950"}, due: 50},
		"points are kept back in steps": {price: 1010, tender: pricing.Tender{Points: 1000, Value: pricing.PointValue{Per: 1, Worth: 1, Currency: "EUR", MostPPM: 1_000_000, Step: 100}, Least: 50},
			lines: []string{"points 900 -900"}, due: 110},
		"less than a card can pay": {price: 30, tender: pricing.Tender{Credit: 20, Least: 50}, due: 30},
		"covered, though a card could not": {price: 30, tender: pricing.Tender{Credit: 40, Least: 50},
			lines: []string{"credit  -30"}, due: 0},
		"whole steps": {price: 1230, tender: pricing.Tender{Credit: 125, Step: 10, Least: 500},
			lines: []string{"credit  -120"}, due: 1110},
	} {
		t.Run(name, func(t *testing.T) {
			q, err := pricing.Compute(pricing.Request{Items: []pricing.Item{item("free", 1, c.price)}, Tender: c.tender}, rules)
			if err != nil {
				t.Fatal(err)
			}
			var lines []string
			for _, l := range q.Lines[1:] {
				what := l.Ref
				if l.Kind == pricing.KindPoints {
					what = fmt.Sprint(l.Quantity)
				}
				lines = append(lines, fmt.Sprintf("%s %s %d", l.Kind, what, l.Amount.Amount))
			}
			if diff := cmp.Diff(c.lines, lines); diff != "" || q.Total.Amount != c.due {
				t.Errorf("due %d, want %d (-want +got):\n%s", q.Total.Amount, c.due, diff)
			}
		})
	}
}

// TestTenderProperties: whatever a member has, the lines sum to what is due,
// nobody spends what they do not have, and a card is left with nothing or with
// what it can be charged, wherever the price itself could be.
func TestTenderProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, 20_000)
		td := pricing.Tender{Points: amount.Draw(t, "points"), Credit: amount.Draw(t, "credit"), Least: rapid.Int64Range(0, 500).Draw(t, "least"),
			Step: rapid.SampledFrom([]int64{0, 1, 10, 100}).Draw(t, "step"),
			Value: pricing.PointValue{Per: rapid.Int64Range(0, 200).Draw(t, "per"), Worth: rapid.Int64Range(0, 200).Draw(t, "worth"), Currency: "EUR",
				MostPPM: rapid.Int64Range(0, 1_000_000).Draw(t, "most"), Step: rapid.Int64Range(0, 300).Draw(t, "points' step")}}
		has := map[string]int64{}
		for i := range rapid.IntRange(0, 3).Draw(t, "cards") {
			id := fmt.Sprint(i)
			has[id] = amount.Draw(t, "card")
			td.GiftCards = append(td.GiftCards, pricing.GiftCard{ID: id, Balance: has[id]})
		}
		step := max(td.Step, 1)
		price := rapid.Int64Range(0, 300).Draw(t, "price") * step
		q, err := pricing.Compute(pricing.Request{Items: []pricing.Item{item("free", 1, price)}, Tender: td}, rules)
		if err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, l := range q.Lines {
			sum += l.Amount.Amount
			switch paid := -l.Amount.Amount; {
			case !l.Kind.Tender():
			case paid <= 0:
				t.Fatalf("a tender pays nothing: %+v", l)
			case l.Kind == pricing.KindCredit && paid > td.Credit,
				l.Kind == pricing.KindGiftCard && paid > has[l.Ref],
				l.Kind == pricing.KindPoints && (l.Quantity > td.Points || paid != td.Value.Of(l.Quantity) || l.Quantity%max(td.Value.Step, 1) != 0),
				l.Kind == pricing.KindPoints && paid*1_000_000 > price*td.Value.MostPPM:
				t.Fatalf("spent what is not there: %+v of %+v", l, td)
			}
		}
		due := q.Total.Amount
		if sum != due || due < 0 || due > price {
			t.Fatalf("lines sum to %d, due %d of %d", sum, due, price)
		}
		if price >= td.Least && due > 0 && (due < td.Least || due%step != 0) {
			t.Fatalf("a card cannot be charged %d of %d: %+v", due, price, td)
		}
	})
}
