package telegram_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/gallery"
	"github.com/soukchat/souk/bots/telegram"
	sandbox "github.com/soukchat/souk/sandbox/telegram"
)

var update = flag.Bool("update", false, "write the golden files anew")

// updates are what a screen of the gallery answers. %d is the update_id.
var updates = []struct{ name, body string }{
	{"a command in private", `{"update_id":1,"message":{"message_id":7,"date":1,"from":{"id":101,"first_name":"Ann"},"chat":{"id":101,"type":"private"},"text":"/go"}}`},
	{"a press on a text in private", `{"update_id":2,"callback_query":{"id":"q1","chat_instance":"1","from":{"id":101,"first_name":"Ann"},"data":"go","message":{"message_id":7,"date":1,"chat":{"id":101,"type":"private"},"text":"x"}}}`},
	{"a press on a picture in private", `{"update_id":3,"callback_query":{"id":"q2","chat_instance":"1","from":{"id":101,"first_name":"Ann"},"data":"go","message":{"message_id":7,"date":1,"chat":{"id":101,"type":"private"},"photo":[{}]}}}`},
	{"a press that keeps the message", `{"update_id":4,"callback_query":{"id":"q3","chat_instance":"1","from":{"id":101,"first_name":"Ann"},"data":"go+on","message":{"message_id":7,"date":1,"chat":{"id":101,"type":"private"},"text":"x"}}}`},
	{"a command in a group's topic", `{"update_id":5,"message":{"message_id":8,"message_thread_id":3,"is_topic_message":true,"date":1,"from":{"id":101,"first_name":"Ann"},"chat":{"id":-1001,"type":"supergroup","title":"Makers"},"text":"/go@souk_bot"}}`},
	{"a press in a group", `{"update_id":6,"callback_query":{"id":"q4","chat_instance":"1","from":{"id":101,"first_name":"Ann"},"data":"go","message":{"message_id":8,"date":1,"chat":{"id":-1001,"type":"supergroup"},"text":"x"}}}`},
	{"a press on a shared message", `{"update_id":7,"callback_query":{"id":"q5","chat_instance":"1","from":{"id":101,"first_name":"Ann"},"data":"go","inline_message_id":"i1"}}`},
	{"an inline query", `{"update_id":8,"inline_query":{"id":"q6","from":{"id":101,"first_name":"Ann"},"query":"mug","offset":""}}`},
}

// TestGallery draws every screen of the gallery in answer to every kind of
// update, and holds each call, in the response (<) or on its own (>), against
// the published facts and the golden file.
func TestGallery(t *testing.T) {
	var mu sync.Mutex
	var errands []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		errands = append(errands, record(t, r))
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"ok":true,"result":true}`)
	}))
	defer api.Close()
	bot := telegram.New(telegram.Config{ID: "main", Token: token, Provider: "284685063:TEST:gallery", Username: "souk_bot", Endpoint: api.URL})

	for _, e := range gallery.Screens() {
		t.Run(e.Name, func(t *testing.T) {
			h := &shop{
				answer: func(bots.Event) bots.Screen { return e.Screen },
				suggest: func(bots.Event, int) []bots.Suggestion {
					if e.Screen.Empty() || e.Screen.Form != nil {
						return nil
					}
					return []bots.Suggestion{{Value: "mug", Title: "Fern <Mug>", Description: "£19.00 & up", Screen: e.Screen}}
				},
			}
			var got bytes.Buffer
			for _, u := range updates {
				a, err := bot.Receive(t.Context(), []byte(u.body), h)
				if err != nil {
					t.Fatalf("%s: %v", u.name, err)
				}
				bot.Wait()
				fmt.Fprintf(&got, "# %s\n", u.name)
				if len(a.Body) > 0 {
					check(t, u.name, a.Body)
					fmt.Fprintf(&got, "< %s\n", a.Body)
				}
				mu.Lock()
				slices.Sort(errands)
				for _, c := range errands {
					if !strings.Contains(c, `"document"`) {
						check(t, u.name, []byte(c))
					}
					fmt.Fprintf(&got, "> %s\n", c)
				}
				errands = nil
				mu.Unlock()
			}
			golden(t, e.Name, got.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s differs (go test -update writes it anew):\n%s", file, d)
	}
}

// check holds a call against the published methods, fields, types and limits.
func check(t *testing.T, where string, body []byte) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	var method string
	json.Unmarshal(fields["method"], &method)
	delete(fields, "method")
	arguments, _ := json.Marshal(fields)
	if err := sandbox.Check(method, arguments); err != nil {
		t.Errorf("%s: %s: %v\n%s", where, method, err, body)
	}
}

// record writes a request as the body of a response would be.
func record(t *testing.T, r *http.Request) string {
	if err := r.ParseMultipartForm(1 << 20); err != nil && err != http.ErrNotMultipart {
		t.Error(err)
	}
	_, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/bot"), "/")
	fields := map[string]any{"method": method}
	if r.Header.Get("Content-Type") == "application/json" {
		var sent map[string]json.RawMessage // as it was written, the order of its fields included
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		for name, value := range sent {
			fields[name] = value
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		text := r.PostForm.Get(name)
		fields[name] = text
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") || text == "true" {
			fields[name] = json.RawMessage(text)
		}
	}
	if r.MultipartForm != nil {
		for name, files := range r.MultipartForm.File {
			fields[name] = fmt.Sprintf("upload %s, %d bytes", files[0].Filename, files[0].Size)
		}
		for name, v := range r.MultipartForm.Value {
			fields[name] = v[0]
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(fields)
	return strings.TrimSpace(b.String())
}
