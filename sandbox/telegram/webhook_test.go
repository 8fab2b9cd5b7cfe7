package telegram

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func fails(status int) func(map[string]any, http.ResponseWriter) {
	return func(_ map[string]any, w http.ResponseWriter) { w.WriteHeader(status) }
}

func TestRetries(t *testing.T) {
	b := newBench(t)
	b.answers(fails(500))
	b.must(b.s.As(ann).Start(""))
	if n := b.count(); n != 2 {
		t.Fatalf("%d tries, the second is to follow at once", n)
	}
	for i, wait := range []time.Duration{2, 4, 8, 16, 32, 60, 60} {
		b.pass(wait*time.Second - time.Millisecond)
		if n := b.count(); n != i+2 {
			t.Fatalf("%d tries before the wait of %d seconds is over", n, wait)
		}
		b.pass(time.Millisecond)
		if n := b.count(); n != i+3 {
			t.Fatalf("%d tries after %d seconds", n, wait)
		}
	}
	info := b.ok("getWebhookInfo")
	if s := string(info.Result); !strings.Contains(s, `"pending_update_count":1`) || !strings.Contains(s, "500 Internal Server Error") {
		t.Errorf("%s", s)
	}
	b.answers(nil)
	b.pass(time.Minute)
	if n := b.s.Pending(); n != 0 {
		t.Errorf("%d updates pending", n)
	}
	if a, z := b.got[0]["update_id"], b.got[len(b.got)-1]["update_id"]; a != z {
		t.Errorf("update_id %v became %v", a, z)
	}
}

func TestUpdatesExpire(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	b.ok("sendMessage", "chat_id", "101", "text", "x", "reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"a"}]]}`)
	b.answers(fails(503))
	if _, err := b.s.As(ann).Tap(ann, 2, 0, 0); err != nil {
		t.Fatal(err)
	}
	b.must(b.s.As(ann).Say(ann, "hello"))
	for range 3 {
		b.pass(50 * time.Second)
	}
	b.pass(time.Second)
	if n := b.s.Pending(); n != 1 {
		t.Errorf("%d updates pending: a press lives 150 seconds, a message longer", n)
	}
	b.pass(24 * time.Hour)
	if n := b.s.Pending(); n != 0 {
		t.Errorf("%d updates pending after a day", n)
	}
}

func TestRetryAfter(t *testing.T) {
	b := newBench(t)
	b.answers(func(_ map[string]any, w http.ResponseWriter) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(429)
	})
	b.must(b.s.As(ann).Start(""))
	if n := b.count(); n != 1 {
		t.Fatalf("%d tries", n)
	}
	b.answers(nil)
	b.pass(29 * time.Second)
	if n := b.count(); n != 1 {
		t.Fatalf("%d tries before Retry-After", n)
	}
	b.pass(time.Second)
	if n := b.count(); n != 2 {
		t.Fatalf("%d tries", n)
	}
}

func TestOneQueueDoesNotHoldBackAnother(t *testing.T) {
	b := newBench(t)
	b.answers(func(u map[string]any, w http.ResponseWriter) {
		if m := u["message"].(map[string]any); m["from"].(map[string]any)["id"] == float64(ann) {
			w.WriteHeader(500)
		}
	})
	b.must(b.s.As(ann).Say(ann, "one"))
	b.must(b.s.As(ann).Say(ann, "two"))
	b.must(b.s.As(ben).Say(ben, "mine"))
	if n := b.s.Pending(); n != 2 {
		t.Errorf("%d pending, Ann's two are to wait and Ben's not", n)
	}
	b.answers(nil)
	b.pass(time.Minute)
	var texts []string
	for _, u := range b.got {
		texts = append(texts, u["message"].(map[string]any)["text"].(string))
	}
	if i, j := slices.Index(texts, "two"), slices.Index(texts, "one"); i < j || b.s.Pending() != 0 {
		t.Errorf("%v", texts)
	}
}

func TestGoneWebhookIsRemoved(t *testing.T) {
	b := newBench(t)
	b.answers(fails(410))
	b.must(b.s.As(ann).Start(""))
	b.pass(12 * time.Hour)
	if !strings.Contains(string(b.ok("getWebhookInfo").Result), "/hook") {
		t.Error("removed too early")
	}
	b.must(b.s.As(ann).Say(ann, "still there?"))
	b.pass(12 * time.Hour)
	b.pass(time.Minute)
	if strings.Contains(string(b.ok("getWebhookInfo").Result), "/hook") {
		t.Error("still there after 23 hours of 410")
	}
}

