package shop_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/members"
)

func TestUnknownActions(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		for _, action := range []string{"", "nonsense", "cart fly", "p", "p a b c d", "pick", "START", "start now", "cart  add", "order", "staff orders",
			strings.Repeat("x", 200), "p_abc", "../../etc", "place"} {
			s := ann.do(action)
			if !strings.Contains(s.Notice, "That button is from an earlier time") || s.Path != "start" {
				t.Errorf("%q: %s", action, plain(s))
			}
		}
		// Known, of things that are not there: a word, and the way onward.
		for _, action := range []string{"p none", "pp none none", "pick none", "cart add none", "cart pick none", "order none", "again none", "creator none 0", "follow none", "share none", "order cancel none"} {
			s := ann.do(action)
			if s.Notice == "" || len(s.Rows) == 0 {
				t.Errorf("%q: %s", action, plain(s))
			}
		}
		for _, action := range []string{"cart line none", "cart set none 3", "cart accept none", "place none", "ship none none", "checkout", "checkout address", "cart mend", "cart page 9",
			"categories 9", "all 9", "find none 9", "creators 9", "creator mira 9"} {
			ann.do(action)
		}
		ann.do("feed zzzzz")
		ann.do("orders zzzzz")
	})
}

func TestRepeatedEvent(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		add := bots.Event{ID: "77", Kind: bots.Do, Action: "cart pick cuppick"}
		first := ann.send(add)
		for range 3 {
			if again := ann.send(add); plain(again) != plain(first) {
				t.Errorf("the repeat shows\n%s\ninstead of\n%s", plain(again), plain(first))
			}
		}
		cart, err := w.live.Cart(w.ctx, w.member("ann"))
		w.must(err)
		if len(cart) != 1 || cart[0].Quantity != 1 {
			t.Errorf("cart after four deliveries: %+v", cart)
		}
		// The answer of a form's step is kept too: a repeat does not answer the next field.
		ann.do("checkout")
		step := bots.Event{ID: "78", Kind: bots.Say, Text: "Ann"}
		ann.send(step)
		ann.send(step)
		ann.sees("? Street and number")
		ann.say("Rose Street 1")
		ann.sees("? Postcode")
	})
}

func TestRedisDown(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	ann := w.person("ann")
	ann.do("start")
	w.redis.SetError("gone")
	ann.do("cart")
	ann.sees("The shop cannot answer right now", "[Try again] cart")
	if n := strings.Count(w.log.String(), "an event was answered with an error"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, w.log)
	}
	if !strings.Contains(w.log.String(), "level=WARN") {
		t.Errorf("%s", w.log)
	}
	w.redis.SetError("")
	ann.tap("Try again")
	ann.sees("Your cart is empty")
}

// Who presses a button of the group reads why it did not work: a screen would be
// elsewhere on some platforms.
func TestRedisDownInTheGroup(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	ann := w.person("ann")
	ann.group = true
	w.redis.SetError("gone")
	s := ann.send(bots.Event{Kind: bots.Do, Action: "cart", On: &bots.Message{ID: "1"}})
	if !s.Empty() || !strings.Contains(s.Notice, "The shop cannot answer right now") {
		t.Errorf("%+v", s)
	}
	ann.do("cart") // typed, not pressed
	ann.sees("The shop cannot answer right now")
}

func TestPanicBecomesAScreen(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	w.shop.Config.Staff = func(context.Context, bots.Event, members.Member, *shop.Words) (bots.Screen, error) { panic("boom") }
	ann := w.person("ann")
	ann.do("staff orders")
	ann.sees("Something went wrong on our side", "[🏠 Shop]")
	if !strings.Contains(w.log.String(), "boom") || !strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("%s", w.log)
	}
}

