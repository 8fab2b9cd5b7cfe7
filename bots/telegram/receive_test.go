package telegram_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	sandbox "github.com/soukchat/souk/sandbox/telegram"
)

// ignored are updates that Telegram may send and that are not for the shop, or
// that are nobody's.
func TestUpdatesWithoutEffect(t *testing.T) {
	h := &shop{answer: func(bots.Event) bots.Screen { return screen("x") }}
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: "http://127.0.0.1:1"})
	defer bot.Wait()
	from := `"from":{"id":101,"first_name":"Ann"}`
	private := `"chat":{"id":101,"type":"private"}`
	for body, malformed := range map[string]bool{
		`{"update_id":1}`: false,
		`{"update_id":1,"edited_message":{"message_id":1}}`:                                                                         false,
		`{"update_id":1,"poll":{"id":"1"}}`:                                                                                         false,
		`{"update_id":1,"message":{"message_id":1,` + private + `}}`:                                                                false,
		`{"update_id":1,"message":{"message_id":1,` + from + `,` + private + `,"photo":[{}]}}`:                                      false,
		`{"update_id":1,"message":{"message_id":1,"from":{"id":7,"is_bot":true},"chat":{"id":7,"type":"private"},"text":"/start"}}`: false,
		`{"update_id":1,"message":{"message_id":1,` + from + `,` + private + `,"via_bot":{"id":4242,"is_bot":true},"text":"x"}}`:    false,
		`{"update_id":1,"message":{"message_id":1,"from":{"id":777000,"first_name":"Telegram"},"sender_chat":{"id":-1007,"type":"channel"},"chat":{"id":-100,"type":"supergroup"},"text":"/shop"}}`:                  false, // a linked channel's post
		`{"update_id":1,"message":{"message_id":1,"from":{"id":1087968824,"is_bot":true,"first_name":"Group"},"sender_chat":{"id":-100,"type":"supergroup"},"chat":{"id":-100,"type":"supergroup"},"text":"/shop"}}`: false, // an anonymous admin
		`{"update_id":1,"message":{"message_id":1,` + from + `,"forward_origin":{"type":"hidden_user","date":1,"sender_user_name":"x"},"chat":{"id":-100,"type":"supergroup"},"text":"/shop"}}`:                      false,
		`{"update_id":1,"message":{"message_id":1,` + from + `,"chat":{"id":-100,"type":"supergroup"},"text":"talk"}}`:                                                                                               false,
		`{"update_id":1,"message":{"message_id":1,` + from + `,"chat":{"id":-100,"type":"channel"},"text":"/start"}}`:                                                                                                false,
		`{"update_id":1,"message":{"message_id":1,` + from + `,` + private + `,"text":"/start@other_bot"}}`:                                                                                                          false,
		`{"update_id":1,"my_chat_member":{` + from + `,` + private + `,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"administrator"}}}`:                                                         false,
		``:                   true,
		`null`:               true,
		`[]`:                 true,
		`{"update_id":1`:     true,
		`{"update_id":"1"}`:  true,
		`{"update_id":-1}`:   true,
		`{"message":{}}`:     true,
		`{"update_id":1e99}`: true,
		`{"update_id":1,"message":{"message_id":1,` + from + `,"chat":{"id":102,"type":"private"},"text":"/start"}}`:             true, // another's private chat
		`{"update_id":1,"message":{"message_id":1,` + from + `,"chat":{"id":101,"type":"group"},"text":"/start"}}`:               true,
		`{"update_id":1,"message":{"message_id":1,"from":{"id":0},"chat":{"id":0,"type":"private"},"text":"/start"}}`:            true,
		`{"update_id":1,"message":{"message_id":1,` + from + `,` + private + `,"text":{"a":1}}}`:                                 true,
		`{"update_id":1,"callback_query":{"id":"1",` + from + `,"data":"cart"}}`:                                                 true,
		`{"update_id":1,"callback_query":{` + from + `,"data":"cart","message":{"message_id":1,` + private + `}}}`:               true,
		`{"update_id":1,"callback_query":{"id":"1",` + from + `,"message":{"message_id":1,"chat":{"id":102,"type":"private"}}}}`: true,
		`{"update_id":1,"callback_query":{"id":"1",` + from + `,"message":{}}}`:                                                  true,
		`{"update_id":1,"inline_query":{"id":"1","from":{"id":-5},"query":"x"}}`:                                                 true,
		`{"update_id":1,"inline_query":{` + from + `,"query":"x"}}`:                                                              true,
	} {
		a, err := bot.Receive(t.Context(), []byte(body), h)
		if malformed != (err != nil) || err != nil && commerce.KindOf(err) != commerce.Invalid {
			t.Errorf("%s: %v", body, err)
		}
		if err == nil && (a.Status != 200 || len(a.Body) > 0) {
			t.Errorf("%s: %+v", body, a)
		}
	}
	if len(h.events) > 0 {
		t.Errorf("heard: %+v", h.events)
	}
}

