package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
)

var env = map[string]string{
	"STRIPE_KEY": "sk_test_canary", "STRIPE_WEBHOOK": "whsec_canary",
	"TELEGRAM_TOKEN": "123456:canary-canary-canary", "DISCORD_TOKEN": "canary.canary.canary",
	"PASSWORD": "canary", "EMPTY": "", "PORT": "8080", "BAD": "canary",
}

func getenv(name string) (string, bool) {
	s, ok := env[name]
	return s, ok
}

func good(t *testing.T) string {
	data, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// write puts files into a new folder and returns it.
func write(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoad(t *testing.T) {
	cfg, err := Load("testdata/good.yaml", getenv)
	if err != nil {
		t.Fatal(err)
	}
	price, err := cfg.Brands["acme"].Shipping[0].Price.Money(cfg.Shop.Currency)
	for _, c := range []struct{ name, have, want string }{
		{"secret", cfg.Bots["tg"].Telegram.Token.Reveal(), env["TELEGRAM_TOKEN"]},
		{"secret printed", cfg.Bots["tg"].Telegram.Token.String(), "[redacted]"},
		{"unquoted id", cfg.Communities["moths"].Chats[0].ID, "-1001000000001"},
		{"amount as written", string(cfg.Brands["acme"].Shipping[0].Price), "4.90"},
		{"handle alone", cfg.Creators["mira"].Picks[0].Products[0].Product, "lamp"},
		{"handle in a map", cfg.Creators["mira"].Picks[0].Products[1].Variant, "Small / Red"},
		{"default hold", cfg.Policies.Hold.String(), "15m"},
		{"default post_every", cfg.Policies.PostEvery.String(), "1h"},
		{"default listen", cfg.Listen, "127.0.0.1:8080"},
		{"default media", cfg.Media.Dir, "testdata/media"},
		{"default database", cfg.Database.URL.Reveal(), "sqlite:testdata/souk.db"},
		{"default language", cfg.Shop.Language, "en"},
		{"communities", strings.Join(cfg.CommunitiesOf("tg", "-1001000000001"), ","), "moths"},
		{"countries", strings.Join(cfg.Brands["acme"].Countries([]string{"near", "CH"}), ","), "AT,CH,DE"},
		{"position", cfg.Position("brands.acme.shipping[0].price").String(), "testdata/good.yaml:33:9"},
		{"position of what is not there", cfg.Position("brands.acme.shipping[0].days").String(), "testdata/good.yaml:32:9"},
		{"texts", cfg.Texts["de"]["cart.empty"], "Noch nichts drin."},
	} {
		if c.have != c.want {
			t.Errorf("%s: %q, want %q", c.name, c.have, c.want)
		}
	}
	if want := (commerce.Money{Amount: 490, Currency: "EUR"}); err != nil || price != want {
		t.Errorf("price %v %v", price, err)
	}
	if n := len(cfg.Brands["acme"].Countries([]string{"EU", "DE"})); n != 27 {
		t.Errorf("the EU has %d countries", n)
	}
	if cfg.Brands["acme"].Countries(nil) != nil {
		t.Error("no list is not everywhere")
	}
}

// TestProblems spoils the good document in one place at a time.
func TestProblems(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"  currency: EUR", "  curency: EUR", `4:3: shop.curency: is not a key here, did you mean "currency"?`},
		{"  currency: EUR", "", `2:3: shop.currency: is missing`},
		{"  currency: EUR", "  currency: EUR\n  currency: USD", `5:3: shop.currency: is given twice, first at c.yaml:4:3`},
		{"currency: EUR", "currency: eur", `4:13: shop.currency: "eur" is not an ISO 4217 currency as EUR, did you mean "EUR"?`},
		{"currency: EUR", "currency: XQQ", `4:3: shop.currency: "XQQ" is not an ISO 4217 currency`},
		{"currency: EUR", "currency:", `4:3: shop.currency: is empty: give it a value or remove the key`},
		{"currency: EUR", "currency: JPY", `33:9: brands.acme.shipping[0].price: "4.90" has more decimals than JPY takes (0)`},
		{"https://shop.example", "http://shop.example", `3:3: shop.url: must start with https://: Telegram, Discord and Stripe call no other (http:// is for this machine alone)`},
		{"https://shop.example", "shop.example", `3:8: shop.url: "shop.example" is not an address as https://shop.example.com, without a path`},
		{"name: Acme", "name: 5", `28:11: brands.acme.name: must be a text, not a number: write it in quotes`},
		{"name: Acme", "name: [x]", `28:11: brands.acme.name: must be a text, not a list`},
		{"included: true", "included: yes", `40:17: brands.acme.tax.included: must be true or false, not a text`},
		{"brands: [acme]", "brands: [acm]", `24:14: communities.moths.brands[0]: there is no brand "acm", did you mean "acme"?`},
		{"featured: [mira]", "featured: [mira, mira]", `25:22: communities.moths.featured[1]: "mira" is in the list twice`},
		{"{bot: tg, id: -", "{bot: tq, id: -", `22:10: communities.moths.chats[0].bot: there is no bot "tq", did you mean "tg"?`},
		{`{bot: dc, id: "200000000000000001"}`, `{bot: dc, id: -5}`, `23:19: communities.moths.chats[1].id: "-5" is not a Discord channel's id of 17 to 20 digits`},
		{"token: ${TELEGRAM_TOKEN}", "token: ${TELEGRAM_TOKN}", `11:14: bots.tg.telegram.token: the variable TELEGRAM_TOKN is not set`},
		{"token: ${TELEGRAM_TOKEN}", "token: 123456:canary-canary-canary", `11:14: bots.tg.telegram.token: a secret does not belong in the file: write it as ${NAME} or use token_file`},
		{"token: ${TELEGRAM_TOKEN}", "token: ${BAD}", `11:14: bots.tg.telegram.token: is not a bot token as BotFather gives it, 123456:ABC…`},
		{"token: ${TELEGRAM_TOKEN}", "token: ${EMPTY}", `11:14: bots.tg.telegram.token: is empty`},
		{"token: ${TELEGRAM_TOKEN}", "token_file: missing", `11:7: bots.tg.telegram.token_file: "missing": there is no such file`},
		{"token: ${TELEGRAM_TOKEN}", "token: ${TELEGRAM_TOKEN}\n      token_file: x", `12:7: bots.tg.telegram.token_file: stands beside token; give one of them`},
		{"username: moth_bot", `username: "@moth_bot"`, `12:17: bots.tg.telegram.username: "@moth_bot" is not a Telegram username without @, of 4 to 32 letters, digits and _; leave the @ out`},
		{"      username: moth_bot\n", "", `11:7: bots.tg.telegram.username: is missing`},
		{"000000abc", "000000ab", `16:19: bots.dc.discord.public_key: "00000000000000000000000000000000000000000000000000000000000…" is not a public key of 64 hexadecimal digits`},
		{"near: [DE, AT]", "near: [DE, UK]", `30:18: brands.acme.zones.near[1]: "UK" is not a country code, did you mean "GB"?`},
		{"to: [near, EU]", "to: [naer, EU]", `35:14: brands.acme.shipping[0].to[0]: "naer" is neither a zone of this brand nor a country code, did you mean "near"?`},
		{"price: 4.90", "price: 4,90", `33:16: brands.acme.shipping[0].price: "4,90" is not an amount as 4.90, did you mean "4.90"?`},
		{"percent: 19", "percent: 190", `42:22: brands.acme.tax.rates[0].percent: "190" is not a percentage from 0 to 100 with at most four decimals`},
		{"- {to: [DE], percent: 19}", "- {percent: 19}", `43:11: brands.acme.tax.rates[1]: is never taken: the rate above it is for every country`},
		{"name: Acme", "name: Acme\n    digital: true", `32:5: brands.acme.shipping: a digital brand ships nothing`},
		{"role: admin", "role: amdin", `55:23: staff[0].role: "amdin" is not one of admin, brand, moderator, did you mean "admin"?`},
		{"role: brand, brand: acme", "role: brand", `56:5: staff[1]: role brand needs a brand`},
		{", telegram: \"1004\"", "", `56:5: staff[1]: needs telegram or discord`},
		{"brands: [acme]", "brands: [acme]\n    post_days: [mon, monday]", `25:22: communities.moths.post_days[1]: "monday" is not one of mon, tue, wed, thu, fri, sat, sun`},
		{"brands: [acme]", "brands: [acme]\n    post_days: [mon, tue, mon]", `25:27: communities.moths.post_days[2]: "mon" is in the list twice`},
		{"brands: [acme]", "brands: [acme]\n    post_hours: 9-21", `25:17: communities.moths.post_hours: "9-21" is not hours as 09:00-21:00`},
		{"brands: [acme]", "brands: [acme]\n    post_hours: 09:00-09:00", `25:5: communities.moths.post_hours: begin and end at the same time: leave them out where posts are taken all day`},
		{"brands: [acme]", "brands: [acme]\n    post_hours: 23:00-07:00", `25:5: communities.moths.post_hours: all of 23:00-07:00 lies in policies.quiet_hours, so nothing would ever be posted: choose hours outside of 22:00-08:00`},
		{"brands: [acme]", "brands: [acme]\n    timezone: Mars/Olympus", `25:5: communities.moths.timezone: "Mars/Olympus" is not a time zone as Europe/Berlin`},
		{"22:00-08:00", "22:00-22:00", `58:3: policies.quiet_hours: begin and end at the same time`},
		{"Europe/Berlin", "Europe/Berlyn", `59:3: policies.timezone: "Europe/Berlyn" is not a time zone as Europe/Berlin`},
		{"  timezone", "  hold: 30m\n  timezone", `59:3: policies.hold: 30m is not from 5m to 29m; Stripe's shortest session is 30 minutes and must outlive it`},
		{"  timezone", "  waitlist_window: 30m\n  timezone", `59:3: policies.waitlist_window: 30m is not from 5m to 29m`},
		{"title: For the evening", "title: " + strings.Repeat("x", 81), `49:16: creators.mira.picks[0].title: is 81 characters long where 80 fit`},
		{"texts:\n  de:", "texts:\n  xx-yyyyyyyy-x:", `61:3: texts.xx-yyyyyyyy-x: "xx-yyyyyyyy-x" is not a language as en or pt-BR`},
		{"shop:", "database: {url: \"postgres://souk:canary@db/souk\"}\nshop:", `1:17: database.url: a password does not belong in the file: write it as ${NAME}`},
		{"brands: [acme]", "brands: [acme", `25:5: not YAML: ',' or ']' must be specified`},
		{"name: Acme", "feed: nowhere.csv\n    name: Acme", `28:5: brands.acme.feed: "nowhere.csv": there is no such file`},
		{"name: Acme", "feed: http://shop.example/feed\n    name: Acme", `28:5: brands.acme.feed: "http://shop.example/feed" is not an https address`},
		{"name: Acme", "name: &a Acme\n    feed: *b", `29:11: brands.acme.feed: the alias names an anchor that is not set above`},
	} {
		text := strings.Replace(good(t), c.old, c.new, 1)
		if text == good(t) {
			t.Errorf("%q is not in the document", c.old)
		}
		dir := write(t, map[string]string{"c.yaml": text})
		_, err := Load(filepath.Join(dir, "c.yaml"), getenv)
		if err == nil {
			t.Errorf("%q for %q: no problem", c.new, c.old)
			continue
		}
		have := strings.ReplaceAll(err.Error(), dir+"/", "")
		if !strings.Contains("\n"+have+"\n", "\nc.yaml:"+c.want+"\n") {
			t.Errorf("%q for %q:\nhave %s\nwant c.yaml:%s", c.new, c.old, have, c.want)
		}
		if strings.Contains(have, "canary") {
			t.Errorf("%q for %q: a secret is printed: %s", c.new, c.old, have)
		}
	}
}