func TestDuplicates(t *testing.T) {
	b := newBench(t)
	b.s.Duplicate(4)
	b.must(b.s.As(ann).Start(""))
	if n := b.count(); n != 5 {
		t.Fatalf("%d deliveries", n)
	}
	b.must(b.s.As(ann).Say(ann, "x"))
	if n := b.count(); n != 6 {
		t.Fatalf("%d deliveries", n)
	}
}

func TestAMethodInTheAnswer(t *testing.T) {
	b := newBench(t)
	reply := `{"method":"sendMessage","chat_id":101,"text":"<b>hello</b>","parse_mode":"HTML"}`
	b.answers(func(_ map[string]any, w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte(reply))
	})
	b.must(b.s.As(ann).Start(""))
	list := b.s.Messages(ann, ann)
	if len(list) != 2 || list[1].Text != "hello" || list[1].Entities[0].Type != "bold" {
		t.Fatalf("%+v", list)
	}
	// What fails there, nobody is told; it is kept for tests.
	reply = `{"method":"sendMessage","chat_id":102,"text":"x"}`
	b.must(b.s.As(ann).Say(ann, "x"))
	if r := b.s.Refusals(); len(r) != 1 || !r[0].InReply || r[0].Code != 403 {
		t.Errorf("%+v", r)
	}
	reply = `{"method":"getMe"}`
	b.must(b.s.As(ann).Say(ann, "x"))
	if len(b.s.Refusals()) != 1 || b.s.Pending() != 0 {
		t.Error("methods that ask are passed over")
	}
}

func TestWhatABotSees(t *testing.T) {
	b := newBench(t)
	topic := b.s.AddTopic(group, "Mugs")
	b.must(b.s.As(ann).Say(group, "just talk"))
	b.must(b.s.As(ann).Say(group, "/shop@other_bot"))
	if n := b.count(); n != 0 {
		t.Fatalf("%d updates: a bot in privacy mode does not hear talk", n)
	}
	b.must(b.s.As(ann).SayIn(group, topic, "/shop@Souk_Bot now"))
	m := b.got[0]["message"].(map[string]any)
	if m["message_thread_id"] != float64(topic) || m["is_topic_message"] != true {
		t.Errorf("%v", m)
	}
	b.ok("sendMessage", "chat_id", "-1001000", "message_thread_id", "1", "text", "hello")
	list := b.s.Messages(ann, group)
	b.must(b.s.As(ben).Reply(group, list[len(list)-1].MessageID, "to the bot"))
	if n := b.count(); n != 2 {
		t.Fatalf("%d updates: answers to the bot reach it", n)
	}
	b.must(b.s.As(ann).Start(""))
	b.must(b.s.As(ann).Block())
	change := b.got[len(b.got)-1]["my_chat_member"].(map[string]any)
	if change["new_chat_member"].(map[string]any)["status"] != "kicked" {
		t.Errorf("%v", change)
	}
	b.ok("setWebhook", "url", b.s.hook.url, "secret_token", "s3cret", "allowed_updates", `["callback_query"]`)
	before := b.count()
	b.must(b.s.As(ben).Say(ben, "hello"))
	if b.count() != before {
		t.Error("updates that are not allowed do not come")
	}
}