func TestTooOldToBeSeen(t *testing.T) {
	h := &shop{answer: func(bots.Event) bots.Screen { return screen("x") }}
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: "http://127.0.0.1:1"})
	defer bot.Wait()
	a, err := bot.Receive(t.Context(), []byte(`{"update_id":1,"callback_query":{"id":"1","from":{"id":101},"data":"cart","message":{"message_id":1,"date":0,"chat":{"id":101,"type":"private"}}}}`), h)
	if err != nil || !strings.Contains(string(a.Body), `"sendMessage"`) {
		t.Errorf("%s %v", a.Body, err)
	}
}

// TestTextArrivesAsItIs draws texts of any characters and has the stand-in
// parse them: markup that goes wrong, or shows, is impossible.
func TestTextArrivesAsItIs(t *testing.T) {
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot"})
	update := []byte(`{"update_id":1,"message":{"message_id":1,"date":1,"from":{"id":101},"chat":{"id":101,"type":"private"},"text":"x"}}`)
	piece := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"<b>", "</b>", "&lt;", "&amp;amp;", "<", ">", "&", `"`, "\xff", "*_@everyone", "🏺", "\n"}))
	rapid.Check(t, func(t *rapid.T) {
		var s bots.Screen
		for range rapid.IntRange(1, 6).Draw(t, "spans") {
			span := bots.Span{Text: piece.Draw(t, "text") + "x", Look: bots.Look(rapid.IntRange(0, 4).Draw(t, "look"))}
			if rapid.Bool().Draw(t, "linked") {
				span.Link = "https://a.example/?q=" + piece.Draw(t, "link")
			}
			s.Text = append(s.Text, span)
		}
		h := &shop{answer: func(bots.Event) bots.Screen { return s }}
		a, err := bot.Receive(context.Background(), update, h)
		if err != nil {
			t.Fatal(err)
		}
		var sent map[string]json.RawMessage
		if err := json.Unmarshal(a.Body, &sent); err != nil {
			t.Fatal(err)
		}
		delete(sent, "method")
		arguments, _ := json.Marshal(sent)
		if err := sandbox.Check("sendMessage", arguments); err != nil {
			t.Fatalf("%v\n%s", err, a.Body)
		}
		var html string
		json.Unmarshal(sent["text"], &html)
		if got, want := sandbox.Plain(html), strings.TrimSpace(strings.ToValidUTF8(s.Text.String(), "\uFFFD")); got != want && bots.Width(want) <= 4096 {
			t.Fatalf("%q became %q", want, got)
		}
	})
}

// seeds are updates as Telegram sends them.
func seeds(tb testing.TB) [][]byte {
	var list [][]byte
	for _, u := range updates {
		list = append(list, []byte(u.body))
	}
	return append(list,
		[]byte(`{"update_id":9,"my_chat_member":{"chat":{"id":101,"type":"private"},"from":{"id":101,"first_name":"Ann"},"date":1,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`),
		[]byte(`{"update_id":10,"message":{"message_id":1,"date":1,"from":{"id":101,"first_name":"Ann","last_name":"Potter","username":"ann","language_code":"de"},"chat":{"id":101,"type":"private"},"text":"1 Kiln Lane"}}`))
}

