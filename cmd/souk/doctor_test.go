package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

// doctor runs `souk doctor` against the stand-ins.
func (w *world) doctor(args ...string) (code int, out string) {
	w.Helper()
	var stdout, stderr bytes.Buffer
	code = run(w.Context(), append([]string{"doctor", w.config, "--telegram-api", w.outside, "--discord-api", w.outside, "--stripe-api", w.outside}, args...),
		environment{getenv: func(name string) (string, bool) { s, ok := w.variables[name]; return s, ok }, stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr})
	for _, s := range []string{"canary", hookSecret, botToken} {
		if strings.Contains(stdout.String()+stderr.String(), s) {
			w.Errorf("a secret is printed:\n%s%s", stdout.String(), stderr.String())
		}
	}
	return code, stdout.String() + stderr.String()
}

// TestDoctor goes from a configuration alone to a shop that is well.
func TestDoctor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := filepath.Join(w.dir, "keys", "stripe")
	w.change(`webhook_secret: "${STRIPE_WEBHOOK_SECRET}"`, "webhook_secret_file: keys/stripe")
	w.forgetEndpoints()
	expect := func(wantCode int, out string, code int, want ...string) {
		t.Helper()
		if code != wantCode {
			t.Errorf("exit code %d, want %d", code, wantCode)
		}
		for _, line := range want {
			if !strings.Contains(out, line) {
				t.Errorf("lacks %q:\n%s", line, out)
			}
		}
	}

	code, out := w.doctor()
	expect(1, out, code, "ok    configuration", "ok    database answers", "FAIL  tables are up to date ("+databasetest.Engines()[0]+")", "→ make a backup, then run souk migrate",
		"ok    redis answers", "ok    pictures can be kept", "no webhook is set", "interactions endpoint URL", "souk serve sets it when it starts", "ok    stripe takes the key",
		"FAIL  stripe's webhook endpoint: there is none for "+w.door+"/stripe", "→ run souk doctor --fix",
		"FAIL  stripe's signing secret", "FAIL  the shop answers at its own address", "→ start souk serve")

	if code, out, errs := w.souk("migrate", w.config); code != 0 || !strings.Contains(out, "the tables are up to date") {
		t.Errorf("migrate: %d %s %s", code, out, errs)
	}
	if code, out, errs := w.souk("migrate", w.config); code != 0 || !strings.Contains(out, databasetest.Engines()[0]+": 0 steps") {
		t.Errorf("migrate again: %d %s %s", code, out, errs)
	}
	code, out = w.doctor("--fix")
	expect(1, out, code, "ok    tables", "ok    money and goods add up", "created "+w.door+"/stripe, its secret is in "+secret, "ok    stripe's webhook endpoint", "ok    stripe's signing secret")
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret's file: %v %v", info, err)
	}

	// With the shop there all is well, and what the endpoint sends is believed.
	p := w.serve()
	p.wait("registered", "platform", "telegram")
	p.wait("registered", "platform", "discord")
	code, out = w.doctor("--fix")
	expect(0, out, code, "ok    bot tg", "ok    bot dc", "ok    stripe's webhook endpoint", "ok    stripe's signing secret", "ok    the shop answers at its own address")
	if strings.Contains(out, "created") || strings.Count(out, "\n") != strings.Count(out, "ok    ") {
		t.Errorf("the second time it did something:\n%s", out)
	}
	who := w.people()["telegram"]
	w.pay(who, order(t, who))
	if p.stop() != 0 {
		t.Error("the shop did not end well")
	}

	// An endpoint is there and its secret is lost.
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	code, out = w.doctor("--fix")
	expect(1, out, code, "FAIL  stripe's signing secret", "Stripe's dashboard shows it at the endpoint")
}

