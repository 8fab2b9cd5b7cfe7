package discord

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	ann, bob = "301", "302"
	lounge   = "501"
)

// desk is a Server, and an application that answers what the test lays out.
type desk struct {
	*Server
	t      *testing.T
	api    *httptest.Server
	hook   *httptest.Server
	mu     sync.Mutex
	now    time.Time
	reply  string // body of the next answers
	status int
	takes  time.Duration     // what the clock shows more when it answers
	inside func(in incoming) // what the application does before it answers
	seen   []incoming
}

type incoming struct {
	ID, Token string
	Type      int
	Data      json.RawMessage
	Message   *Message
	Member    json.RawMessage
	User      *User
	GuildID   string `json:"guild_id"`
}

func (d *desk) clock() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.now
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = d.now.Add(by)
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC), status: 200}
	d.Server = New(Config{Token: "token", Clock: d.clock})
	d.AddUser(User{ID: ann, Username: "ann", GlobalName: "Ann", Locale: "de"})
	d.AddUser(User{ID: bob, Username: "bob"})
	d.AddGuild(Guild{ID: "401", Name: "Guild", Members: []string{ann, bob}, Admins: []string{bob}})
	d.AddChannel(Channel{ID: lounge, Guild: "401", Name: "lounge"})
	d.api = httptest.NewServer(d.Handler())
	t.Cleanup(d.api.Close)
	d.hook = httptest.NewServer(http.HandlerFunc(d.application))
	t.Cleanup(d.hook.Close)
	if err := d.SetInteractionsURL(d.hook.URL); err != nil {
		t.Fatal(err)
	}
	d.call("PUT", "/applications/100000000000000001/commands", `[{"name":"shop","description":"Open","description_localizations":{"de":"Öffnen"}},
		{"name":"find","description":"Find","options":[{"type":3,"name":"text","description":"What","autocomplete":true,"required":true}],"contexts":[0]},
		{"name":"staff","description":"Staff","default_member_permissions":0}]`, 200)
	return d
}