// Staff's forms are collected like the shop's own.
func TestStaffForm(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	w.shop.Config.Staff = func(_ context.Context, ev bots.Event, m members.Member, words *shop.Words) (bots.Screen, error) {
		if ev.Kind == bots.Fill {
			return bots.Screen{Path: "staff", Text: bots.T("tracking " + ev.Values["number"])}, nil
		}
		return bots.Screen{Path: ev.Action, Form: &bots.Form{Action: ev.Action, Title: "Tracking",
			Fields: []bots.Field{{Key: "number", Label: "Number", Optional: true}}, Cancel: bots.Button{Label: "Cancel", Action: "staff"}}}, nil
	}
	sam := w.person("sam")
	sam.do("staff track abc")
	sam.say("DHL 123")
	sam.sees("tracking DHL 123")
	sam.do("staff track abc")
	sam.say("-")
	sam.sees("tracking")
	sam.misses("-")
}

func TestLeave(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("start")
		if s := ann.send(bots.Event{Kind: bots.Leave}); !s.Empty() {
			t.Errorf("%s", plain(s))
		}
		m, err := w.members.Get(w.ctx, w.member("ann"))
		w.must(err)
		if m.Accounts[0].Reach != members.Closed {
			t.Errorf("reach %s", m.Accounts[0].Reach)
		}
		w.clock.Wait(time.Minute)
		ann.send(bots.Event{Kind: bots.Enter})
		ann.do("start")
		m, err = w.members.Get(w.ctx, w.member("ann"))
		w.must(err)
		if m.Accounts[0].Reach != members.Open {
			t.Errorf("reach %s", m.Accounts[0].Reach)
		}
	})
}

func TestCommands(t *testing.T) {
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	w.shop.Config.Staff = func(context.Context, bots.Event, members.Member, *shop.Words) (bots.Screen, error) {
		return bots.Screen{}, nil
	}
	ann := w.person("ann")
	for _, c := range w.shop.Commands() {
		if c.Description[""] == "" || c.Description["de"] == "" || c.Description[""] == "command."+c.Name {
			t.Errorf("%s: %v", c.Name, c.Description)
		}
		if c.Option != nil && (c.Option.Description["en"] == "" || c.Option.Description["de"] == "") {
			t.Errorf("%s: %v", c.Name, c.Option)
		}
		if !c.Staff {
			if s := ann.do(c.Name); s.Notice != "" {
				t.Errorf("/%s is not known: %s", c.Name, plain(s))
			}
		}
	}
}

// FuzzHandle has one person do anything at all: every answer can be shown.
func FuzzHandle(f *testing.F) {
	w := newWorld(f, databasetest.Open(f, "sqlite"))
	cup, shirt := w.product("cup"), w.product("shirt")
	for _, action := range []string{"start", "search", "cart add " + string(cup.Variants[0].ID), "pp shirtpick " + string(shirt.ID), "checkout", "checkout address",
		"link", "link code", "privacy", "feed 1", "find c5n6e 0", "cart set " + string(cup.Variants[0].ID) + " 3", "order cancel x", "again x", "pn " + string(shirt.ID) + " 0 0"} {
		f.Add(0, action, "")
		f.Add(2, action, "Ann")
	}
	f.Add(1, "", "Rose Street 1")
	f.Add(1, "", strings.Repeat("𝕏*_<b>@everyone ", 300))
	f.Add(3, "search", "tea")
	f.Add(4, "", "")
	f.Fuzz(func(t *testing.T, kind int, action, text string) {
		ann := w.person("ann")
		w.log.Reset()
		ann.group = kind%7 == 6
		ev := ann.event(bots.Event{Kind: bots.Kind(((kind % 6) + 6) % 6), Action: bots.Action(action), Text: text, Values: map[string]string{
			"name": text, "street": text, "postcode": text, "city": text, "country": text, "query": text, "code": text}})
		if ev.Kind == bots.Suggest {
			for _, s := range w.shop.Suggest(w.ctx, ev, 10) {
				if err := s.Screen.Check(); err != nil {
					t.Error(err)
				}
			}
			return
		}
		s := w.shop.Handle(w.ctx, ev)
		if err := s.Check(); err != nil {
			t.Errorf("%v %q %q: %v\n%s", ev.Kind, action, text, err, plain(s))
		}
		if strings.Contains(w.log.String(), "panic") {
			t.Fatalf("%v %q %q: %s", ev.Kind, action, text, w.log)
		}
	})
}