// receives checks what must hold for any body that came with the secret.
func receives(t testing.TB, bot *telegram.Bot, body []byte) {
	h := &shop{
		answer: func(ev bots.Event) bots.Screen {
			if ev.Chat.Private && ev.Chat.ID != ev.From.ID {
				t.Errorf("%s acts in the chat %s\n%s", ev.From.ID, ev.Chat.ID, body)
			}
			if a := ev.Action; ev.On != nil && a != "" && a.Check() != nil {
				t.Errorf("action %q\n%s", a, body)
			}
			for _, s := range []string{ev.Text, ev.From.Name, ev.From.Username, ev.Chat.Title} {
				if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
					t.Errorf("text %q\n%s", s, body)
				}
			}
			return bots.Screen{Text: bots.T("x"), Notice: "y"}
		},
		suggest: func(bots.Event, int) []bots.Suggestion { return nil },
	}
	a, err := bot.Receive(context.Background(), body, h)
	if err != nil {
		if commerce.KindOf(err) != commerce.Invalid || len(h.events) > 0 {
			t.Errorf("%v after %d events\n%s", err, len(h.events), body)
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", err)
		}
		return
	}
	if a.Status != http.StatusOK || len(h.events) > 1 {
		t.Errorf("%+v\n%s", a, body)
	}
}

// quiet is a Bot API that says yes to everything.
func quiet(tb testing.TB) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":true,"result":true}`)
	}))
	tb.Cleanup(s.Close)
	return s.URL
}

func FuzzReceive(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: quiet(f)})
	f.Fuzz(func(t *testing.T, body []byte) {
		receives(t, bot, body)
		bot.Wait()
	})
}

// TestMutatedUpdates sends ten thousand bodies that differ a little from
// Telegram's.
func TestMutatedUpdates(t *testing.T) {
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: quiet(t)})
	r := rand.New(rand.NewPCG(1, 2))
	list := seeds(t)
	for i := range 10_000 {
		body := bytes.Clone(list[i%len(list)])
		for range 1 + r.IntN(3) {
			at := r.IntN(len(body))
			switch r.IntN(4) {
			case 0:
				body[at] ^= byte(1 + r.IntN(255))
			case 1:
				body = append(body[:at], body[at+r.IntN(min(8, len(body)-at)):]...)
			case 2:
				body = append(body[:at], append([]byte(`"x":{},`), body[at:]...)...)
			case 3:
				to := r.IntN(len(body))
				body[at], body[to] = body[to], body[at]
			}
		}
		receives(t, bot, body)
	}
	bot.Wait()
}

// TestWhatOthersWrote: a forwarded command shows and does nothing; who adds the
// bot without a name is nobody.
func TestWhatOthersWrote(t *testing.T) {
	h := &shop{answer: func(bots.Event) bots.Screen { return screen("x") }}
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Username: "souk_bot", Endpoint: "http://127.0.0.1:1"})
	defer bot.Wait()
	for _, body := range []string{
		`{"update_id":1,"message":{"message_id":1,"from":{"id":101,"first_name":"Ann"},"chat":{"id":101,"type":"private"},"forward_origin":{"type":"user"},"text":"/link ABCD2345"}}`,
		`{"update_id":2,"message":{"message_id":1,"from":{"id":101,"first_name":"Ann"},"chat":{"id":101,"type":"private"},"text":"/link ABCD2345"}}`,
		`{"update_id":3,"my_chat_member":{"from":{"id":1087968824,"is_bot":true,"first_name":"Group"},"chat":{"id":-100,"type":"supergroup"},"old_chat_member":{"status":"left"},"new_chat_member":{"status":"member"}}}`,
	} {
		if _, err := bot.Receive(t.Context(), []byte(body), h); err != nil {
			t.Fatal(err)
		}
	}
	if len(h.events) != 3 || !h.events[0].Linked || h.events[1].Linked || h.events[2].From.ID != "" || h.events[2].Kind != bots.Enter {
		t.Errorf("%+v", h.events)
	}
}
