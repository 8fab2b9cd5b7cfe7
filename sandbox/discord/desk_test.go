package discord

import (
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
