package app

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/sandbox/stripe"
	telegrams "github.com/soukchat/souk/sandbox/telegram"
)

// TestCanary lets the whole program run into every fault there is while
// somebody buys, and then looks for secrets, addresses and cards in every line
// of its log and in every reply it gave.
func TestCanary(t *testing.T) {
	w := newTown(t, databasetest.Migrated(t, "sqlite"), "parcel,Parcel,true,P,shopify,50,7.00,true,active\n", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	w.ctx = ctx
	log, replies := &lines{}, &lines{}
	w.replies = func(s string) { fmt.Fprintln(replies, s) }
	a := w.serve(log.logger())
	parcel, err := variant(w.open(), "parcel")
	if err != nil {
		t.Fatal(err)
	}

	// Nobody takes our registration: the errors of both libraries hold tokens.
	w.telegram.Fail(telegrams.Fault{Code: 401, Times: 3})
	w.telegram.Fail(telegrams.Fault{Drop: true, Times: 3})
	for _, bot := range []string{"tg", "dc", "tg", "dc"} {
		if err := a.RegisterBot(ctx, bot); err != nil {
			a.Log.Warn("not registered", "bot", bot, "err", err)
		}
	}
	a.Register(ctx)
	a.CheckStripe(ctx)

	ann := w.customer(4711)
	tokens := []string{}
	stumbles := []func(){
		func() {},
		func() { w.stripe.Fail(stripe.Fault{Act: true, Drop: true, Times: 2}) },
		func() { w.stripe.Fail(stripe.Fault{Status: 500, Times: 2}) },
		func() { w.stripe.Fail(stripe.Fault{Status: 401}) },
		func() { w.stripe.Fail(stripe.Fault{Status: 400}) },
		func() { w.telegram.Fail(telegrams.Fault{Code: 500, Times: 3}) },
		func() { w.telegram.Fail(telegrams.Fault{Drop: true, Times: 3}) },
		func() {
			for _, f := range []telegrams.Fault{{Code: 429, RetryAfter: 1}, {Drop: true}, {Code: 502}, {Code: 403}} {
				f.Method = "sendMessage"
				w.telegram.Fail(f)
			}
		},
		func() {
			w.redis.SetError("LOADING the password is " + "not told")
			time.AfterFunc(50*time.Millisecond, func() { w.redis.SetError("") })
		},
	}
	for i, stumble := range stumbles {
		ann.say("/start")
		ann.press("cart empty")
		ann.press("cart add " + parcel)
		if i == 0 {
			ann.press("checkout")
			for _, value := range []string{"Canary Quill", testAddress, "10115", "Berlin", "Germany"} {
				ann.say(value)
			}
		}
		stumble()
		token, _ := ann.order(parcel)
		if token == "" {
			continue
		}
		tokens = append(tokens, token)
		stumble()
		for _, card := range []string{"4000000000000002", "4242424242424242"} {
			if page := ann.once(token); page != "" {
				w.pay(page, card)
			}
		}
		stumble()
		ann.once(token + "/done")
		ann.press("orders")
		ann.press("privacy export")
		ann.post(ann.pressing("order " + token))
		w.discordSays(i)
	}
	w.strangers(tokens)
	for _, path := range []string{"/metrics", "/readyz", "/healthz", "/p/" + tokens[0] + "/back", "/nowhere?" + testKey[:3]} {
		w.get(path)
	}
	w.redis.SetError("ERR")
	w.get("/readyz")
	w.get("/metrics")
	ann.post(ann.saying("/start"))
	w.redis.SetError("")
	w.telegram.As(4711).Block()
	time.Sleep(300 * time.Millisecond) // the outbox runs into that

	if len(tokens) < 6 || w.stripe.Captured("") == 0 || !strings.Contains(log.String(), `"level":"WARN"`) || len(replies.String()) < 10_000 {
		t.Errorf("too little happened: %d orders, %d captured, %d bytes of log, %d of replies", len(tokens), w.stripe.Captured(""), len(log.String()), len(replies.String()))
	}
	secrets := map[string]string{
		"the Telegram token": testToken, "a part of the Telegram token": "canary-token", "Stripe's key": "canarykey", "Stripe's webhook secret": "canaryhook",
		"the Discord token": testDiscord, "the password of Redis": testRedis, "the webhook's secret": telegram.WebhookSecret(testToken),
		"a card": "4242424242424242", "an interaction's token": "canaryinteraction", "a signature": "canarysignature",
	}
	for what, secret := range secrets {
		if strings.Contains(replies.String(), secret) {
			t.Errorf("%s is in a reply: %s", what, around(replies.String(), secret))
		}
	}
	secrets["an address"], secrets["a name"], secrets["a postcode"] = testAddress, "Quill", "10115"
	secrets["a street"] = "Canary Lane"
	for i, token := range tokens {
		secrets["the token of pay link "+strconv.Itoa(i)] = token
	}
	for what, secret := range secrets {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%s is in the log: %s", what, around(log.String(), secret))
		}
	}
}

