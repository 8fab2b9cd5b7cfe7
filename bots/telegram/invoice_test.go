package telegram_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
)

const (
	shippingAsked = `{"update_id":1,"shipping_query":{"id":"s1","from":{"id":101,"first_name":"Ann"},"invoice_payload":"pay1",
		"shipping_address":{"country_code":"DE","state":"","city":"Berlin","street_line1":"Weg 1","street_line2":"2nd floor","post_code":"10115"}}}`
	approvalAsked = `{"update_id":2,"pre_checkout_query":{"id":"c1","from":{"id":101,"first_name":"Ann"},"invoice_payload":"pay1","currency":"EUR","total_amount":2290,
		"shipping_option_id":"post","order_info":{"name":"Ann Example","shipping_address":{"country_code":"DE","state":"BE","city":"Berlin","street_line1":"Weg 1","street_line2":"","post_code":"10115"}}}}`
	paymentTold = `{"update_id":3,"message":{"message_id":9,"date":1,"from":{"id":101,"first_name":"Ann"},"chat":{"id":101,"type":"private"},
		"successful_payment":{"currency":"EUR","total_amount":2290,"invoice_payload":"pay1","telegram_payment_charge_id":"tg1","provider_payment_charge_id":"ch_1"}}}`
)

// TestBills reads what Telegram asks and tells about an invoice, and answers
// it in the response.
func TestBills(t *testing.T) {
	euro := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	for _, c := range []struct {
		name, update string
		verdict      *bots.Verdict
		kind         bots.Kind
		want         bots.Bill
		answer       string
	}{
		{"ways", shippingAsked, &bots.Verdict{Yes: true, Ways: []bots.Way{{ID: "post", Title: "Post\n", Prices: []bots.Price{{Label: "Post", Amount: euro(490)}, {Label: "VAT", Amount: euro(93)}}}}},
			bots.Ways, bots.Bill{Payload: "pay1", Question: "s1", Address: &bots.Destination{Street: "Weg 1\n2nd floor", City: "Berlin", Postcode: "10115", Country: "DE"}},
			`{"method":"answerShippingQuery","shipping_query_id":"s1","ok":true,"shipping_options":[{"id":"post","title":"Post","prices":[{"label":"Post","amount":490},{"label":"VAT","amount":93}]}]}`},
		{"no way", shippingAsked, &bots.Verdict{Why: "Nobody sends there."},
			bots.Ways, bots.Bill{Payload: "pay1", Question: "s1", Address: &bots.Destination{Street: "Weg 1\n2nd floor", City: "Berlin", Postcode: "10115", Country: "DE"}},
			`{"method":"answerShippingQuery","shipping_query_id":"s1","ok":false,"error_message":"Nobody sends there."}`},
		{"yes", approvalAsked, &bots.Verdict{Yes: true}, bots.Approve,
			bots.Bill{Payload: "pay1", Question: "c1", Way: "post", Total: euro(2290), Address: &bots.Destination{Name: "Ann Example", Street: "Weg 1", City: "Berlin", Region: "BE", Postcode: "10115", Country: "DE"}},
			`{"method":"answerPreCheckoutQuery","pre_checkout_query_id":"c1","ok":true}`},
		{"no", approvalAsked, &bots.Verdict{Why: "Too late."}, bots.Approve,
			bots.Bill{Payload: "pay1", Question: "c1", Way: "post", Total: euro(2290), Address: &bots.Destination{Name: "Ann Example", Street: "Weg 1", City: "Berlin", Region: "BE", Postcode: "10115", Country: "DE"}},
			`{"method":"answerPreCheckoutQuery","pre_checkout_query_id":"c1","ok":false,"error_message":"Too late."}`},
		{"paid", paymentTold, &bots.Verdict{Yes: true}, bots.Paid, bots.Bill{Payload: "pay1", Total: euro(2290), Receipt: "tg1", Charge: "ch_1"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &shop{answer: func(bots.Event) bots.Screen { return bots.Screen{Verdict: c.verdict} }}
			bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: "http://127.0.0.1:1"})
			a, err := bot.Receive(t.Context(), []byte(c.update), h)
			if err != nil {
				t.Fatal(err)
			}
			ev := h.last(t)
			if ev.Kind != c.kind || ev.Bill == nil || ev.From.ID != "101" {
				t.Fatalf("heard %+v", ev)
			}
			if d := cmp.Diff(c.want, *ev.Bill); d != "" {
				t.Error(d)
			}
			if string(a.Body) != c.answer {
				t.Errorf("answered %s", a.Body)
			}
			if c.answer != "" {
				check(t, c.name, a.Body)
			}
		})
	}
}

// TestUnansweredBill: what the shop did not deal with comes again.
func TestUnansweredBill(t *testing.T) {
	h := &shop{answer: func(bots.Event) bots.Screen { return screen("The shop is busy") }}
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: "http://127.0.0.1:1"})
	for _, update := range []string{shippingAsked, approvalAsked, paymentTold} {
		if _, err := bot.Receive(t.Context(), []byte(update), h); commerce.KindOf(err) != commerce.Unavailable {
			t.Errorf("%s: %v", update, err)
		}
	}
	for _, update := range []string{
		strings.Replace(approvalAsked, `"pay1"`, `""`, 1), strings.Replace(paymentTold, `"tg1"`, `""`, 1), strings.Replace(shippingAsked, `"s1"`, `""`, 1),
		strings.Replace(paymentTold, `"chat":{"id":101`, `"chat":{"id":102`, 1),
	} {
		if _, err := bot.Receive(t.Context(), []byte(update), h); commerce.KindOf(err) != commerce.Invalid {
			t.Errorf("%s: %v", update, err)
		}
	}
}

// TestInvoiceWithoutProvider is drawn as its text with the link.
func TestInvoiceWithoutProvider(t *testing.T) {
	s := screen("Total: €18.00")
	s.Invoice = &bots.Invoice{Title: "Shop", Description: "A mug", Payload: "p", Prices: []bots.Price{{Label: "Mug", Amount: commerce.Money{Amount: 1800, Currency: "EUR"}}},
		Copy: "order o1", Pay: "Pay", Link: "https://shop.example/p/t"}
	h := &shop{answer: func(bots.Event) bots.Screen { return s }}
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: "http://127.0.0.1:1"})
	a, err := bot.Receive(t.Context(), []byte(`{"update_id":1,"message":{"message_id":7,"date":1,"from":{"id":101},"chat":{"id":101,"type":"private"},"text":"/go"}}`), h)
	if err != nil || !strings.Contains(string(a.Body), `"url":"https://shop.example/p/t"`) || !strings.Contains(string(a.Body), "sendMessage") {
		t.Errorf("%s, %v", a.Body, err)
	}
}
