package webhooks

import (
	"errors"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/giftcards"
)

const giftCode = "abcdefghijklmnop2345"

// TestGiftPage shows a gift to whoever has its code, says nothing of who bought
// it, and nothing at all once it is taken.
func TestGiftPage(t *testing.T) {
	l := openTill(t)
	l.gift = giftcards.Card{ID: "canary_card", Order: "canary_order", Buyer: "canary_buyer", State: giftcards.Issued,
		Amount: commerce.Money{Amount: 2500, Currency: "EUR"}, Giver: "<b>Ann</b>", Words: "For your tea"}
	for _, path := range []string{giftCode, "ABCD-EFGH-IJKL-MNOP-2345"} {
		status, body, head := l.get(t, "GET", "/g/"+path)
		if status != 200 || head.Get("Cache-Control") != "no-store" || head.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%d %v", status, head)
		}
		for _, want := range []string{"For your tea", "ABCD-EFGH-IJKL-MNOP-2345", "https://t.me/souk?start=g_" + giftCode} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %q:\n%s", want, body)
			}
		}
		if strings.Contains(body, "canary") || strings.Contains(body, "<b>Ann") {
			t.Errorf("the page tells too much:\n%s", body)
		}
	}
	for _, code := range []string{"zzzzzzzzzzzzzzzzzzzz", "short", "..%2f..%2fetc"} {
		if status, body, _ := l.get(t, "GET", "/g/"+code); status != 404 || !strings.Contains(body, "gift.pagegone.text") {
			t.Errorf("%s: %d %s", code, status, body)
		}
	}
	if status, _, _ := l.get(t, "POST", "/g/"+giftCode); status != 405 {
		t.Errorf("POST: %d", status)
	}
	l.gift.State, l.gift.Owner = giftcards.Redeemed, "canary_owner"
	if status, body, _ := l.get(t, "GET", "/g/"+giftCode); status != 404 || strings.Contains(body, "For your tea") || strings.Contains(body, "canary") {
		t.Errorf("after it was taken: %d %s", status, body)
	}
	l.err = errors.New("canary_detail")
	if status, body, _ := l.get(t, "GET", "/g/"+giftCode); status != 500 || strings.Contains(body, "canary") {
		t.Errorf("a fault: %d %s", status, body)
	}
}
