package discord_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/discord"
	"github.com/soukchat/souk/bots/gallery"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	inGuild   = `"id":"900000000000000001","application_id":"1","version":1,"token":"t","channel_id":"5","guild_id":"4","context":0,"member":{"user":{"id":"3","username":"ann"}},"locale":"en-US"`
	inPrivate = `"id":"900000000000000001","application_id":"1","version":1,"token":"t","channel_id":"5","context":1,"user":{"id":"3","username":"ann"},"locale":"en-US"`
)

// interactions are what a screen of the gallery answers.
var interactions = []struct{ name, body string }{
	{"a command in a guild", `{` + inGuild + `,"type":2,"data":{"id":"1","type":1,"name":"go"}}`},
	{"a command in private", `{` + inPrivate + `,"type":2,"data":{"id":"1","type":1,"name":"go"}}`},
	{"a press on a post", `{` + inGuild + `,"type":3,"data":{"component_type":2,"custom_id":"go"},"message":{"id":"7","flags":0,"embeds":[{"type":"rich","image":{"url":"https://x.example/"}}]}}`},
	{"a press on an ephemeral message", `{` + inGuild + `,"type":3,"data":{"component_type":2,"custom_id":"go"},"message":{"id":"7","flags":64,"embeds":[]}}`},
	{"a press in private", `{` + inPrivate + `,"type":3,"data":{"component_type":2,"custom_id":"go"},"message":{"id":"7","flags":0,"embeds":[]}}`},
	{"a press that keeps the message", `{` + inPrivate + `,"type":3,"data":{"component_type":2,"custom_id":"+go"},"message":{"id":"7","flags":0,"embeds":[]}}`},
	{"a modal after a press in private", `{` + inPrivate + `,"type":5,"data":{"custom_id":"form:go","components":[]},"message":{"id":"7","flags":0,"embeds":[]}}`},
	{"a modal after a command in a guild", `{` + inGuild + `,"type":5,"data":{"custom_id":"form:go","components":[]}}`},
}

// tape records the calls an adapter makes and answers each with success.
type tape struct {
	calls []string // "POST /api/v10/… " and the JSON
}

func (p *tape) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, _ := io.ReadAll(r.Body)
	if kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
		form, err := multipart.NewReader(bytes.NewReader(raw), params["boundary"]).ReadForm(1 << 20)
		if err != nil {
			return nil, err
		}
		raw = []byte(form.Value["payload_json"][0])
	}
	p.calls = append(p.calls, r.Method+" "+r.URL.Path+"\n"+string(raw))
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"id":"8"}`)), Request: r}, nil
}

func indented(raw []byte) string {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return err.Error()
	}
	return b.String()
}

// TestGallery draws every screen in answer to every kind of interaction, and
// as a message and an edit, holds each to the published shapes, and compares
// them with testdata. What is drawn alike is written once.
func TestGallery(t *testing.T) {
	for _, e := range gallery.Screens() {
		t.Run(e.Name, func(t *testing.T) {
			p := &tape{}
			bot := newBot(t, p)
			var order []string
			under := map[string][]string{}
			put := func(name, payload string) {
				if under[payload] == nil {
					order = append(order, payload)
				}
				under[payload] = append(under[payload], name)
			}
			for _, in := range interactions {
				answer, err := bot.Receive(t.Context(), []byte(in.body), &talk{screens: map[bots.Action]bots.Screen{"go": e.Screen}})
				if err != nil {
					t.Fatal(in.name, err)
				}
				if err := sandbox.Check("InteractionCallback", answer.Body); err != nil {
					t.Errorf("%s: %v", in.name, err)
				}
				put("answer to "+in.name, indented(answer.Body))
				bot.Wait()
				for _, call := range p.calls {
					line, raw, _ := strings.Cut(call, "\n")
					if err := sandbox.Check("IncomingWebhookRequestPartial", []byte(raw)); err != nil {
						t.Errorf("after %s: %v", in.name, err)
					}
					put("then "+line, indented([]byte(raw)))
				}
				p.calls = nil
			}
			_, err := bot.Send(t.Context(), bots.To{Account: "3"}, e.Screen, "nonce")
			err = errors.Join(err, bot.Edit(t.Context(), bots.To{Chat: "5"}, "8", e.Screen))
			for _, call := range p.calls {
				line, raw, _ := strings.Cut(call, "\n")
				shape := map[string]string{"POST /api/v10/channels/5/messages": "MessageCreateRequest", "PATCH /api/v10/channels/5/messages/8": "MessageEditRequestPartial"}[line]
				if err := sandbox.Check(shape, []byte(raw)); err != nil {
					t.Errorf("%s: %v", line, err)
				}
				put(line, indented([]byte(raw)))
			}
			if err != nil {
				put("sending or editing", err.Error())
			}
			var b strings.Builder
			for _, payload := range order {
				fmt.Fprintf(&b, "== %s\n%s\n\n", strings.Join(unique(under[payload]), "\n== "), payload)
			}
			golden(t, e.Name, b.String())
		})
	}
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; go test -update writes it anew):\n%s", file, diff)
	}
}

// TestRegistered compares the commands as they are registered.
func TestRegistered(t *testing.T) {
	p := &tape{}
	bot := newBot(t, p)
	commands := []bots.Command{
		{Name: "shop", Description: map[string]string{"": "Open the shop", "de": "Den Laden öffnen", "es": "Abrir la tienda", "pt": "Abrir a loja", "xx": "Unknown to Discord"}},
		{Name: "search", Description: map[string]string{"": "Find"}, Option: &bots.Option{Name: "text", Description: map[string]string{"": "What", "fr": "Quoi"}, Suggests: true}},
		{Name: "staff", Description: map[string]string{"": "For staff"}, Staff: true},
	}
	if err := bot.Register(t.Context(), commands, bots.Scope{Staff: []string{"3"}}); err != nil {
		t.Fatal(err)
	}
	_, raw, _ := strings.Cut(p.calls[0], "\n")
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(raw), &list); err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if err := sandbox.Check("ApplicationCommandUpdateRequest", one); err != nil {
			t.Error(err)
		}
	}
	golden(t, "commands", indented([]byte(raw))+"\n")
}

func newBot(t testing.TB, next http.RoundTripper) *discord.Bot {
	t.Helper()
	bot, err := discord.New(discord.Config{ID: "main", Application: application, PublicKey: strings.Repeat("ab", 32), Token: token, HTTP: &http.Client{Transport: next}})
	if err != nil {
		t.Fatal(err)
	}
	return bot
}