func (d *desk) application(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	sig, _ := hex.DecodeString(r.Header.Get("X-Signature-Ed25519"))
	key, _ := hex.DecodeString(d.PublicKey())
	if !ed25519.Verify(key, append([]byte(r.Header.Get("X-Signature-Timestamp")), body...), sig) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var in incoming
	if err := json.Unmarshal(body, &in); err != nil {
		d.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	if in.Type == typePing {
		_, _ = io.WriteString(w, `{"type":1}`)
		return
	}
	d.mu.Lock()
	d.seen = append(d.seen, in)
	d.now = d.now.Add(d.takes)
	status, reply, inside := d.status, d.reply, d.inside
	d.mu.Unlock()
	if inside != nil {
		inside(in)
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, reply)
}

func (d *desk) last() incoming {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[len(d.seen)-1]
}

// call makes one call with the bot's token and checks the status.
func (d *desk) call(method, path, body string, want int) map[string]any {
	d.t.Helper()
	req, err := http.NewRequest(method, d.api.URL+"/api/v10"+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bot token")
	req.Header.Set("User-Agent", "DiscordBot (https://example.org, 1)")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != want {
		d.t.Errorf("%s %s %s: status %d, want %d: %s", method, path, body, resp.StatusCode, want, raw)
	}
	var v map[string]any
	_ = json.Unmarshal(raw, &v)
	return v
}

func (d *desk) code(method, path, body string, status int, code float64) {
	d.t.Helper()
	if v := d.call(method, path, body, status); v["code"] != code {
		d.t.Errorf("%s %s: code %v, want %v", method, path, v["code"], code)
	}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) fails(err error, with string) {
	d.t.Helper()
	if err == nil || !strings.Contains(err.Error(), with) {
		d.t.Errorf("got %v, want %q", err, with)
	}
}

func TestCallsWithoutATokenOrAName(t *testing.T) {
	d := newDesk(t)
	for _, h := range []http.Header{{"User-Agent": {"DiscordBot (x, 1)"}}, {"Authorization": {"Bot other"}, "User-Agent": {"DiscordBot (x, 1)"}}, {"Authorization": {"Bot token"}, "User-Agent": {"curl"}}} {
		req, _ := http.NewRequest("GET", d.api.URL+"/api/v9/users/@me", nil)
		req.Header = h
		resp, err := http.DefaultClient.Do(req)
		d.must(err)
		resp.Body.Close()
		if resp.StatusCode != 401 && resp.StatusCode != 403 {
			t.Errorf("%v: status %d", h, resp.StatusCode)
		}
	}
	if v := d.call("GET", "/users/@me", "", 200); v["id"] != "100000000000000001" || v["bot"] != true {
		t.Errorf("me: %v", v)
	}
	if v := d.call("GET", "/applications/@me", "", 200); v["verify_key"] != d.PublicKey() {
		t.Errorf("application: %v", v)
	}
	d.call("GET", "/nowhere", "", 404)
}

func TestMessagesOfTheBot(t *testing.T) {
	d := newDesk(t)
	d.code("POST", "/channels/9/messages", `{"content":"x"}`, 404, 10003)
	d.code("POST", "/channels/501/messages", `{"content":"  "}`, 400, 50006)
	d.code("POST", "/channels/501/messages", `{"content":"x","flags":64}`, 400, 50035)
	v := d.call("POST", "/channels/501/messages", `{"content":"x","nonce":"1","enforce_nonce":true}`, 200)
	if again := d.call("POST", "/channels/501/messages", `{"content":"x","nonce":"1","enforce_nonce":true}`, 200); again["id"] != v["id"] {
		t.Error("the same nonce made a second message")
	}
	at := "/channels/501/messages/" + v["id"].(string)
	d.call("PATCH", at, `{"content":"y"}`, 200)
	d.code("PATCH", at, `{"content":""}`, 400, 50006)
	d.code("PATCH", "/channels/501/messages/9", `{"content":"y"}`, 404, 10008)
	if got := d.call("GET", at, "", 200); got["content"] != "y" || got["edited_timestamp"] == nil {
		t.Errorf("edited: %v", got)
	}
	d.must(d.As(ann).Write(lounge, "hello"))
	d.code("PATCH", "/channels/501/messages/"+d.Messages(bob, lounge)[1].ID, `{"content":"y"}`, 403, 50005)
	d.call("DELETE", at, "", 204)
	d.code("GET", at, "", 404, 10008)

	d.code("POST", "/users/@me/channels", `{"recipient_id":"9"}`, 404, 10013)
	dm := d.call("POST", "/users/@me/channels", `{"recipient_id":"301"}`, 200)["id"].(string)
	d.call("POST", "/channels/"+dm+"/messages", `{"content":"x"}`, 200)
	d.CloseDMs(ann, true)
	d.code("POST", "/channels/"+dm+"/messages", `{"content":"x"}`, 403, 50007)
	d.AddUser(User{ID: "303"}) // in no guild of the bot's
	d.code("POST", "/channels/"+d.DM("303").ID+"/messages", `{"content":"x"}`, 403, 50007)
	if d.Messages(bob, dm) != nil || len(d.Messages(ann, dm)) != 1 {
		t.Error("a direct message is seen by the two in it")
	}
}

func TestInteractionsAndWhoSeesTheAnswer(t *testing.T) {
	d := newDesk(t)
	d.reply = `{"type":4,"data":{"content":"for ann","flags":64,"components":[{"type":1,"components":[{"type":2,"style":1,"label":"On","custom_id":"on"}]},
		{"type":1,"components":[{"type":3,"custom_id":"pick","options":[{"label":"A","value":"a"},{"label":"B","value":"b"}]}]}]}}`
	d.must(d.As(ann).Command(lounge, "shop", ""))
	if in := d.last(); in.Type != typeCommand || in.User != nil || in.Member == nil || in.GuildID != "401" {
		t.Errorf("in a guild: %+v", in)
	}
	if len(d.Messages(ann, lounge)) != 1 || len(d.Messages(bob, lounge)) != 0 {
		t.Error("an ephemeral answer is seen by the person alone")
	}
	own := d.Messages(ann, lounge)[0]
	d.code("GET", "/channels/501/messages/"+own.ID, "", 404, 10008)
	d.fails(d.As(bob).Press(lounge, own.ID, "on"), "Unknown Message")
	d.fails(d.As(ann).Press(lounge, own.ID, "off"), "nothing to press")
	d.fails(d.As(ann).Select(lounge, own.ID, "pick", "c"), "no option")
	d.fails(d.As(ann).Select(lounge, own.ID, "pick", "a", "b"), "1 to 1")
	d.reply = `{"type":7,"data":{"content":"edited"}}`
	d.must(d.As(ann).Select(lounge, own.ID, "pick", "b"))
	if got := d.Messages(ann, lounge)[0]; got.Content != "edited" || len(got.Components) != 2 || !strings.Contains(string(d.last().Data), `"values":["b"]`) {
		t.Errorf("after a select: %+v", got)
	}
	d.must(d.As(ann).Dismiss(lounge, own.ID))
	if len(d.Messages(ann, lounge)) != 0 {
		t.Error("a dismissed message is still there")
	}
	dm := d.DM(ann).ID
	d.reply = `{"type":4,"data":{"content":"hi"}}`
	d.must(d.As(ann).Command(dm, "shop", ""))
	if in := d.last(); in.User == nil || in.User.ID != ann || in.Member != nil || in.GuildID != "" {
		t.Errorf("in private: %+v", in)
	}
}

func TestCommandsOfAPerson(t *testing.T) {
	d := newDesk(t)
	names := func(user, channel string) string {
		var list []string
		for _, c := range d.Commands(user, channel) {
			list = append(list, c.Name)
		}
		return strings.Join(list, " ")
	}
	if got := names(ann, lounge); got != "find shop" {
		t.Errorf("ann: %q", got)
	}
	if got := names(bob, lounge); got != "find shop staff" {
		t.Errorf("bob, who is an admin: %q", got)
	}
	if got := names(ann, d.DM(ann).ID); got != "shop staff" {
		t.Errorf("in private: %q", got)
	}
	if got := d.Commands(ann, lounge)[1].Description; got != "Öffnen" {
		t.Errorf("description in German: %q", got)
	}
	d.fails(d.As(ann).Command(lounge, "none", ""), "no command")
	d.fails(d.As(ann).Command(lounge, "shop", "x"), "no option")
	d.fails(d.As(ann).Command(lounge, "find", ""), "needs text")
	d.reply = `{"type":8,"data":{"choices":[{"name":"A","value":"a"}]}}`
	choices, err := d.As(ann).Autocomplete(lounge, "find", "")
	if err != nil || len(choices) != 1 || choices[0].Value != "a" {
		t.Errorf("choices %v, %v", choices, err)
	}
	d.code("PUT", "/applications/100000000000000001/commands", `[{"name":"a","description":"x"},{"name":"a","description":"x"}]`, 400, 50035)
	d.code("PUT", "/applications/100000000000000001/commands", `[{"name":"Loud","description":"x"}]`, 400, 50035)
	d.code("PUT", "/applications/100000000000000001/commands", `[{"name":"a","description":""}]`, 400, 50035)
	d.code("PUT", "/applications/100000000000000001/commands", `[{"name":"a","description":"x","description_localizations":{"xx":"x"}}]`, 400, 50035)
	d.code("PUT", "/applications/100000000000000001/commands", `[{"name":"a","description":"`+strings.Repeat("x", 101)+`"}]`, 400, 50035)
	d.code("PUT", "/applications/100000000000000001/commands", `{"name":"a"}`, 400, 50035)
	if got := names(ann, lounge); got != "find shop" {
		t.Errorf("after refused lists: %q", got)
	}
}

func TestModals(t *testing.T) {
	d := newDesk(t)
	d.reply = `{"type":9,"data":{"custom_id":"form","title":"Where?","components":[
		{"type":1,"components":[{"type":4,"custom_id":"a","label":"A","style":1,"value":"x","max_length":3}]},
		{"type":1,"components":[{"type":4,"custom_id":"b","label":"B","style":2,"required":false}]}]}}`
	d.must(d.As(ann).Command(lounge, "shop", ""))
	if m := d.Modal(ann); m == nil || len(m.Inputs()) != 2 || d.Modal(bob) != nil {
		t.Fatalf("modal %+v", m)
	}
	d.fails(d.As(ann).Submit(map[string]string{"a": "four"}), "does not take")
	d.fails(d.As(ann).Submit(map[string]string{"a": ""}), "does not take")
	d.fails(d.As(ann).Submit(nil), "type 5 cannot be answered with type 9")
	d.reply = `{"type":7,"data":{"content":"x"}}`
	d.fails(d.As(ann).Submit(nil), "type 5 cannot be answered with type 7")
	if d.Modal(ann) == nil {
		t.Fatal("the modal closed although its answer failed")
	}
	d.reply = `{"type":4,"data":{"content":"thanks"}}`
	d.must(d.As(ann).Submit(map[string]string{"b": "text"}))
	if d.Modal(ann) != nil || !strings.Contains(string(d.last().Data), `"value":"x"`) {
		t.Errorf("submitted %s", d.last().Data)
	}
	if n := len(d.Failures()); n != 2 {
		t.Errorf("%d failures, want 2", n)
	}
}

func TestDeferredAnswersAndTokens(t *testing.T) {
	d := newDesk(t)
	hook := "/webhooks/100000000000000001/"
	d.inside = func(in incoming) { // before the answer is read there is no webhook
		d.code("PATCH", hook+in.Token+"/messages/@original", `{"content":"early"}`, 404, 10015)
	}
	d.reply = `{"type":5,"data":{"flags":64}}`
	d.must(d.As(ann).Command(lounge, "shop", ""))
	d.inside = nil
	token := d.last().Token
	if got := d.Messages(ann, lounge)[0]; got.Flags != FlagLoading|FlagEphemeral {
		t.Errorf("while it thinks: %+v", got)
	}
	first := d.call("POST", hook+token, `{"content":"at last"}`, 200)
	if got := d.Messages(ann, lounge); len(got) != 1 || got[0].ID != first["id"] || got[0].Flags != FlagEphemeral {
		t.Errorf("the first follow-up: %+v", got)
	}
	second := d.call("POST", hook+token, `{"content":"more","flags":64}`, 200)
	d.call("PATCH", hook+token+"/messages/"+second["id"].(string), `{"content":"more!"}`, 200)
	d.call("PATCH", hook+token+"/messages/@original", `{"content":"first"}`, 200)
	if d.call("GET", hook+token+"/messages/@original", "", 200)["content"] != "first" {
		t.Error("@original is not the first")
	}
	d.call("DELETE", hook+token+"/messages/@original", "", 204)
	d.code("PATCH", hook+token+"/messages/@original", `{"content":"x"}`, 404, 10008)
	d.code("POST", "/webhooks/7/"+token, `{"content":"x"}`, 404, 10015)
	d.code("POST", hook+"other", `{"content":"x"}`, 404, 10015)
	if got := d.Messages(bob, lounge); len(got) != 0 {
		t.Errorf("bob sees %+v", got)
	}
	d.pass(15*time.Minute + time.Second)
	d.code("POST", hook+token, `{"content":"x"}`, 401, 50027)
}

func TestTheFirstAnswer(t *testing.T) {
	d := newDesk(t)
	d.reply = `{"type":4,"data":{"content":"x"}}`
	d.takes = 4 * time.Second
	d.fails(d.As(ann).Command(lounge, "shop", ""), "10062")
	d.takes = 0
	for reply, with := range map[string]string{
		``: "50109", `{"type":4}`: "required", `{"type":7,"data":{"content":"x"}}`: "cannot be answered", `{"type":8,"data":{"choices":[]}}`: "cannot be answered",
		`{"type":4,"data":{"content":""}}`: "50006", `{"type":4,"data":{"content":"x","flags":128}}`: "flags", `{"type":5,"data":{"flags":4}}`: "flags", `{"type":12}`: "BASE_TYPE_CHOICES",
	} {
		d.reply = reply
		d.fails(d.As(ann).Command(lounge, "shop", ""), with)
	}
	d.status = 500
	d.fails(d.As(ann).Command(lounge, "shop", ""), "status 500")
	d.status, d.reply = 202, ""
	d.fails(d.As(ann).Command(lounge, "shop", ""), "202")
	d.inside = func(in incoming) {
		at := "/interactions/" + in.ID + "/" + in.Token + "/callback"
		d.code("POST", "/interactions/1/"+in.Token+"/callback", `{"type":4,"data":{"content":"x"}}`, 404, 10062)
		d.call("POST", at, `{"type":4,"data":{"content":"by callback"}}`, 204)
		d.code("POST", at, `{"type":4,"data":{"content":"again"}}`, 400, 40060)
	}
	d.must(d.As(ann).Command(lounge, "shop", ""))
	if got := d.Messages(bob, lounge); len(got) != 1 || got[0].Content != "by callback" {
		t.Errorf("bob sees %+v", got)
	}
}

func TestSetInteractionsURL(t *testing.T) {
	d := newDesk(t)
	lazy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"type":1}`)
	}))
	defer lazy.Close()
	d.fails(d.SetInteractionsURL(lazy.URL), "401")
	d.code("PATCH", "/applications/@me", `{"interactions_endpoint_url":"`+lazy.URL+`"}`, 400, 50035)
	d.fails(d.SetInteractionsURL(d.api.URL), "PING")
	if v := d.call("PATCH", "/applications/@me", `{"interactions_endpoint_url":"`+d.hook.URL+`/x"}`, 200); v["interactions_endpoint_url"] != d.hook.URL+"/x" {
		t.Errorf("application %v", v)
	}
}

func TestLimits(t *testing.T) {
	d := newDesk(t)
	d.Limit(true)
	for range 5 {
		d.call("POST", "/channels/501/messages", `{"content":"x"}`, 200)
	}
	if v := d.call("POST", "/channels/501/messages", `{"content":"x"}`, 429); v["retry_after"] != 5.0 || v["global"] != false {
		t.Errorf("the sixth: %v", v)
	}
	d.pass(5 * time.Second)
	d.call("POST", "/channels/501/messages", `{"content":"x"}`, 200)
	d.Limit(false)
	for range 6 {
		d.call("POST", "/channels/501/messages", `{"content":"x"}`, 200)
	}
}

func TestFilesAreKept(t *testing.T) {
	d := newDesk(t)
	body := "--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{\"attachments\":[{\"id\":\"0\",\"description\":\"about\"}]}\r\n" +
		"--b\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n"
	req, _ := http.NewRequest("POST", d.api.URL+"/api/v9/channels/501/messages", strings.NewReader(body))
	req.Header = http.Header{"Authorization": {"Bot token"}, "User-Agent": {"DiscordBot (x, 1)"}, "Content-Type": {"multipart/form-data; boundary=b"}}
	resp, err := http.DefaultClient.Do(req)
	d.must(err)
	resp.Body.Close()
	c := d.Chatter("bob", "group")
	if name, data := c.File(); name != "a.txt" || string(data) != "hello" {
		t.Fatalf("file %q with %q, status %d", name, data, resp.StatusCode)
	}
	a := d.Messages(bob, lounge)[0].Attachments[0]
	resp, err = http.Get(d.api.URL + a.URL)
	d.must(err)
	defer resp.Body.Close()
	if raw, _ := io.ReadAll(resp.Body); string(raw) != "hello" || a.Description != "about" {
		t.Errorf("attachment %+v holds %q", a, raw)
	}
}

func TestFaults(t *testing.T) {
	d := newDesk(t)
	d.Fail(Fault{Method: "POST", Path: "/messages", Status: 503, Times: 2})
	d.call("POST", "/channels/501/messages", `{"content":"x"}`, 503)
	d.call("GET", "/users/@me", "", 200)
	d.call("POST", "/channels/501/messages", `{"content":"x"}`, 503)
	d.call("POST", "/channels/501/messages", `{"content":"x"}`, 200)
}

func TestChangesAreTold(t *testing.T) {
	d := newDesk(t)
	var kinds []string
	cancel := d.Changes(func(c Change) {
		if c.Kind != "" {
			kinds = append(kinds, c.Kind+c.User)
		}
	})
	d.reply = `{"type":4,"data":{"content":"x","flags":64}}`
	d.must(d.As(ann).Command(lounge, "shop", ""))
	d.reply = ``
	_ = d.As(ann).Command(lounge, "shop", "")
	cancel()
	d.must(d.As(ann).Write(lounge, "x"))
	if got := strings.Join(kinds, " "); got != "message301 failed301" {
		t.Errorf("changes %q", got)
	}
}

func TestMessageJSONIsDiscords(t *testing.T) {
	d := newDesk(t)
	d.reply = `{"type":4,"data":{"embeds":[{"image":{"url":"https://x.example/"}}]}}`
	d.must(d.As(ann).Command(lounge, "shop", ""))
	raw, err := json.Marshal(d.Messages(ann, lounge)[0])
	d.must(err)
	var v map[string]json.RawMessage
	d.must(json.Unmarshal(raw, &v))
	for _, name := range []string{"type", "content", "mentions", "mention_roles", "attachments", "embeds", "timestamp", "edited_timestamp", "flags", "components", "id", "channel_id", "author", "pinned", "mention_everyone", "tts", "interaction_metadata"} {
		if _, ok := v[name]; !ok {
			t.Errorf("a message without %s: %s", name, raw)
		}
	}
	for _, name := range []string{"mentions", "attachments", "components", "mention_roles"} {
		if !bytes.Equal(v[name], []byte("[]")) {
			t.Errorf("%s is %s, want an empty list", name, v[name])
		}
	}
}
