package discord

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

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