func TestEveryProblemAtOnce(t *testing.T) {
	text := strings.NewReplacer("currency: EUR", "currency: eur", "brands: [acme]", "brands: [acne]", "percent: 19", "percent: x", "role: admin", "role: boss").Replace(good(t))
	dir := write(t, map[string]string{"c.yaml": text})
	_, err := Load(filepath.Join(dir, "c.yaml"), getenv)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 4 {
		t.Errorf("4 problems, found:\n%v", err)
	}
}

func TestFolder(t *testing.T) {
	whole := good(t)
	cut := strings.Index(whole, "creators:")
	dir := write(t, map[string]string{
		"1-shop.yaml": whole[:cut], "2-people.yml": whole[cut:], "notes.txt": "no yaml: [",
		"3-more.yaml": "brands:\n  acme:\n    shipping:\n      - {name: Boat, price: 1}\n  zeta:\n    name: Zeta\n    shipping: [{name: Post, price: 0}]\nstaff: [{name: Zoe, role: moderator, telegram: 9}]\n",
		"4-void.yaml": "# nothing\n",
	})
	cfg, err := Load(dir, getenv)
	if err != nil {
		t.Fatal(err)
	}
	if len(cfg.Brands) != 2 || len(cfg.Brands["acme"].Shipping) != 3 || len(cfg.Staff) != 3 {
		t.Errorf("merged into %d brands, %d ways to ship, %d staff", len(cfg.Brands), len(cfg.Brands["acme"].Shipping), len(cfg.Staff))
	}
	if have := cfg.Position("brands.acme.shipping[2].price").String(); !strings.HasSuffix(have, "3-more.yaml:4:22") {
		t.Errorf("position %s", have)
	}
	if err := os.WriteFile(filepath.Join(dir, "5-again.yaml"), []byte("shop:\n  name: Other\nstaff: none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(dir, getenv)
	want := "5-again.yaml:2:9: shop.name: is given twice, first at 1-shop.yaml:2:9\n5-again.yaml:3:8: staff: is given twice, first at 2-people.yml:12:3"
	if have := strings.ReplaceAll(err.Error(), dir+"/", ""); have != want {
		t.Errorf("have %s\nwant %s", have, want)
	}
}

func TestSecretFiles(t *testing.T) {
	text := strings.NewReplacer("token: ${TELEGRAM_TOKEN}", "token_file: token", "webhook_secret: ${STRIPE_WEBHOOK}", "webhook_secret_file: hooks").Replace(good(t)) +
		"database:\n  url_file: db\n"
	dir := write(t, map[string]string{"c.yaml": text, "token": env["TELEGRAM_TOKEN"] + "\n", "db": "sqlite:here.db\n"})
	cfg, err := Load(filepath.Join(dir, "c.yaml"), getenv)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Bots["tg"].Telegram.Token.Reveal() != env["TELEGRAM_TOKEN"] || cfg.Database.URL.Reveal() != "sqlite:"+filepath.Join(dir, "here.db") {
		t.Error("the files were not read")
	}
	if secrets, err := cfg.WebhookSecrets(); err != nil || len(secrets) != 0 {
		t.Errorf("%d secrets of a file that is not there, %v", len(secrets), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "hooks"), []byte("whsec_new\n\nwhsec_old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	secrets, err := cfg.WebhookSecrets()
	if want := []string{"whsec_new", "whsec_old"}; err != nil || !cmp.Equal([]string{secrets[0].Reveal(), secrets[1].Reveal()}, want) {
		t.Errorf("%d secrets, %v", len(secrets), err)
	}
}

func TestPreviewReadsNoSecret(t *testing.T) {
	dir := write(t, map[string]string{"c.yaml": good(t)})
	asked := map[string]bool{}
	cfg, err := LoadPreview(filepath.Join(dir, "c.yaml"), func(name string) (string, bool) { asked[name] = true; return "canary", true })
	if err != nil {
		t.Fatal(err)
	}
	if len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
	if cfg.Bots["tg"].Telegram.Token == "" || cfg.Stripe.SecretKey.Reveal() != "sk_test_preview" {
		t.Error("no stand-in")
	}
}

func TestQuiet(t *testing.T) {
	p := Policies{QuietHours: "22:00-08:00", Timezone: "Europe/Berlin"}
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ at, until string }{
		{"2026-07-01T12:00:00Z", ""},
		{"2026-07-01T20:00:00Z", "2026-07-02T06:00:00Z"},
		{"2026-07-02T05:59:59Z", "2026-07-02T06:00:00Z"},
		{"2026-07-02T06:00:00Z", ""},
		{"2026-03-28T23:00:00Z", "2026-03-29T06:00:00Z"}, // summer time begins that night
	} {
		until, quiet := p.Quiet(at(c.at))
		if quiet != (c.until != "") || quiet && !until.Equal(at(c.until)) {
			t.Errorf("%s: %v until %v", c.at, quiet, until)
		}
	}
	if _, quiet := (Policies{}).Quiet(at("2026-07-01T12:00:00Z")); quiet {
		t.Error("quiet without quiet hours")
	}
}

// TestLimits shows what fits a menu and what a platform refuses.
func TestLimits(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("      - {name: \"Way " + strings.Repeat("i", i+1) + "\", price: 1}\n")
		}
		return b.String()
	}
	list := "      - name: Letter\n        price: \"2\"\n"
	digital := strings.Replace(good(t), "creators:", "  bytes: {name: Bytes, digital: true}\ncreators:", 1)
	for _, c := range []struct{ name, text, want string }{
		{"25 ways to ship", strings.Replace(good(t), list, many(24), 1), ""},
		{"26 ways to ship", strings.Replace(good(t), list, many(25), 1), "brands.acme.shipping: has 26 entries where 25 fit"},
		{"digital, not shown on Telegram", digital, ""},
		{"digital on Telegram", strings.Replace(digital, "brands: [acme]", "brands: [acme, bytes]", 1), `communities.moths.brands[1]: shows the brand "bytes" in a Telegram chat; it sells digital goods`},
		{"digital on Telegram, all brands", strings.Replace(digital, "    brands: [acme]\n", "", 1), `communities.moths: shows the brand "bytes" in a Telegram chat`},
	} {
		dir := write(t, map[string]string{"c.yaml": c.text})
		_, err := Load(filepath.Join(dir, "c.yaml"), getenv)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// FuzzLoad holds the loader to three promises whatever it is given: it does
// not panic, every problem says where it is, and no secret is printed.
func FuzzLoad(f *testing.F) {
	data, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for _, s := range []string{"", "a: [", "shop: {name: x}", "- a", "? a\n: b", "a: &a [*a]", "shop: !!binary aGk=", "a: |\n  x\nb: >-\n  y", "\xef\xbb\xbfshop:\r\n  name: x\r\n", "x: ${", "---\na: 1\n---\nb: 2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const canary = "c4n4ry"
		world := files{
			getenv: func(string) (string, bool) { return canary, true },
			read:   func(string) ([]byte, error) { return []byte(canary), nil },
			exists: func(string) error { return nil },
		}
		cfg, err := read("fuzz.yaml", "", []source{{"fuzz.yaml", data}}, world, false)
		var problems Problems
		if (cfg == nil) == (err == nil) || err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("config %v, error %v", cfg != nil, err)
		}
		for _, p := range problems {
			if p.File != "fuzz.yaml" || p.Line < 1 || p.Col < 1 || p.Message == "" {
				t.Errorf("problem without a place: %+v", p)
			}
			if strings.Contains(p.String(), canary) && !strings.Contains(string(data), canary) {
				t.Errorf("a secret is printed: %s", p)
			}
		}
	})
}
