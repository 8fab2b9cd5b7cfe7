package main

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/sandbox/stripe"
)

// member is a person in front of a chat, on either platform.
type member interface {
	Say(text string) error
	Tap(label string) error
	TapOn(contains, label string) error
	Fill(values []string) error
	Screen() string
	All() string
	Go(place string)
	Link(label string) string
}

func (w *world) people() map[string]member {
	return map[string]member{
		"telegram": w.telegram.Chatter(1001, "group"),
		"discord":  w.discord.Chatter("100000000000000002", "group"),
	}
}

// act does one thing after the other and fails where one cannot be done.
func act(t *testing.T, who member, steps ...func() error) {
	t.Helper()
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v\nthey see:\n%s", i+1, err, who.Screen())
		}
	}
}

// order goes from the pick in the group to the pay link, and returns it.
func order(t *testing.T, who member) string {
	t.Helper()
	who.Go("group")
	eventually(t, "the pick is posted", func() bool { return strings.Contains(who.All(), "The mug I use every day") })
	act(t, who,
		func() error { return who.TapOn("The mug I use every day", "Add to cart") },
		func() error { return who.Tap("Checkout") },
		func() error {
			if strings.Contains(who.Screen(), "Order and pay") {
				return nil // the address is kept from the last time
			}
			return who.Fill([]string{"Ann Example", "Weg 1", "10115", "Berlin", "Germany"})
		},
		func() error { return who.Tap("Order and pay") },
	)
	link := who.Link("Pay")
	if link == "" {
		t.Fatalf("there is no way to pay:\n%s", who.Screen())
	}
	return link
}

