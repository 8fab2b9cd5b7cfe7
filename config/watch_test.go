package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWatch changes a file as editors do, breaks it, and mends it.
func TestWatch(t *testing.T) {
	dir := write(t, map[string]string{"c.yaml": good(t)})
	path := filepath.Join(dir, "c.yaml")
	first, err := Load(path, getenv)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	taken, refused := make(chan *Config, 8), make(chan error, 8)
	errNo := errors.New("not this one")
	w, err := Watch(ctx, first, func(c *Config) error {
		if c.Shop.Name == "No" {
			return errNo
		}
		taken <- c
		return nil
	}, func(err error) { refused <- err })
	if err != nil {
		t.Fatal(err)
	}
	replace := func(name string) {
		text := strings.Replace(good(t), "Moth & Lantern", name, 1)
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	replace("Second")
	if c := <-taken; c.Shop.Name != "Second" {
		t.Errorf("took %q", c.Shop.Name)
	}
	replace("[broken")
	var problems Problems
	if err := <-refused; !errors.As(err, &problems) {
		t.Errorf("refused with %v", err)
	}
	replace("No")
	if err := <-refused; !errors.Is(err, errNo) {
		t.Errorf("refused with %v", err)
	}
	if name := w.Current().Shop.Name; name != "Second" {
		t.Errorf("%q is current after two bad ones", name)
	}
	if err := w.Reload(ctx); !errors.Is(err, errNo) {
		t.Errorf("asked to reload a refused one: %v", err)
	}
	replace("Third")
	if err := w.Reload(ctx); err != nil || w.Current().Shop.Name != "Third" {
		t.Errorf("%q is current, %v", w.Current().Shop.Name, err)
	}
	stop()
	w.Wait()
	if err := w.Reload(context.Background()); err == nil {
		t.Error("reloaded after the end")
	}
}

// TestDatabaseBesideTheFile shows that a busy database in the same folder
// makes no work.
func TestDatabaseBesideTheFile(t *testing.T) {
	for name, want := range map[string]bool{"c.yaml": true, "..data": true, "souk.db-wal": false, "d.yaml": false} {
		if concerns("testdata/c.yaml", "testdata/"+name) != want {
			t.Errorf("%s beside c.yaml: %v", name, !want)
		}
		if concerns("testdata", "testdata/"+name) != (want || name == "d.yaml") {
			t.Errorf("%s in a folder of files", name)
		}
	}
}

func TestDurationReadsItself(t *testing.T) {
	for _, d := range []time.Duration{0, time.Second, 15 * time.Minute, 90 * time.Minute, 87600 * time.Hour, time.Hour + time.Second} {
		if back, err := time.ParseDuration(Duration(d).String()); err != nil || back != d {
			t.Errorf("%s is written %s", d, Duration(d))
		}
	}
}

// TestLiteralSecretsAreNotPrinted puts real-looking secrets where they do not
// belong, breaks the document around them, and reads every problem.
func TestLiteralSecretsAreNotPrinted(t *testing.T) {
	secrets := map[string]string{
		"${TELEGRAM_TOKEN}": "123456789:AAcanarycanarycanarycanarycanarycan",
		"${DISCORD_TOKEN}":  "canarycanarycanarycanarycanary.canary.canarycanarycanarycanarycanarycanary",
		"${STRIPE_KEY}":     "sk_live_canarycanarycanarycanary",
		"${STRIPE_WEBHOOK}": "whsec_canarycanarycanarycanary",
	}
	text := good(t)
	for variable, secret := range secrets {
		text = strings.Replace(text, variable, "\x00"+secret+"\x00", 1)
	}
	parts := strings.Split(text, "\x00") // every second one is a secret
	rapid.Check(t, func(t *rapid.T) {
		broken := append([]string{}, parts...)
		for range rapid.IntRange(0, 4).Draw(t, "slips") {
			i := 2 * rapid.IntRange(0, len(parts)/2).Draw(t, "part")
			from := rapid.IntRange(0, len(broken[i])).Draw(t, "from")
			if rapid.Bool().Draw(t, "near") { // close to the secret after it
				from = max(0, len(broken[i])-rapid.IntRange(0, 12).Draw(t, "back"))
			}
			to := min(len(broken[i]), from+rapid.IntRange(0, 12).Draw(t, "cut"))
			with := rapid.SampledFrom([]string{"", "\n", " ", ":", "'", "\"", "-", "[", "]", "{", "}", "&", "*", "|", ">", "#", "${", "!", "? ", ", "}).Draw(t, "with")
			broken[i] = broken[i][:from] + with + broken[i][to:]
		}
		_, err := read("c.yaml", "", []source{{"c.yaml", []byte(strings.Join(broken, ""))}}, testFiles, false)
		if err == nil {
			t.Skip("nothing left of it")
		}
		if strings.Contains(err.Error(), "canarycan") {
			t.Fatalf("printed:\n%v", err)
		}
	})
}
