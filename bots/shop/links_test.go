package shop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// TestLinksOnlyShow follows links that somebody else made: what acts is not
// done, what shows is shown.
func TestLinksOnlyShow(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		for _, action := range []bots.Action{"cart pick cuppick", "follow mira", "privacy erased", "cart empty", "link yes abcd2345",
			"staff refund abc yes", "staff cancel abc yes", "staff ship abc"} {
			s := ann.send(bots.Event{Kind: bots.Do, Action: action, Linked: true})
			if !strings.Contains(s.Notice, "That button is from an earlier time") {
				t.Errorf("%q by a link shows\n%s", action, plain(s))
			}
		}
		if cart, err := w.live.Cart(w.ctx, w.member("ann")); err != nil || len(cart) != 0 {
			t.Errorf("cart: %v, %v", cart, err)
		}
		// What only asks is asked: it is where a command in a group leads to.
		for _, action := range []bots.Action{"pick cuppick", "link", "link code", "address", "checkout address"} {
			if s := ann.send(bots.Event{Kind: bots.Do, Action: action, Linked: true}); s.Path != action || s.Notice != "" {
				t.Errorf("%q by a link shows\n%s", action, plain(s))
			}
		}
	})
}

// TestACodeFromAStranger: Mallory talks Ann into sending her code. Ann is shown
// whose it is, and nothing is linked unless she says so herself.
func TestACodeFromAStranger(t *testing.T) {
	each(t, func(w *world) {
		ann, mallory := w.person("ann"), w.person("mallory")
		ann.platform = "atonce"
		who := func(p *person) commerce.MemberID {
			m, err := w.members.Find(w.ctx, string(p.platform), p.id)
			w.must(err)
			return m.ID
		}
		codeOf := func(p *person) (code string) {
			p.do("link")
			for _, span := range p.last.Text {
				if rest, ok := strings.CutPrefix(span.Text, "/link "); ok {
					code = rest
				}
			}
			return code
		}
		ann.do("start")
		apart := func(when string) {
			t.Helper()
			if who(ann) == who(mallory) {
				t.Fatalf("%s: Ann is Mallory", when)
			}
		}
		// Where others read along a code is neither made nor taken.
		code := codeOf(mallory)
		ann.group = true
		ann.do("link", code)
		ann.sees("? Code")
		if c := codeOf(ann); c != "" {
			t.Errorf("a code for a group: %s", c)
		}
		ann.group = false

		ann.do("link", code)
		ann.sees("Is this you in the other app?", "mallory, Stepwise", "Did somebody send you this code?", "[Yes, that is me]", "[No]")
		apart("asked")
		yes := buttons(ann.last)[0].Action
		if s := mallory.do(string(yes)); !strings.Contains(plain(s), "unknown, used or too old") {
			t.Errorf("another's yes shows\n%s", plain(s))
		}
		apart("somebody else said yes")
		ann.tap("No")
		ann.do(string(yes)) // and theirs is used up
		apart("no")

		// With patience and a program nobody finds a code by trying.
		for i := range 20 {
			mallory.do("link", "WRONG234")
			if slow := strings.Contains(plain(mallory.last), "Please wait 1 minute"); slow != (i >= 10) {
				t.Fatalf("try %d shows\n%s", i+1, plain(mallory.last))
			}
		}
		code = codeOf(ann)
		mallory.do("link", code)
		mallory.sees("Please wait")
		w.clock.Wait(time.Minute)
		mallory.do("link", code)
		mallory.sees("Is this you in the other app?")
	})
}

// TestForwardedCommand: a command that somebody else wrote brings nothing with
// it: not their code, above all.
func TestForwardedCommand(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("link")
		code, err := w.live.Keep(w.ctx, "link", string(w.member("ann")), time.Minute)
		w.must(err)
		ben := w.person("ben")
		ben.send(bots.Event{Kind: bots.Do, Action: "link", Text: code, Linked: true})
		ben.sees("One cart in all your apps")
		if _, ok, err := w.live.Take(w.ctx, "link", code); !ok || err != nil {
			t.Errorf("the code was used: %v", err)
		}
	})
}

// TestWhoIsWrittenDown: adding the bot to a group, or blocking it, is no reason
// to keep somebody's name, least of all of one who was just erased.
func TestWhoIsWrittenDown(t *testing.T) {
	each(t, func(w *world) {
		known := func(name string) bool {
			_, err := w.members.Find(w.ctx, "stepwise", name)
			return err == nil
		}
		ann := w.person("ann")
		ann.do("start")
		ann.do("privacy erased")
		ann.send(bots.Event{Kind: bots.Leave})
		ben := w.person("ben")
		ben.group = true
		if s := ben.send(bots.Event{Kind: bots.Enter}); !s.Public {
			t.Error("no word to the group")
		}
		ben.send(bots.Event{Kind: bots.Leave})
		if known("ann") || known("ben") {
			t.Errorf("known: ann %v, ben %v", known("ann"), known("ben"))
		}
		cem := w.person("cem")
		cem.do("start")
		cem.send(bots.Event{Kind: bots.Leave})
		if ways, err := w.members.Ways(w.ctx, w.member("cem")); len(ways) != 0 || err != nil {
			t.Errorf("who blocked the bot is still reached: %v %v", ways, err)
		}
		cem.send(bots.Event{Kind: bots.Enter})
		if ways, err := w.members.Ways(w.ctx, w.member("cem")); len(ways) != 1 || err != nil {
			t.Errorf("who came back is not reached: %v %v", ways, err)
		}
	})
}
