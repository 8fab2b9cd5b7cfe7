package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	ann   = int64(101)
	ben   = int64(102)
	group = int64(-1001000)
)

// bench is a stand-in with a hook that answers what the test says.
type bench struct {
	t   *testing.T
	s   *Server
	api *httptest.Server

	mu     sync.Mutex
	now    time.Time
	got    []map[string]any // updates, each time they came
	answer func(update map[string]any, w http.ResponseWriter)
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{t: t, now: time.Unix(1_700_000_000, 0)}
	b.s = New(Config{Token: "1:x", Username: "souk_bot", BotID: 1, Clock: b.clock})
	b.s.AddUser(User{ID: ann, First: "Ann", Lang: "de"})
	b.s.AddUser(User{ID: ben, First: "Ben"})
	b.s.AddGroup(Group{ID: group, Title: "Makers", Members: []int64{ann, ben}, Forum: true})
	b.api = httptest.NewServer(b.s.Handler())
	t.Cleanup(b.api.Close)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := checkUpdate(body); err != nil {
			t.Errorf("an update of the stand-in is not as published: %v\n%s", err, body)
		}
		if r.Header.Get("X-Telegram-Bot-Api-Secret-Token") != "s3cret" {
			t.Error("update without the secret")
		}
		var u map[string]any
		json.Unmarshal(body, &u)
		b.mu.Lock()
		b.got = append(b.got, u)
		answer := b.answer
		b.mu.Unlock()
		if answer != nil {
			answer(u, w)
		}
	}))
	t.Cleanup(hook.Close)
	b.ok("setWebhook", "url", hook.URL+"/hook", "secret_token", "s3cret")
	t.Cleanup(b.s.Close)
	return b
}

func (b *bench) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bench) pass(d time.Duration) {
	b.mu.Lock()
	b.now = b.now.Add(d)
	b.mu.Unlock()
	b.rest()
}

func (b *bench) rest() {
	ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Minute)
	defer cancel()
	b.s.Rest(ctx)
}

func (b *bench) answers(f func(update map[string]any, w http.ResponseWriter)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = f
}

func (b *bench) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.got)
}

type result struct {
	Ok          bool
	Result      json.RawMessage
	Description string
	ErrorCode   int `json:"error_code"`
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	}
}

// call makes a request with a form of names and values in turn.
func (b *bench) call(method string, pairs ...string) result {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	resp, err := http.PostForm(b.api.URL+"/bot1:x/"+method, form)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	var r result
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil {
		b.t.Fatal(err)
	}
	if !r.Ok && resp.StatusCode != r.ErrorCode {
		b.t.Errorf("%s: status %d and error_code %d", method, resp.StatusCode, r.ErrorCode)
	}
	return r
}

func (b *bench) ok(method string, pairs ...string) result {
	b.t.Helper()
	r := b.call(method, pairs...)
	if !r.Ok {
		b.t.Fatalf("%s %v: %s", method, pairs, r.Description)
	}
	return r
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	b.rest()
}