// pay pays behind a pay link and waits for the confirmation in the chat.
func (w *world) pay(who member, link string) {
	w.Helper()
	status, to := get(w.T, link)
	if status != http.StatusSeeOther {
		w.Fatalf("the pay link: %d %s", status, to)
	}
	out, err := w.stripe.Pay(to, "4242424242424242")
	if err != nil || out.Status != "paid" {
		w.Fatalf("pay: %+v %v", out, err)
	}
	who.Go("private")
	eventually(w.T, "the confirmation", func() bool { return strings.Contains(who.All(), "is paid") })
	if status, page := get(w.T, out.URL); status != http.StatusOK || !strings.Contains(page, "Thank you") {
		w.Errorf("the page after paying: %d %s", status, page)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve()
	p.wait("registered", "platform", "telegram")
	p.wait("registered", "platform", "discord")
	p.wait("stripe's webhook endpoint is in place")
	for _, who := range w.people() {
		w.pay(who, order(t, who))
	}
	if got := w.stripe.Captured(""); got != 2*2290 {
		t.Errorf("captured %d", got)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ready\n"} {
		if status, body := p.get(path); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	if status, _ := get(t, w.door+"/metrics"); status != http.StatusNotFound {
		t.Errorf("anybody can read the metrics: %d", status)
	}
	_, metrics := p.get("/metrics")
	for _, want := range []string{`souk_orders{state="paid"} 2`, `souk_refunds{state="due"} 0`, "souk_database_up 1", "souk_redis_up 1", "souk_config_accepted 1",
		"souk_stripe_endpoint_ready 1", `platform="telegram"} 1`, `platform="discord"} 1`, `souk_http_requests_total{method="POST",route="/stripe",status="200"}`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}

	// It is told to stop while somebody waits for the pay link.
	link := order(t, w.people()["discord"])
	reached, accepted := make(chan struct{}), make(chan int)
	w.stripe.FailWhen(func(method, path string) (f stripe.Fault, hit bool) {
		if method == http.MethodPost && path == "/v1/checkout/sessions" {
			close(reached)
			f.Stall = 300 * time.Millisecond
		}
		return f, f.Stall > 0
	})
	go func() {
		status, _ := get(t, "http://"+p.address+strings.TrimPrefix(link, w.door))
		accepted <- status
	}()
	<-reached
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if status := <-accepted; status != http.StatusSeeOther {
		t.Errorf("what was accepted was answered with %d", status)
	}
	p.wait("stopped")
}

// TestServeWithoutOne starts the shop while one of the services is down: the
// others are served, and it is there once it is back.
func TestServeWithoutOne(t *testing.T) {
	for down, up := range map[string]string{"telegram": "discord", "discord": "telegram", "stripe": ""} {
		t.Run(down, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.set(down, true)
			p := w.serve()
			if down == "stripe" {
				p.wait("stripe does not answer")
				p.wait("registered", "platform", "telegram")
				who := w.people()["telegram"]
				link := order(t, who)
				if status, page := get(t, link); status != http.StatusServiceUnavailable || !strings.Contains(page, "<html") {
					t.Errorf("the pay link without Stripe: %d %s", status, page)
				}
				w.set(down, false)
				p.wait("stripe's webhook endpoint is in place")
				w.pay(who, link)
			} else {
				p.wait("registered", "platform", up)
				p.wait("not registered yet, trying again", "platform", down)
				if _, metrics := p.get("/metrics"); !strings.Contains(metrics, `platform="`+down+`"} 0`) || !strings.Contains(metrics, `platform="`+up+`"} 1`) {
					t.Errorf("the metrics do not tell who is registered:\n%s", metrics)
				}
				who := w.people()[up]
				w.pay(who, order(t, who))
				w.set(down, false)
				p.wait("registered", "platform", down)
				who = w.people()[down]
				w.pay(who, order(t, who))
			}
			if code := p.stop(); code != 0 {
				t.Errorf("exit code %d", code)
			}
		})
	}
}

func TestServeReload(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.serve()
	p.wait("registered", "platform", "telegram")
	ann, sam := w.telegram.Chatter(1001, "private"), w.telegram.Chatter(1003, "private")
	act(t, sam, func() error { return sam.Say("/start") })
	sees := func(command, what string) {
		t.Helper()
		eventually(t, what, func() bool {
			act(t, ann, func() error { return ann.Say(command) })
			return strings.Contains(ann.Screen(), what)
		})
	}
	sees("/start", "Corner Shop")

	// A changed file is noticed: another creator, another price, another text,
	// and what people can type in other words.
	w.change("price: 4.90", "price: 3.10", "creators:", "creators:\n  noor: {name: Noor Newcomer, picks: [{id: e, title: Eggs stand up, products: [egg-cup]}]}",
		"staff:", "texts: {en: {command.cart: What I chose, cart.empty: \"There is room for more\"}}\nstaff:")
	p.wait("configuration taken over")
	sees("/creators", "Noor Newcomer")
	sees("/cart", "There is room for more")
	eventually(t, "the command's new words", func() bool {
		for _, c := range w.telegram.Commands(1001, 1001) {
			if c.Command == "cart" && c.Description == "What I chose" {
				return true
			}
		}
		return false
	})
	who := w.people()["telegram"]
	order(t, who)
	if !strings.Contains(who.All(), "€3.10") {
		t.Errorf("the old price of shipping:\n%s", who.Screen())
	}

	// What is wrong is not taken over, and the admins are told.
	w.change("There is room for more", "There is {{.Nothing}}")
	p.waitFor(refused("{{.Nothing}} is not known here"), "the text refused")
	eventually(t, "the admin is told", func() bool { return strings.Contains(sam.All(), "configuration has errors") })
	sees("/creators", "Noor Newcomer")
	if _, metrics := p.get("/metrics"); !strings.Contains(metrics, "souk_config_accepted 0") {
		t.Error("the metrics do not tell that the configuration was refused")
	}
	w.write("shop: [broken")
	p.waitFor(refused("shop.yaml:1:"), "the broken file refused")

	// SIGHUP reads it even where nothing noticed a change. Another bot needs a
	// restart.
	good := strings.ReplaceAll(shopYAML, "TG", "other")
	w.write(strings.ReplaceAll(good, "DC", "another"))
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	p.waitFor(refused("restart the program"), "the bots refused")
	eventually(t, "the admin is told to restart", func() bool { return strings.Contains(sam.All(), "needs a restart") })
	sees("/creators", "Noor Newcomer")
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

func refused(why string) func(map[string]any) bool {
	return func(entry map[string]any) bool {
		text, _ := entry["err"].(string)
		return entry["msg"] == "the configuration is not taken over, the last good one stays" && strings.Contains(text, why)
	}
}

// TestServeTogether has two processes serve one shop, the requests going to
// them by turns.
func TestServeTogether(t *testing.T) {
	t.Parallel()
	if os.Getenv("SOUK_TEST_POSTGRES") == "" {
		t.Skip("NOT RUN: no PostgreSQL. Set SOUK_TEST_POSTGRES.")
	}
	w := newWorld(t)
	w.variables["DATABASE_URL"] = databasetest.URL(t, "postgres")
	w.change("creators:", "creators:\n  noor: {name: Noor Newcomer, picks: [{id: e, title: Eggs stand up, products: [egg-cup]}]}")
	one, two := w.serve(), w.serve()
	for _, p := range []*program{one, two} {
		p.wait("registered", "platform", "telegram")
		p.wait("registered", "platform", "discord")
		if p.wait("serving")["database"] != "postgres" {
			t.Error("not on PostgreSQL")
		}
	}
	for platform, who := range w.people() {
		link := order(t, who)
		w.pay(who, link)
		act(t, who, func() error { return who.Say("/orders") })
		if !strings.Contains(who.Screen(), "€22.90") {
			t.Errorf("%s: the order is not listed:\n%s", platform, who.Screen())
		}
		act(t, who,
			func() error { return who.Say("/feed") },
			func() error { return who.Say("/feed") }, // now both remember whom they follow
			func() error { return who.Say("/creators") },
			func() error { return who.Tap("Noor Newcomer") },
			func() error { return who.Tap("Follow") },
		)
		for range 2 {
			act(t, who, func() error { return who.Say("/feed") })
			if !strings.Contains(who.Screen(), "Eggs stand up") {
				t.Errorf("%s: the feed of one of the two knows nothing of whom they follow:\n%s", platform, who.Screen())
			}
		}
		who.Go("group")
		if n := strings.Count(who.All(), "The mug I use every day"); n != 1 {
			t.Errorf("%s: the pick was posted %d times:\n%s", platform, n, who.All())
		}
	}
	if got := w.stripe.Captured(""); got != 2*2290 {
		t.Errorf("captured %d", got)
	}
	_, a := one.get("/metrics")
	_, b := two.get("/metrics")
	for _, m := range []string{a, b} {
		if !strings.Contains(m, `souk_orders{state="paid"} 2`) {
			t.Error("the two do not tell the same")
		}
		if !strings.Contains(m, `route="/telegram/:bot",status="200"`) {
			t.Error("one of the two had nothing to do")
		}
	}
	if one.stop() != 0 || two.stop() != 0 {
		t.Error("they did not end well")
	}
}
