package preview_test

import (
	"bufio"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

func signed(key string, h http.Header, body []byte) bool {
	public, _ := hex.DecodeString(key)
	sig, _ := hex.DecodeString(h.Get("X-Signature-Ed25519"))
	return ed25519.Verify(public, append([]byte(h.Get("X-Signature-Timestamp")), body...), sig)
}

func (s *sample) get(path string) (int, string) {
	s.t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func (s *sample) post(path string, body map[string]any) (int, string) {
	s.t.Helper()
	data, _ := json.Marshal(body)
	resp, err := http.Post(s.url+path, "application/json", strings.NewReader(string(data)))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, strings.TrimSpace(string(answer))
}

// contains fails where the text lacks one of the pieces.
func contains(t *testing.T, text string, pieces ...string) {
	t.Helper()
	for _, p := range pieces {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in %s", p, text)
		}
	}
}

func TestPageAndFiles(t *testing.T) {
	s := newSample(t)
	_, page := s.get("/preview/api/page")
	contains(t, page, `"name":"Souk Corner"`, `"platforms":["telegram","discord"]`, `{"id":"sam","name":"Sam","staff":true}`)
	for _, path := range []string{"/", "/app.js", "/styles/base.css", "/wallpaper.svg"} {
		if status, _ := s.get(path); status != http.StatusOK {
			t.Errorf("GET %s: status %d", path, status)
		}
	}
	if status, _ := s.get("/preview/api/telegram?as=nobody"); status != http.StatusNotFound {
		t.Errorf("a stranger got status %d", status)
	}
}

func TestEverybodySeesTheirOwn(t *testing.T) {
	s := newSample(t)
	s.fill()
	_, ann := s.get("/preview/api/telegram?as=ann")
	_, ben := s.get("/preview/api/telegram?as=ben")
	contains(t, ann, "Evening light", "Total €100.00", `"started":true`, `"photo_url"`, `"command":"shop"`)
	contains(t, ben, "Evening light", `"started":false`)
	if strings.Contains(ben, "Total €100.00") {
		t.Error("Ben sees Ann's private chat")
	}
	_, ann = s.get("/preview/api/discord?as=ann")
	_, ben = s.get("/preview/api/discord?as=ben")
	contains(t, ann, "Evening light", "Total €100.00", `"title":"picks"`, `"guild":"Corner Friends"`)
	if strings.Contains(ben, "Total €100.00") {
		t.Error("Ben sees Ann's direct messages")
	}
}

func TestTelegramActions(t *testing.T) {
	s := newSample(t)
	s.fill()
	place, cart := fmt.Sprint(group), ""
	for _, m := range s.telegram.Messages(101, 101) {
		if strings.Contains(m.Text, "Your cart") {
			cart = fmt.Sprint(m.MessageID)
		}
	}
	tests := []struct {
		verb string
		body map[string]any
		want string
	}{
		{"tap", map[string]any{"as": "ann", "place": place, "message": "3", "row": 0, "col": 0}, `{"text":"Added to your cart"}`},
		{"tap", map[string]any{"as": "ann", "place": place, "message": "3", "row": 1, "col": 0}, `{"url":"https://t.me/corner_bot?start=pick_lamp"}`},
		{"tap", map[string]any{"as": "ann", "place": place, "message": "3", "row": 1, "col": 1}, `{"url":"https://t.me/corner_bot?start=home"}`},
		{"tap", map[string]any{"as": "ann", "place": "private", "message": cart, "row": 1, "col": 1}, `{"text":"Emptied"}`},
		{"start", map[string]any{"as": "ben", "text": "pick_lamp"}, `{}`},
		{"photo", map[string]any{"as": "ben", "place": "private", "text": "cracked", "files": map[string]any{"photo": []byte("\xff\xd8\xff a photo")}}, `{}`},
		{"photo", map[string]any{"as": "ben", "place": "private"}, `{"error":"there is no photo to send"}`},
		{"say", map[string]any{"as": "ben", "place": "private", "text": "/cart"}, `{}`},
		{"say", map[string]any{"as": "ben", "place": "101", "text": "/cart"}, `{"error":"Ben is not in the chat 101"}`},
		{"fly", map[string]any{"as": "ben"}, `{"error":"nobody can do that here"}`},
	}
	for _, test := range tests {
		if _, got := s.post("/preview/api/telegram/"+test.verb, test.body); got != test.want {
			t.Errorf("%s %v: %s, want %s", test.verb, test.body, got, test.want)
		}
	}
	s.rested()
	_, ben := s.get("/preview/api/telegram?as=ben")
	contains(t, ben, "You said /start pick_lamp", "You said /cart", `"caption":"cracked"`, `"photo_url":"data:image/jpeg;base64,/9j/`)
	_, results := s.post("/preview/api/telegram/inline", map[string]any{"as": "ann", "query": "lamp"})
	contains(t, results, `"title":"Paper lamp"`)
	if _, got := s.post("/preview/api/telegram/pick", map[string]any{"as": "ann", "place": place, "query": "lamp", "result": "lamp"}); got != `{}` {
		t.Error(got)
	}
	_, ann := s.get("/preview/api/telegram?as=ann")
	contains(t, ann, `"via_bot"`)
}

func TestDiscordActions(t *testing.T) {
	s := newSample(t)
	s.fill()
	post := s.discord.Messages("101", channel)[1].ID
	direct := s.discord.DM("101").ID
	cart := s.discord.Messages("101", direct)[0].ID
	press := func(place, message, custom string) string {
		_, answer := s.post("/preview/api/discord/press", map[string]any{"as": "ann", "place": place, "message": message, "custom_id": custom})
		return answer
	}
	if got := press(channel, post, "cart add lamp"); got != `{}` {
		t.Error(got)
	}
	_, ann := s.get("/preview/api/discord?as=ann")
	contains(t, ann, "In your cart", `"flags":64`)
	if _, ben := s.get("/preview/api/discord?as=ben"); strings.Contains(ben, "In your cart") {
		t.Error("Ben sees what only Ann can see")
	}
	contains(t, press(direct, cart, "clear"), `"failed":true`, "status 500")
	if got := press(direct, cart, "address"); got != `{}` {
		t.Error(got)
	}
	_, ann = s.get("/preview/api/discord?as=ann")
	contains(t, ann, `"modal":{"custom_id":"address","title":"Where should it go?"`)
	if _, got := s.post("/preview/api/discord/submit", map[string]any{"as": "ann", "values": map[string]string{"name": "Ann", "street": "1 Row", "city": "Ulm"}}); got != `{}` {
		t.Error(got)
	}
	if _, ann = s.get("/preview/api/discord?as=ann"); strings.Contains(ann, `"modal"`) {
		t.Error("the modal stays open")
	}
	_, choices := s.post("/preview/api/discord/autocomplete", map[string]any{"as": "ann", "place": channel, "name": "search", "text": "pa"})
	contains(t, choices, `"name":"Paper lamp"`)
	for verb, body := range map[string]map[string]any{
		"select":  {"as": "ann", "place": "private", "message": cart, "custom_id": "menu:1", "value": "exp"},
		"command": {"as": "ann", "place": channel, "name": "search", "option": "lamp"},
		"say":     {"as": "ann", "place": channel, "text": "hello"},
	} {
		if _, got := s.post("/preview/api/discord/"+verb, body); got != `{}` {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

func TestAnotherSiteCannotAct(t *testing.T) {
	s := newSample(t)
	req, _ := http.NewRequest(http.MethodPost, s.url+"/preview/api/telegram/start", strings.NewReader(`{"as":"ann"}`))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", "https://elsewhere.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("status %d", resp.StatusCode)
	}
	req, _ = http.NewRequest(http.MethodPost, s.url+"/preview/api/telegram/start", strings.NewReader(`{"as":"ann"}`))
	req.Header.Set("Content-Type", "text/plain")
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("as plain text: status %d", resp.StatusCode)
	}
}

func TestNews(t *testing.T) {
	s := newSample(t)
	resp, err := http.Get(s.url + "/preview/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Scan() // the stream is open: what happens now is told
	if err := s.telegram.As(102).Say(group, "hello"); err != nil {
		t.Fatal(err)
	}
	next := func(prefix string) string {
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), prefix) {
				return lines.Text()
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return ""
	}
	if got, want := next("data: "), fmt.Sprintf(`data: {"platform":"telegram","chat":"%d"}`, group); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if err := s.discord.As("102").Write(channel, "hello"); err != nil {
		t.Fatal(err)
	}
	contains(t, next("data: "), `"platform":"discord"`, channel)
	s.page.Close()
	for lines.Scan() { // what was on its way, and then the end
		if strings.HasPrefix(lines.Text(), "data: ") {
			t.Errorf("after Close: %s", lines.Text())
		}
	}
}