func TestRefusals(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	b.ok("sendMessage", "chat_id", "101", "text", "text", "reply_markup", `{"inline_keyboard":[[{"text":"a","callback_data":"a"}]]}`)
	b.ok("sendPhoto", "chat_id", "101", "photo", "https://shop.example/a.png", "caption", "picture")
	button := func(fields string) string { return `{"inline_keyboard":[[{` + fields + `}]]}` }
	keyboard := func(rows, inRow int) string {
		row := "[" + strings.TrimSuffix(strings.Repeat(`{"text":"a","callback_data":"a"},`, inRow), ",") + "]"
		return `{"inline_keyboard":[` + strings.TrimSuffix(strings.Repeat(row+",", rows), ",") + `]}`
	}
	send := func(more ...string) []string { return append([]string{"sendMessage", "chat_id", "101"}, more...) }
	text := func(more ...string) []string { return append(send("text", "x"), more...) }
	edit := func(more ...string) []string { return append([]string{"editMessageText", "chat_id", "101"}, more...) }
	const html = "HTML"
	for _, test := range []struct {
		call []string
		want string // a part of the description
	}{
		{[]string{"sendMesage"}, "Not Found"},
		{[]string{"sendDice", "chat_id", "101"}, "does not imitate the method sendDice"},
		{text("colour", "red"), `no field "colour"`},
		{send(), `misses the required field "text"`},
		{text("disable_notification", "yes"), "expected Boolean"},
		{text("message_thread_id", "first"), "expected Integer"},
		{text("message_thread_id", "77"), "message thread not found"},
		{text("link_preview_options", "{"), "can't parse link_preview_options"},
		{text("link_preview_options", `{"disabled":true}`), `LinkPreviewOptions has no field "disabled"`},
		{text("reply_parameters", `{"message_id":99}`), "message to be replied not found"},
		{[]string{"sendMessage", "chat_id", "102", "text", "x"}, "Forbidden: bot can't initiate conversation with a user"},
		{[]string{"sendMessage", "chat_id", "999", "text", "x"}, "Bad Request: chat not found"},
		{send("text", " \n "), "message text is empty"},
		{send("text", strings.Repeat("a", 4097)), "message is too long"},
		{send("text", strings.Repeat("🏺", 2049)), "message is too long"},
		{send("text", "a\xffb"), "UTF-8"},
		{[]string{"sendPhoto", "chat_id", "101", "photo", "https://shop.example/a.png", "caption", strings.Repeat("a", 1025)}, "message caption is too long"},
		{[]string{"sendPhoto", "chat_id", "101", "photo", "a.png"}, "wrong remote file identifier"},
		{[]string{"sendPhoto", "chat_id", "101", "photo", "https://shop.example/unfetchable.png"}, "failed to get HTTP URL content"},
		{send("text", "<b>x", "parse_mode", html), `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{send("text", "x", "parse_mode", "Markdown"), "unsupported parse_mode"},
		{text("reply_markup", button(`"text":"a","callback_data":"`+strings.Repeat("a", 65)+`"`)), "BUTTON_DATA_INVALID"},
		{text("reply_markup", button(`"text":"a","callback_data":"`+strings.Repeat("é", 33)+`"`)), "BUTTON_DATA_INVALID"},
		{text("reply_markup", button(`"text":"a"`)), "Text buttons are unallowed in the inline keyboard"},
		{text("reply_markup", button(`"text":"","callback_data":"a"`)), "must be non-empty"},
		{text("reply_markup", button(`"text":"a","callback_data":"a","url":"https://a.example"`)), "2 actions"},
		{text("reply_markup", button(`"text":"a","url":"http://localhost/a"`)), "Wrong HTTP URL"},
		{text("reply_markup", button(`"text":"a","url":"javascript:alert(1)"`)), "Wrong HTTP URL"},
		{text("reply_markup", button(`"text":"a","callback_data":"a","style":"pink"`)), "style"},
		{text("reply_markup", button(`"text":"a","callback_data":"a","color":"pink"`)), `InlineKeyboardButton has no field "color"`},
		{text("reply_markup", keyboard(1, 9)), "row of 9 buttons"},
		{text("reply_markup", keyboard(13, 8)), "too long"},
		{edit("message_id", "2", "text", "text", "reply_markup", button(`"text":"a","callback_data":"a"`)), "message is not modified"},
		{edit("message_id", "3", "text", "x"), "there is no text in the message to edit"},
		{edit("message_id", "99", "text", "x"), "message to edit not found"},
		{edit("message_id", "1", "text", "x"), "message can't be edited"},
		{edit("text", "x"), "message identifier is not specified"},
		{[]string{"editMessageText", "inline_message_id", "no", "text", "x"}, "MESSAGE_ID_INVALID"},
		{[]string{"editMessageCaption", "chat_id", "101", "message_id", "2", "caption", "x"}, "there is no caption in the message to edit"},
		{[]string{"editMessageMedia", "chat_id", "101", "message_id", "3", "media", `{"type":"photo","media":"https://shop.example/a.png","caption":"picture"}`}, "message is not modified"},
		{[]string{"editMessageMedia", "chat_id", "101", "message_id", "3", "media", `{"type":"video","media":"https://shop.example/a.mp4"}`}, "no such InputMedia"},
		{[]string{"deleteMessage", "chat_id", "101", "message_id", "99"}, "message to delete not found"},
		{[]string{"answerCallbackQuery", "callback_query_id", "1"}, "query is too old"},
		{[]string{"answerCallbackQuery", "callback_query_id", "1", "text", strings.Repeat("a", 201)}, "text has 201 characters"},
		{[]string{"setWebhook", "url", "nowhere"}, "bad webhook"},
		{[]string{"setWebhook", "url", "https://a.example", "secret_token", "a b"}, "unallowed characters"},
		{[]string{"setWebhook", "url", "https://a.example", "max_connections", "101"}, "max_connections"},
		{[]string{"setMyCommands", "commands", `[{"command":"Shop","description":"x"}]`}, "BOT_COMMAND_INVALID"},
		{[]string{"setMyCommands", "commands", `[{"command":"` + strings.Repeat("a", 33) + `","description":"x"}]`}, "33 characters"},
		{[]string{"setMyCommands", "commands", `[{"command":"a","description":""}]`}, "description has 0 characters"},
		{[]string{"setMyCommands", "commands", `[]`, "scope", `{"type":"chat"}`}, `misses the required field "chat_id"`},
		{[]string{"setMyCommands", "commands", `[]`, "language_code", "english"}, "language code"},
		{[]string{"sendInvoice", "chat_id", "101", "title", strings.Repeat("a", 33), "description", "x", "payload", "p", "currency", "EUR", "prices", "[]"}, "33 characters"},
		{[]string{"sendInvoice", "chat_id", "101", "title", "a", "description", "x", "payload", "p", "currency", "EUR", "prices", "[]", "suggested_tip_amounts", "null"}, "expected an Array"},
	} {
		if r := b.call(test.call[0], test.call[1:]...); r.Ok || !strings.Contains(r.Description, test.want) {
			t.Errorf("%v:\n got %t %q\nwant %q", test.call, r.Ok, r.Description, test.want)
		}
	}
	if n := len(b.s.Messages(ann, ann)); n != 3 {
		t.Errorf("refused calls left %d messages, not 3", n)
	}
}

func TestPeopleWhoCannotBeReached(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	b.must(b.s.As(ann).Block())
	if r := b.call("sendMessage", "chat_id", "101", "text", "x"); r.ErrorCode != 403 || r.Description != "Forbidden: bot was blocked by the user" {
		t.Errorf("%+v", r)
	}
	if b.s.As(ann).Say(ann, "hello") == nil {
		t.Error("who has blocked a bot cannot write to it")
	}
	b.must(b.s.As(ann).Start("p_1"))
	b.ok("sendMessage", "chat_id", "101", "text", "x")
	b.must(b.s.As(ann).RemoveBot(group))
	if r := b.call("sendMessage", "chat_id", "-1001000", "text", "x"); r.ErrorCode != 403 || !strings.Contains(r.Description, "bot was kicked") {
		t.Errorf("%+v", r)
	}
	b.must(b.s.As(ann).AddBot(group))
	b.ok("sendMessage", "chat_id", "-1001000", "text", "x")
	b.s.Migrate(group, -1002000)
	if r := b.call("sendMessage", "chat_id", "-1001000", "text", "x"); r.Parameters.MigrateTo != -1002000 {
		t.Errorf("%+v", r)
	}
	b.ok("sendMessage", "chat_id", "-1002000", "text", "x")
}

func TestHTML(t *testing.T) {
	for _, test := range []struct{ in, text, entities string }{
		{"a <b>b</b> &lt;c&gt; &amp;amp; &quot;", `a b <c> &amp; "`, "bold 2 1"},
		{"<i>🏺</i><b>x</b>", "🏺x", "italic 0 2, bold 2 1"},
		{"<b>a<i>b</i></b>", "ab", "bold 0 2, italic 1 1"},
		{`<a href="https://a.example/?x=1&amp;y=&quot;">l</a>`, "l", `text_link 0 1 https://a.example/?x=1&y="`},
		{"<s>1</s> <code>c</code> <pre>p</pre>", "1 c p", "strikethrough 0 1, code 2 1, pre 4 1"},
		{"  \n<b>  x </b> ", "x", "bold 0 1"},
		{"&#65;&#x42; &nbsp;&", "AB &nbsp;&", ""},
		{`<span class="tg-spoiler">s</span><b></b>`, "s", "spoiler 0 1"},
	} {
		text, entities, err := parseHTML(test.in)
		text, entities = trim(text, entities)
		var got []string
		for _, e := range entities {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %d %d %s", e.Type, e.Offset, e.Length, e.URL)))
		}
		if err != nil || text != test.text || strings.Join(got, ", ") != test.entities {
			t.Errorf("%q: %q %v %v", test.in, text, got, err)
		}
	}
	for in, want := range map[string]string{
		"<b>":               `Can't find end tag corresponding to start tag "b"`,
		"a<":                "Unclosed start tag at byte offset 1",
		"a</b>":             "Unexpected end tag at byte offset 1",
		"<b>x</i>":          `Unmatched end tag at byte offset 4, expected "</b>", found "</i>"`,
		"é<p>x</p>":         `Unsupported start tag "p" at byte offset 2`,
		"<!-- x -->":        `Unsupported start tag "!--" at byte offset 0`,
		"<span>x</span>":    `Tag "span" must have class "tg-spoiler" at byte offset 0`,
		`<a href="x>y</a>"`: "Can't find",
		"<b>x</b":           "Unclosed end tag at byte offset 4",
	} {
		if _, _, err := parseHTML(in); err == nil || !strings.Contains(err.Error(), want) && !strings.HasPrefix(want, "Can't find") {
			t.Errorf("%q: %v, not %s", in, err, want)
		}
	}
}

func TestRates(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	b.s.Limit(true)
	b.ok("sendMessage", "chat_id", "101", "text", "1")
	if r := b.call("sendMessage", "chat_id", "101", "text", "2"); r.ErrorCode != 429 || r.Parameters.RetryAfter != 1 || r.Description != "Too Many Requests: retry after 1" {
		t.Fatalf("%+v", r)
	}
	for range 20 {
		b.pass(time.Second)
		b.ok("sendMessage", "chat_id", "-1001000", "text", "x")
	}
	b.pass(time.Second)
	if r := b.call("sendMessage", "chat_id", "-1001000", "text", "x"); r.Parameters.RetryAfter != 40 {
		t.Fatalf("%+v", r)
	}
	b.pass(40 * time.Second)
	b.ok("sendMessage", "chat_id", "-1001000", "text", "x")
}

func TestFailuresOnPurpose(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	if r := b.call("sendMessage", "chat_id", "101", "text", "sandbox:429:7"); r.Parameters.RetryAfter != 7 {
		t.Errorf("%+v", r)
	}
	if r := b.call("sendMessage", "chat_id", "101", "text", "sandbox:500"); r.ErrorCode != 500 {
		t.Errorf("%+v", r)
	}
	resp, err := http.PostForm(b.api.URL+"/bot1:x/sendMessage", url.Values{"chat_id": {"101"}, "text": {"sandbox:502"}})
	if err != nil || resp.StatusCode != 502 || resp.Header.Get("Content-Type") != "text/html" {
		t.Errorf("%v %v", resp, err)
	}
	if _, err := http.PostForm(b.api.URL+"/bot1:x/sendMessage", url.Values{"chat_id": {"101"}, "text": {"sandbox:drop"}}); err == nil {
		t.Error("the connection was not dropped")
	}
	if n := len(b.s.Messages(ann, ann)); n != 2 {
		t.Errorf("%d messages: a dropped answer does not undo the message", n)
	}
	b.s.Fail(Fault{Method: "getMe", Code: 401})
	if r := b.call("getMe"); r.ErrorCode != 401 {
		t.Errorf("%+v", r)
	}
	b.ok("getMe")
}

func TestUploads(t *testing.T) {
	b := newBench(t)
	b.must(b.s.As(ann).Start(""))
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	m.WriteField("chat_id", "101")
	part, _ := m.CreateFormFile("document", "export.json")
	part.Write([]byte(`{"name":"Ann"}`))
	m.Close()
	resp, err := http.Post(b.api.URL+"/bot1:x/sendDocument", m.FormDataContentType(), &body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	c := b.s.Chatter(ann, "private")
	if name, data := c.File(); name != "export.json" || string(data) != `{"name":"Ann"}` {
		t.Errorf("%s %s", name, data)
	}
	list := b.s.Messages(ann, ann)
	b.ok("sendDocument", "chat_id", "101", "document", list[1].Document.FileID)
}