// TestDoctorFinds breaks one thing after the other.
func TestDoctorFinds(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(w *world)
		want  []string
	}{
		"telegram token":   {func(w *world) { w.variables["TELEGRAM_TOKEN"] = "1:canary-of-another" }, []string{"FAIL  bot tg", "Unauthorized", "check its token"}},
		"telegram's name":  {func(w *world) { w.change("corner_bot", "corner_shop_bot") }, []string{"FAIL  bot tg", "belongs to @corner_bot"}},
		"discord token":    {func(w *world) { w.variables["DISCORD_TOKEN"] = "canary.of.another" }, []string{"FAIL  bot dc", "token is not accepted"}},
		"discord key":      {func(w *world) { w.variables["DISCORD_PUBLIC_KEY"] = strings.Repeat("0a", 32) }, []string{"FAIL  bot dc", "public key is not the application's"}},
		"stripe key":       {func(w *world) { w.variables["STRIPE_SECRET_KEY"] = "sk_test_canary_other" }, []string{"FAIL  stripe takes the key", "check stripe.secret_key"}},
		"stripe is down":   {func(w *world) { w.set("stripe", true) }, []string{"FAIL  stripe takes the key"}},
		"telegram is down": {func(w *world) { w.set("telegram", true) }, []string{"FAIL  bot tg"}},
		"redis":            {func(w *world) { w.variables["REDIS_URL"] = "redis://:canary@127.0.0.1:1/0" }, []string{"FAIL  redis answers", "connection refused", "start it, or mend redis.url"}},
		"database": {func(w *world) {
			w.variables["DATABASE_URL"] = "postgres://shop:canary@127.0.0.1:1/shop"
		}, []string{"FAIL  database answers", "start it, or mend database.url"}},
		"pictures": {func(w *world) {
			if err := os.WriteFile(filepath.Join(w.dir, "media"), nil, 0o600); err != nil {
				w.Fatal(err)
			}
		}, []string{"FAIL  pictures can be kept", "make media.dir writable"}},
		"the endpoint's version": {func(w *world) {
			w.forgetEndpoints()
			w.endpoint(w.door+"/stripe", "2022-11-15", payments.EventTypes()...)
		}, []string{"FAIL  stripe's webhook endpoint: its API version is 2022-11-15 and must be 2023-10-16", "delete it in Stripe's dashboard, then run souk doctor --fix"}},
		"the endpoint's events": {func(w *world) {
			w.forgetEndpoints()
			w.endpoint(w.door+"/stripe", "2023-10-16", payments.EventTypes()[1:]...)
		}, []string{"FAIL  stripe's webhook endpoint: it is not sent " + payments.EventTypes()[0]}},
		"texts": {func(w *world) { w.change("staff:", "texts: {en: {no.such: x}}\nstaff:") }, []string{"FAIL  configuration", "the shop has no text", "souk check"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.spoil(w)
			code, out := w.doctor()
			if code != 1 {
				t.Errorf("exit code %d", code)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
		})
	}
	w := newWorld(t)
	for args, want := range map[string]int{"--fixx": 2, "--help": 0} {
		if code, out := w.doctor(args); code != want {
			t.Errorf("%s: exit code %d, want %d:\n%s", args, code, want, out)
		}
	}
	w.write("shop: {name: ${HOME}}\n")
	if code, out := w.doctor(); code != 1 || !strings.Contains(out, "shop.yaml:1:") {
		t.Errorf("a broken file: %d %s", code, out)
	}
}

// forgetEndpoints has Stripe know no webhook endpoint.
func (w *world) forgetEndpoints() {
	w.stripe.Close()
	w.stripe = stripe.New(stripe.Config{Key: stripeKey, Base: w.outside})
	w.Cleanup(w.stripe.Close)
}

// endpoint makes a webhook endpoint as somebody does in Stripe's dashboard.
func (w *world) endpoint(address, version string, events ...string) {
	w.Helper()
	form := "url=" + address + "&api_version=" + version
	for _, e := range events {
		form += "&enabled_events[]=" + e
	}
	req := httptest.NewRequest(http.MethodPost, "/v1/webhook_endpoints", strings.NewReader(form))
	req.Header.Set("Authorization", "Bearer "+stripeKey)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.stripe.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		w.Fatalf("create an endpoint: %d %s", rec.Code, rec.Body)
	}
}

// souk runs a command line in this process.
func (w *world) souk(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(w.Context(), args, environment{getenv: func(name string) (string, bool) { s, ok := w.variables[name]; return s, ok },
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs})
	return code, out.String(), errs.String()
}
