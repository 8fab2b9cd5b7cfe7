package discord

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

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
