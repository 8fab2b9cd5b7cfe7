package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/config"
)

// souk runs a command line with the example's variables.
func souk(t *testing.T, args ...string) (code int, stdout, stderr string) {
	vars := map[string]string{"TELEGRAM_TOKEN": "123456:canary-canary-canary", "PROVIDER_TOKEN": "284685063:TEST:canary", "STRIPE_SECRET_KEY": "sk_test_canary", "STRIPE_WEBHOOK_SECRET": "whsec_canary",
		"DISCORD_TOKEN": "canary.canary.canary", "DISCORD_APPLICATION": "300000000000000001", "DISCORD_PUBLIC_KEY": strings.Repeat("0a", 32),
		"SHOP_URL": "https://shop.example.com", "REDIS_URL": "redis://127.0.0.1:6379/0"}
	var out, errs bytes.Buffer
	code = run(t.Context(), args, environment{
		getenv: func(name string) (string, bool) { s, ok := vars[name]; return s, ok },
		stdin:  strings.NewReader(""), stdout: &out, stderr: &errs,
	})
	if strings.Contains(out.String()+errs.String(), "canary") {
		t.Errorf("souk %v prints a secret", args)
	}
	return code, out.String(), errs.String()
}

func TestCheck(t *testing.T) {
	if code, out, errs := souk(t, "check", "../../examples/minimal.yaml"); code != 0 || !strings.Contains(out, "is fine") {
		t.Errorf("%d %s %s", code, out, errs)
	}
	example, err := os.ReadFile("../../examples/bazaar/bazaar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../examples/bazaar")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "bazaar.yaml")
	write := func(pairs ...string) {
		text := strings.NewReplacer(pairs...).Replace(string(example))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ old, new, want string }{
		{"brands: [moth, salt]", "brands: [moth, sald]", `33:20: communities.nightmarket.brands[1]: there is no brand "sald", did you mean "salt"?`},
		{"- pocket-moon", "- poket-moon", `82:13: creators.mira.picks[0].products[1]: no feed has a product "poket-moon", did you mean "pocket-moon"?`},
		{"variant: Oat", "variant: Oaf", `81:13: creators.mira.picks[0].products[0]: "dusk-lamp" has no variant "Oaf", did you mean "Oat"?`},
		{"policies:", "promotions:\n  moon: {label: Moon, code: MOON, gives: {percent: 10}, for: {products: [poket-moon]}}\npolicies:",
			`promotions.moon.for.products[0]: no feed has a product "poket-moon", did you mean "pocket-moon"?`},
		{"drops:\n", "drops:\n  moon: {brand: moth, title: Moon, product: poket-moon, units: 3, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00}\n",
			`drops.moon.product: no feed has a product "poket-moon", did you mean "pocket-moon"?`},
		{"drops:\n", "drops:\n  moon: {brand: moth, title: Moon, product: pocket-moon, units: 3, announce: 2099-03-02 17:50, opens: 2099-03-02 18:00, closes: 2099-03-02 20:00, followers: 20000}\n",
			`drops.moon.announce: telling 2 groups and 20000 members takes 16m40s at the rates of the platforms, and there are 10m0s from the announcement to the opening`},
		{"drops:\n", "drops:\n  lamp: {brand: moth, title: Lamp, product: dusk-lamp, units: 3, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00}\n",
			`drops.lamp.units: "dusk-lamp" has 3 variants: say the units of each in variants`},
		{"drops:\n", "drops:\n  lamp: {brand: moth, title: Lamp, product: dusk-lamp, variants: {Oaf: 3}, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00}\n",
			`drops.lamp.variants.Oaf: "dusk-lamp" has no variant "Oaf", did you mean "Oat"?`},
		{"policies:", "offers:\n  lamp: {brand: moth, label: Lamp, gives: {percent: 10}, for: {products: [{product: dusk-lamp, variant: Oaf}]}}\npolicies:",
			`offers.lamp.for.products[0]: "dusk-lamp" has no variant "Oaf", did you mean "Oat"?`},
		{"    feed: moth.csv", "    feed: moth.csv\n    prices: [{product: dusk-lamb, price: 1.00}]", `brands.moth.prices[0]: no feed has a product "dusk-lamb"`},
		{"feed: moth.csv", "feed: bazaar.yaml", `39:5: brands.moth.feed: cannot be read as a product feed: neither a Shopify`},
		{"policies:", "texts:\n  en:\n    command.cart: " + strings.Repeat("x", 101) + "\npolicies:", `texts.en.command.cart: is 101 characters long where 100 fit a command's description`},
		{"policies:", "texts:\n  de:\n    button.add: " + strings.Repeat("x", 65) + "\npolicies:", `texts.de.button.add: is 65 characters long where 64 fit a button`},
		{"name: Nightmarket friends", "name: " + strings.Repeat("x", 49), `29:11: communities.nightmarket.name: is 49 characters long`},
		{"brands: [moth, salt]", "brands: [moth, salt" + strings.Repeat(", salt", 24) + "]", `33:13: communities.nightmarket.brands: has 26 entries`},
		{"products: [night-notebook,", "products: [night-notebook" + strings.Repeat(", reading-blanket", 23) + ",", `products: has 26 entries`},
		{"feed: salt.csv", "feed: salt.csv\n    digital: true", `33:20: communities.nightmarket.brands[1]: shows the brand "salt" in a Telegram chat`},
		{"feed: moth.csv", "feed: nothing.csv", `39:5: brands.moth.feed: "nothing.csv": there is no such file`},
		{"policies:", "texts:\n  en:\n    nothing.such: x\npolicies:", `texts.en.nothing.such: the shop has no text "nothing.such"`},
	} {
		write(c.old, c.new)
		code, out, errs := souk(t, "check", file)
		if code != 1 || !strings.Contains(out, c.want) || errs != "" {
			t.Errorf("%s: %d\n%s%s\nwant %s", c.new, code, out, errs, c.want)
		}
	}
	write("${SHOP_URL}", "${SHOP_ULR}")
	code, out, _ := souk(t, "check", file, "--format", "json")
	var problems []config.Problem
	if err := json.Unmarshal([]byte(out), &problems); err != nil || code != 1 || len(problems) != 1 {
		t.Fatalf("%d %s %v", code, out, err)
	}
	if p := problems[0]; p.File != file || p.Line != 5 || p.Col != 8 || p.Path != "shop.url" || p.Message != "the variable SHOP_ULR is not set" {
		t.Errorf("%+v", p)
	}
	// Every problem at once, also those that stand behind a missing variable.
	write("${SHOP_URL}", "${SHOP_ULR}", "- pocket-moon", "- poket-moon")
	if _, out, _ := souk(t, "check", file); !strings.Contains(out, "SHOP_ULR is not set") || !strings.Contains(out, `no feed has a product "poket-moon"`) {
		t.Errorf("not every problem:\n%s", out)
	}
	if code, _, _ := souk(t, "check", filepath.Join(dir, "nothing.yaml")); code != 1 {
		t.Errorf("a file that is not there: %d", code)
	}
}

