package app

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
)

// TestExportHoldsAll: what a member takes along says all that is kept, the cart
// too.
func TestExportHoldsAll(t *testing.T) {
	a, _ := tripApp(t)
	m, err := a.Members.Meet(t.Context(), members.Seen{Platform: "telegram", Account: "1", Name: "Ann", Bot: "tg", Private: true})
	if err != nil {
		t.Fatal(err)
	}
	goods, err := a.Catalog.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cup := goods.Products(nil)[0]
	if _, err := a.Live.AddToCart(t.Context(), m.ID, "1", live.CartLine{Variant: cup.Variants[0].ID, Quantity: 2}); err != nil {
		t.Fatal(err)
	}
	data, err := a.Members.Export(t.Context(), m.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"member"`, `"accounts"`, `"address"`, `"shipping"`, `"follows"`, `"orders"`, `"cart"`, `"waitlist"`, `"quantity": 2`, cup.Title} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the export holds no %s:\n%s", want, data)
		}
	}
}
