package discord_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

// Kinds of component that discordgo does not know must not lose the rest of an
// interaction.
func TestUnknownComponents(t *testing.T) {
	k := &talk{screens: map[bots.Action]bots.Screen{"go": {Text: bots.T("Fine")}}}
	bot := newBot(t, &tape{})
	for _, body := range []string{
		`{` + inGuild + `,"type":3,"data":{"component_type":2,"custom_id":"go"},"message":{"id":"7","flags":64,"components":[{"type":18,"component":{"type":19}},{"type":99,"components":7}]}}`,
		`{` + inGuild + `,"type":5,"data":{"custom_id":"form:go","components":[{"type":10,"content":"x"},7,null,{"type":23,"custom_id":"tick","value":true},
			{"type":18,"component":{"type":4,"custom_id":"a","value":"1"}},{"type":1,"components":[{"type":4,"custom_id":"b","value":"2"},{"type":19,"custom_id":"f","values":["9"]}]}]}}`,
	} {
		answer, err := bot.Receive(t.Context(), []byte(body), k)
		if err != nil || !strings.Contains(string(answer.Body), "Fine") {
			t.Errorf("%s: %s, %v", body, answer.Body, err)
		}
	}
	if ev := k.last(); ev.Values["a"] != "1" || ev.Values["b"] != "2" || len(ev.Values) != 2 {
		t.Errorf("values %v", ev.Values)
	}
}

func TestMalformedInteractions(t *testing.T) {
	bot := newBot(t, &tape{})
	for _, body := range []string{``, `null`, `[]`, `{}`, `{"type":2}`, `{"type":9,` + inGuild + `}`, `{"type":2,` + inGuild + `}`, `{"type":2,` + inGuild + `,"data":7}`,
		`{"type":3,` + strings.Replace(inGuild, `"id":"3"`, `"id":"../3"`, 1) + `,"data":{}}`, `{"type":3,` + strings.Replace(inGuild, `"token":"t"`, `"token":""`, 1) + `,"data":{}}`} {
		answer, err := bot.Receive(t.Context(), []byte(body), &talk{})
		if commerce.KindOf(err) != commerce.Invalid || answer.Status != 400 {
			t.Errorf("%s: status %d, %v", body, answer.Status, err)
		}
	}
	if answer, err := bot.Receive(t.Context(), []byte(`{"type":1}`), nil); err != nil || string(answer.Body) != `{"type":1}` || answer.ContentType != "application/json" {
		t.Errorf("PING: %+v, %v", answer, err)
	}
}

// FuzzReceive holds Receive to its word on any body: no panic, and either an
// answer that Discord takes or an error with a status that says whose fault it
// is. What it makes of the body stays within the account that Discord names.
func FuzzReceive(f *testing.F) {
	for _, in := range interactions {
		f.Add([]byte(in.body))
	}
	f.Add([]byte(`{"type":1}`))
	f.Add([]byte(`{` + inGuild + `,"type":4,"data":{"name":"find","options":[{"name":"text","type":3,"value":"x","focused":true}]}}`))
	f.Add([]byte(`{` + inPrivate + `,"type":3,"data":{"component_type":3,"custom_id":"menu:x","values":["go"]},"message":{"id":"7"}}`))
	f.Add([]byte(`{` + inGuild + `,"type":5,"data":{"custom_id":"form:go","components":[{"type":18,"component":{"type":4,"custom_id":"a","value":"1"}}]}}`))
	screens := map[bots.Action]bots.Screen{"go": {Text: bots.T("x"), Notice: "y"}, "": {}, "find": {Notice: "z"}}
	f.Fuzz(func(t *testing.T, body []byte) {
		bot := newBot(t, &tape{})
		k := &talk{screens: screens, proposes: []bots.Suggestion{{Value: "v", Title: "t"}}}
		answer, err := bot.Receive(t.Context(), body, k)
		bot.Wait()
		switch {
		case err != nil && (commerce.KindOf(err) != commerce.Invalid || answer.Status != 400):
			t.Errorf("status %d with %v", answer.Status, err)
		case err != nil && len(k.events) > 0:
			t.Error("refused, and handled all the same")
		case err == nil && string(answer.Body) != `{"type":1}`:
			if err := sandbox.Check("InteractionCallback", answer.Body); err != nil {
				t.Errorf("%s: %v", answer.Body, err)
			}
			if ev := k.last(); ev.From.ID == "" || ev.ID == "" || ev.Chat.ID == "" || ev.From.Platform != "discord" {
				t.Errorf("event %+v", ev)
			}
		}
	})
}

// FuzzInteraction is a body put together of what Discord sends, in any mixture.
func TestAnyInteractionIsAnswered(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		some := func(label string, list ...any) any { return rapid.SampledFrom(list).Draw(r, label) }
		body, _ := json.Marshal(map[string]any{
			"id": "1", "token": "t", "type": some("type", 2, 3, 4, 5), "channel_id": "5", "locale": some("locale", "de", nil, ""),
			"guild_id": some("guild", "4", nil), "context": some("context", 0, 1, 2, nil), "channel": some("channel", nil, map[string]any{"type": 11, "parent_id": "6"}, map[string]any{"type": 1}),
			"member": some("member", nil, map[string]any{"nick": nil, "user": map[string]any{"id": "3", "username": "ann", "global_name": nil}}), "user": map[string]any{"id": "3"},
			"message": some("message", nil, map[string]any{"id": "7", "flags": 64}, map[string]any{"id": "7", "embeds": []any{map[string]any{"image": nil}}}),
			"data":    map[string]any{"name": "go", "custom_id": some("custom", "go", "+go", "menu:", "menu:go", "form:go", ""), "values": some("values", nil, []string{}, []string{"go"}), "options": some("options", nil, []any{map[string]any{"name": "x", "value": some("value", 1, "x", nil)}})},
		})
		bot := newBot(t, &tape{})
		k := &talk{screens: map[bots.Action]bots.Screen{"go": {Text: bots.T("x"), Public: some("public", true, false).(bool)}}}
		answer, err := bot.Receive(t.Context(), body, k)
		if err != nil {
			r.Fatalf("%s: %v", body, err)
		}
		if err := sandbox.Check("InteractionCallback", answer.Body); err != nil {
			r.Fatalf("%s: %s: %v", body, answer.Body, err)
		}
	})
}

// BenchmarkReceive is what the adapter itself costs of a press.
func BenchmarkReceive(b *testing.B) {
	bot := newBot(b, &tape{})
	var rows [][]bots.Button
	for _, l := range []string{"Add to cart", "Options", "Cart", "Home"} {
		rows = append(rows, []bots.Button{button(l, bots.Path("do", strings.ToLower(l[:3])))})
	}
	h := &still{bots.Screen{Path: "product x", Text: bots.T("Fern Mug\n£19.00, three left"), Picture: &bots.Picture{URL: "https://shop.example/m/1", Alt: "A mug"}, Rows: rows}}
	body := []byte(interactions[3].body)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bot.Receive(b.Context(), body, h); err != nil {
			b.Fatal(err)
		}
	}
}
