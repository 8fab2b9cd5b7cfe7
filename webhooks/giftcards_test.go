package webhooks

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/giftcards"
)

const (
	giftCode  = "abcdefghijklmnop2345"
	shelfCode = "ABCDEFG2"
)

// TestGiftShelf sells gift cards to who has the link, in their language: looking
// buys nothing, what is not sold is asked again, and nothing is said of who they
// are.
func TestGiftShelf(t *testing.T) {
	l := openTill(t)
	l.amounts = []commerce.Money{{Amount: 1000, Currency: "EUR"}, {Amount: 2500, Currency: "EUR"}}
	status, body, head := l.get(t, "GET", "/gifts/"+shelfCode)
	if status != 200 || head.Get("Cache-Control") != "no-store" || !strings.Contains(body, `lang="de"`) || strings.Contains(body, "canary") {
		t.Errorf("%d %v\n%s", status, head, body)
	}
	for _, want := range []string{`action="/gifts/` + shelfCode + `/buy"`, `value="1000"`, `value="2500"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q:\n%s", want, body)
		}
	}
	buy := func(code, form string) (int, string, string) {
		status, body, resp := l.send(t, "POST", post{path: "/gifts/" + code + "/buy", body: form, head: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
		return status, body, resp.Header.Get("Location")
	}
	if status, _, to := buy(shelfCode, "amount=2500"); status != 303 || to != "/p/"+token+"/back" {
		t.Errorf("%d %q", status, to)
	}
	for _, form := range []string{"amount=2400", "amount=", "", "amount=-2500", "%zz"} {
		if status, _, to := buy(shelfCode, form); status != 303 || to != "/gifts/"+shelfCode {
			t.Errorf("%q: %d %q", form, status, to)
		}
	}
	if status, body, _ := buy("ZZZZZZZZ", "amount=2500"); status != 404 || !strings.Contains(body, "gift.shelfgone.text") {
		t.Errorf("a link that is too old: %d %s", status, body)
	}
	for path, want := range map[string]int{"/gifts/ZZZZZZZZ": 404, "/gifts/..%2f..%2fetc": 404, "/gifts/" + shelfCode + "/buy": 405} {
		if status, _, _ := l.get(t, "GET", path); status != want {
			t.Errorf("%s: %d", path, status)
		}
	}
	if len(l.bought) != 1 || l.bought[0].Amount != 2500 {
		t.Errorf("bought: %v", l.bought)
	}
	l.err = errors.New("canary_detail")
	if status, body, _ := buy(shelfCode, "amount=2500"); status != 500 || strings.Contains(body, "canary") {
		t.Errorf("a fault: %d %s", status, body)
	}
	l.err, l.amounts = nil, nil
	if status, body, _ := l.get(t, "GET", "/gifts/"+shelfCode); status != 200 || !strings.Contains(body, "gift.shelf.none") || strings.Contains(body, "<form") {
		t.Errorf("nothing is sold: %d %s", status, body)
	}
}

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