func around(s, what string) string {
	i := strings.Index(s, what)
	return s[max(0, i-200):min(len(s), i+200)]
}

// once opens a page of the pay link a single time.
func (w *town) once(path string) string {
	resp := w.get("/p/" + path)
	if resp == nil || resp.StatusCode != http.StatusSeeOther {
		return ""
	}
	return resp.Header.Get("Location")
}

func (w *town) get(path string) *http.Response {
	w.Helper()
	req, err := http.NewRequestWithContext(w.ctx, "GET", w.door.URL+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	resp, err := plain.Do(req)
	if err != nil {
		w.Error(err)
		return nil
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	body.ReadFrom(resp.Body)
	w.replies(fmt.Sprint(resp.Header) + body.String())
	return resp
}

// discordSays is a command on Discord, whose answer fails where it comes late.
func (w *town) discordSays(i int) {
	w.Helper()
	body := fmt.Sprintf(`{"id":"40000000000000%04d","type":2,"token":"canaryinteraction%d","channel_id":"200000000000000001","channel":{"type":1},
		"user":{"id":"100000000000000001","username":"ann","global_name":"Ann"},"locale":"en-US","data":{"name":"%s"}}`,
		i, i, []string{"shop", "cart", "orders", "privacy", "start"}[i%5])
	stamp := strconv.FormatInt(w.Now().Unix(), 10)
	for _, signature := range []string{hex.EncodeToString(ed25519.Sign(w.discord, []byte(stamp+body))), "canarysignature"} {
		req, err := http.NewRequestWithContext(w.ctx, "POST", w.door.URL+"/discord/dc", strings.NewReader(body))
		if err != nil {
			w.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Signature-Ed25519", signature)
		req.Header.Set("X-Signature-Timestamp", stamp)
		if _, _, err := w.do(req); err != nil {
			w.Error(err)
		}
	}
}

// strangers knock with what they made up, near to what is right.
func (w *town) strangers(tokens []string) {
	w.Helper()
	for path, header := range map[string][2]string{
		"/telegram/tg":            {"X-Telegram-Bot-Api-Secret-Token", telegram.WebhookSecret(testToken) + "x"},
		"/telegram/" + testToken:  {"X-Telegram-Bot-Api-Secret-Token", "canarysignature"},
		"/stripe":                 {"Stripe-Signature", "t=1,v1=canarysignature"},
		"/stripe?" + testHook[:5]: {"Stripe-Signature", stripe.Sign([]byte("canarysignature"), testHook, w.Now())},
		"/p/" + tokens[0]:         {"Cookie", "canarysignature"},
		"/m/../../souk.db":        {"Authorization", "Bearer canarysignature"},
	} {
		req, err := http.NewRequestWithContext(w.ctx, "POST", w.door.URL+path, strings.NewReader("canarysignature"))
		if err != nil {
			w.Fatal(err)
		}
		req.Header.Set(header[0], header[1])
		if _, _, err := w.do(req); err != nil {
			w.Error(err)
		}
	}
}
