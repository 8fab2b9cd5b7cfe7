package catalog

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpenFeed(t *testing.T) {
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed.csv":
			fmt.Fprint(w, "Handle,Title\n")
		case "/moved":
			http.Redirect(w, r, "/feed.csv", http.StatusFound)
		case "/down":
			http.Redirect(w, r, plain.URL, http.StatusFound)
		case "/short":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "Handle,Title\n")
		default:
			http.NotFound(w, r)
		}
	}))
	defer web.Close()
	client := web.Client()
	client.CheckRedirect = feedClient.CheckRedirect
	for path, want := range map[string]string{
		"/feed.csv": "", "/moved": "",
		"/down": "https only", "/none?key=secret": "answered 404", "/short": "unexpected EOF",
	} {
		r, err := openRemote(t.Context(), client, web.URL+path)
		if err == nil {
			var data []byte
			data, err = io.ReadAll(r)
			r.Close()
			if err == nil && string(data) != "Handle,Title\n" {
				t.Errorf("%s: %q", path, data)
			}
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: err = %v, want %q", path, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the key: %v", path, err)
		}
	}
	if _, err := OpenFeed(t.Context(), plain.URL); err == nil || !strings.Contains(err.Error(), "https only") {
		t.Errorf("http: %v", err)
	}
	if _, err := OpenFeed(t.Context(), "https://127.0.0.1:1/feed?key=secret"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody there: %v", err)
	}

	name := filepath.Join(t.TempDir(), "feed.csv")
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenFeed(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if data, err := io.ReadAll(r); err != nil || string(data) != "x" {
		t.Errorf("file: %q, %v", data, err)
	}
	if _, err := OpenFeed(t.Context(), name+"x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestFeedIsBounded(t *testing.T) {
	r := &bounded{ReadCloser: io.NopCloser(strings.NewReader("0123456789")), name: "feed", left: 9}
	if _, err := io.ReadAll(r); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("err = %v", err)
	}
}