// TestCheckCommands shows that what an adapter reports gets a line.
func TestCheckCommands(t *testing.T) {
	cfg, err := config.LoadPreview("../../examples/bazaar", func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	problems := commandProblems(cfg, []bots.Command{{Name: "Not A Name", Description: map[string]string{"": "x"}}})
	if len(problems) != 2 || problems[0].Path != "bots.dc.discord" || problems[0].Line == 0 || problems[1].Path != "bots.tg.telegram" {
		t.Errorf("%v", problems)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"--help"}, 0}, {[]string{"check", "--help"}, 0}, {[]string{"schema"}, 0},
		{[]string{"help"}, 0}, {[]string{"help", "check"}, 0}, {[]string{"--version"}, 0}, {[]string{"check", "--version"}, 0},
		{nil, 2}, {[]string{"chekc"}, 2}, {[]string{"help", "chekc"}, 2}, {[]string{"check"}, 2}, {[]string{"check", "x", "--format", "xml"}, 2},
	} {
		if code, _, _ := souk(t, c.args...); code != c.code {
			t.Errorf("souk %v: %d, want %d", c.args, code, c.code)
		}
	}
	if _, out, errs := souk(t); out != "" || !strings.Contains(errs, "Find everything that is wrong") {
		t.Errorf("souk alone does not say what it can do: %s%s", out, errs)
	}
	if _, _, errs := souk(t, "chekc"); !strings.Contains(errs, `did you mean "check"?`) {
		t.Error(errs)
	}
	_, out, _ := souk(t, "schema")
	if !json.Valid([]byte(out)) {
		t.Error("the schema is not JSON")
	}
}

func TestHealthcheck(t *testing.T) {
	status := 200
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	defer s.Close()
	for _, c := range []struct{ status, code int }{{200, 0}, {503, 1}} {
		status = c.status
		if code, _, _ := souk(t, "healthcheck", s.URL); code != c.code {
			t.Errorf("%d: exit code %d", c.status, code)
		}
	}
}

// TestCheckDigital: what is not shipped is told of, and fails nothing; a slip in
// what is called a service does.
func TestCheckDigital(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "shop.yaml")
	feed := "Handle,Title,Variant Price,Variant Requires Shipping,Tags,Published\nmug,Mug,9.00,true,,true\ntour,City tour,15.00,false,outside,true\nfont,A font,5.00,false,,true\n"
	write := func(bots, services string) {
		text := "shop: {name: S, url: https://shop.example.com, currency: EUR}\nstripe: {secret_key: \"${STRIPE_SECRET_KEY}\", webhook_secret: \"${STRIPE_WEBHOOK_SECRET}\"}\n" +
			"bots:\n" + bots + "brands:\n  acme:\n    name: Acme\n    feed: feed.csv\n    shipping: [{name: Post, price: 4}]\n" + services
		for name, data := range map[string]string{file: text, filepath.Join(dir, "feed.csv"): feed} {
			if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	tg := "  tg: {telegram: {token: \"${TELEGRAM_TOKEN}\", username: some_bot}}\n"
	dc := "  dc: {discord: {application: \"${DISCORD_APPLICATION}\", public_key: \"${DISCORD_PUBLIC_KEY}\", token: \"${DISCORD_TOKEN}\"}}\n"
	for _, c := range []struct {
		bots, services string
		code           int
		want, not      string
	}{
		{tg, "", 0, "note: " + file + ":6:3: brands.acme: has products that are not shipped (tour, font): they are not offered on Telegram", "Premium Apps"},
		{dc, "", 0, "Discord wants what an app sells", "Stars"},
		{tg + dc, "    services: [outside]\n", 0, "not shipped (font)", "tour"},
		{tg, "    services: [outside, font]\n", 0, "is fine", "note:"},
		{tg, "    services: [fnt]\n", 1, `brands.acme.services[0]: no product has the handle or tag "fnt", did you mean "font"?`, "note:"},
	} {
		write(c.bots, c.services)
		code, out, errs := souk(t, "check", file)
		if code != c.code || !strings.Contains(out, c.want) || strings.Contains(out, c.not) {
			t.Errorf("%s%s: %d\n%s%s", c.bots, c.services, code, out, errs)
		}
	}
}