func TestInline(t *testing.T) {
	b := newBench(t)
	b.s.AddGroup(Group{ID: -1009, Title: "Elsewhere", Members: []int64{ann}, NoBot: true})
	b.answers(func(u map[string]any, w http.ResponseWriter) {
		if q, ok := u["inline_query"].(map[string]any); ok {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"method":"answerInlineQuery","inline_query_id":"` + q["id"].(string) + `","results":[
				{"type":"article","id":"1","title":"Mug","input_message_content":{"message_text":"<b>Mug</b>","parse_mode":"HTML"},"reply_markup":{"inline_keyboard":[[{"text":"Buy","callback_data":"buy"}]]}}]}`))
		}
	})
	results, err := b.s.As(ann).Inline("mug")
	if err != nil || len(results) != 1 || results[0].Title != "Mug" {
		t.Fatalf("%+v %v", results, err)
	}
	b.must(b.s.As(ann).PickInline(-1009, results[0]))
	list := b.s.Messages(ann, -1009)
	if list[0].Text != "Mug" || list[0].ViaBot == nil {
		t.Fatalf("%+v", list)
	}
	if _, err := b.s.As(ann).Tap(-1009, list[0].MessageID, 0, 0); err != nil {
		t.Fatal(err)
	}
	b.rest()
	q := b.got[len(b.got)-1]["callback_query"].(map[string]any)
	if q["message"] != nil || q["inline_message_id"] != list[0].InlineID {
		t.Errorf("%v", q)
	}
	b.ok("editMessageText", "inline_message_id", list[0].InlineID, "text", "Sold")
	if list := b.s.Messages(ann, -1009); list[0].Text != "Sold" || list[0].ReplyMarkup != nil {
		t.Errorf("%+v", list)
	}
}

func TestPayments(t *testing.T) {
	b := newBench(t)
	verdict := `"ok":true`
	b.answers(func(u map[string]any, w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		if q, ok := u["shipping_query"].(map[string]any); ok {
			w.Write([]byte(`{"method":"answerShippingQuery","shipping_query_id":"` + q["id"].(string) + `","ok":true,"shipping_options":[{"id":"post","title":"Post","prices":[{"label":"Post","amount":300}]}]}`))
		}
		if q, ok := u["pre_checkout_query"].(map[string]any); ok {
			w.Write([]byte(`{"method":"answerPreCheckoutQuery","pre_checkout_query_id":"` + q["id"].(string) + `",` + verdict + `}`))
		}
	})
	b.must(b.s.As(ann).Start(""))
	b.ok("sendInvoice", "chat_id", "101", "title", "Mug", "description", "A mug", "payload", "order1", "provider_token", "stripe", "currency", "EUR",
		"prices", `[{"label":"Mug","amount":1900}]`, "need_shipping_address", "true", "is_flexible", "true")
	address := &Address{Country: "DE", City: "Berlin", Line1: "1 Kiln Lane", Postcode: "10115"}
	b.must(b.s.As(ann).Pay(ann, 2, &OrderInfo{Address: address}, ""))
	paid := b.got[len(b.got)-1]["message"].(map[string]any)["successful_payment"].(map[string]any)
	if paid["total_amount"] != float64(2200) || paid["invoice_payload"] != "order1" || paid["shipping_option_id"] != "post" {
		t.Errorf("%v", paid)
	}
	if err := b.s.As(ann).Pay(ann, 2, &OrderInfo{Address: address}, ""); err == nil {
		t.Error("paid twice")
	}
	verdict = `"ok":false,"error_message":"Sold out"`
	b.ok("sendInvoice", "chat_id", "101", "title", "Mug", "description", "A mug", "payload", "order1", "provider_token", "stripe", "currency", "EUR",
		"prices", `[{"label":"Mug","amount":1900}]`, "need_shipping_address", "true", "is_flexible", "true")
	if err := b.s.As(ann).Pay(ann, 4, &OrderInfo{Address: address}, "post"); err == nil || !strings.Contains(err.Error(), "Sold out") {
		t.Errorf("%v", err)
	}
}

func TestCommandsMenu(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	b.ok("setMyCommands", "commands", `[{"command":"shop","description":"Open the shop"}]`)
	b.ok("setMyCommands", "commands", `[{"command":"shop","description":"Zum Laden"}]`, "scope", `{"type":"all_private_chats"}`, "language_code", "de")
	b.ok("setMyCommands", "commands", `[{"command":"staff","description":"Orders"}]`, "scope", `{"type":"chat","chat_id":101}`, "language_code", "fr")
	for _, test := range []struct {
		user, chat int64
		want       string
	}{{ann, ann, "Zum Laden"}, {ben, ben, "Open the shop"}, {ann, group, "Open the shop"}} {
		if c := b.s.Commands(test.user, test.chat); len(c) != 1 || c[0].Description != test.want {
			t.Errorf("%d in %d sees %v", test.user, test.chat, c)
		}
	}
}

func TestChanges(t *testing.T) {
	b := newBench(t)
	var kinds []string
	cancel := b.s.Changes(func(c Change) { kinds = append(kinds, c.Kind) })
	b.must(b.s.As(ann).Start(""))
	b.ok("sendMessage", "chat_id", "101", "text", "x")
	b.ok("editMessageText", "chat_id", "101", "message_id", "2", "text", "y")
	b.ok("deleteMessage", "chat_id", "101", "message_id", "2")
	cancel()
	b.ok("sendMessage", "chat_id", "101", "text", "z")
	if want := []string{"message", "message", "edit", "delete"}; !slices.Equal(kinds, want) {
		t.Errorf("%v", kinds)
	}
}
