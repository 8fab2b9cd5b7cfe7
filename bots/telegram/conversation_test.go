package telegram_test

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
	sandbox "github.com/soukchat/souk/sandbox/telegram"
)

// pages answers with a screen by action, or by text for what is said.
func pages(m map[string]bots.Screen) func(bots.Event) bots.Screen {
	return func(ev bots.Event) bots.Screen {
		if ev.Kind == bots.Say {
			return m["say "+ev.Text]
		}
		return m[string(ev.Action)]
	}
}

func screen(text string, rows ...[]bots.Button) bots.Screen {
	return bots.Screen{Text: bots.T(text), Rows: rows}
}

func with(s bots.Screen, change func(*bots.Screen)) bots.Screen {
	change(&s)
	return s
}

func b(label, action string) []bots.Button {
	return []bots.Button{{Label: label, Action: bots.Action(action)}}
}

var mug = &bots.Picture{URL: "https://shop.example/m/mug.png", Alt: "A mug"}

func TestTextAndPictureReplaceOneAnother(t *testing.T) {
	picture := func(text, to string) bots.Screen {
		return with(screen(text, b("Go", to)), func(s *bots.Screen) { s.Picture = mug })
	}
	w := newWorld(t, pages(map[string]bots.Screen{
		"start": screen("Home", b("Go", "p1")), "p1": picture("Mug", "p2"), "p2": picture("Bowl", "home"), "home": screen("Home again"),
	}))
	a := w.tg.Chatter(ann, "private")
	w.must(a.Say("/start"))
	first := w.tg.Messages(ann, ann)[1].MessageID
	w.must(a.Tap("Go"))
	list := w.tg.Messages(ann, ann)
	if len(list) != 2 || list[1].MessageID == first || list[1].PhotoURL != mug.URL || list[1].Caption != "Mug" {
		t.Fatalf("%+v", list)
	}
	second := list[1].MessageID
	w.must(a.Tap("Go"))
	if list = w.tg.Messages(ann, ann); len(list) != 2 || list[1].MessageID != second || list[1].Caption != "Bowl" {
		t.Fatalf("a picture becomes another in place: %+v", list)
	}
	w.must(a.Tap("Go"))
	if list = w.tg.Messages(ann, ann); len(list) != 2 || list[1].Text != "Home again" || list[1].Photo != nil {
		t.Fatalf("%+v", list)
	}
}

func TestAPressInAGroupOpensThePrivateChat(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen {
		if ev.Action == "cart" {
			return with(screen("Your cart"), func(s *bots.Screen) { s.Path = "cart" })
		}
		return bots.Screen{Notice: "Added for " + ev.From.Name}
	})
	post := with(screen("Ann picks", b("Add", "cart add p1"), b("Cart", "cart")), func(s *bots.Screen) { s.Picture = mug })
	if _, err := w.bot.Send(t.Context(), bots.To{Chat: "-1001000"}, post, "n1"); err != nil {
		t.Fatal(err)
	}
	c := w.tg.Chatter(ben, "group")
	w.must(c.Tap("Add"))
	w.see(c, "Ann picks\n[Add]\n[Cart]\n(Added for Ben)")
	if ev := w.shop.last(t); ev.From.ID != "102" || ev.Chat.Private || ev.Chat.Title != "Makers" || !ev.On.Picture {
		t.Errorf("%+v", ev)
	}
	w.must(c.Tap("Cart"))
	w.see(c, "Your cart")
	if ev := w.shop.last(t); ev.Action != "cart" || !ev.Chat.Private {
		t.Errorf("%+v", ev)
	}
	for _, m := range w.tg.Messages(ann, group) {
		if strings.Contains(m.Text, "cart") {
			t.Errorf("shown to the group: %s", m.Text)
		}
	}
}

func TestACommandInAGroupShowsTheDoor(t *testing.T) {
	cart := with(screen("Your cart"), func(s *bots.Screen) {
		s.Path, s.Door = "cart", &bots.Door{Text: "Just for you", Label: "Open the shop"}
	})
	w := newWorld(t, pages(map[string]bots.Screen{"cart": cart}))
	topic := w.tg.AddTopic(group, "Mugs")
	w.must(w.tg.As(ann).SayIn(group, topic, "/Cart@Souk_bot  two words "))
	if ev := w.shop.last(t); ev.Action != "cart" || ev.Text != "two words" || ev.Chat.Thread != "1" || ev.Chat.Private {
		t.Errorf("%+v", ev)
	}
	c := w.tg.Chatter(ann, "group")
	w.see(c, "Just for you\n[Open the shop]")
	list := w.tg.Messages(ann, group)
	if door := list[len(list)-1]; door.ThreadID != topic || door.ReplyTo == nil {
		t.Errorf("%+v", door)
	}
	w.must(c.Tap("Open"))
	w.see(c, "Your cart")
	heard := len(w.shop.events)
	w.must(w.tg.As(ann).Say(group, "/cart@other_bot"))
	if len(w.shop.events) != heard {
		t.Error("another bot's command was heard")
	}
}

func TestDeepLinks(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen { return screen("at " + string(ev.Action)) })
	c := w.tg.Chatter(ann, "private")
	for param, want := range map[string]string{"": "start", "product_abc": "product abc", "Bad__-": "start", "cart": "cart"} {
		w.must(w.tg.As(ann).Start(param))
		w.see(c, "at "+want)
	}
}

func TestKeepLeavesTheMessage(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen {
		if ev.Action == "start" {
			return screen("Home", []bots.Button{{Label: "Help", Action: "help me", Keep: true}})
		}
		return screen("Help")
	})
	c := w.tg.Chatter(ann, "private")
	w.must(c.Say("/start"))
	w.must(c.Tap("Help"))
	if ev := w.shop.last(t); !ev.Keep || ev.Action != "help me" {
		t.Errorf("%+v", ev)
	}
	if all := c.All(); all != "Ann: /start\n---\nHome\n[Help]\n---\nHelp" {
		t.Errorf("%s", all)
	}
}

func TestANoticeAlone(t *testing.T) {
	w := newWorld(t, pages(map[string]bots.Screen{"start": screen("Home", b("Follow", "follow")), "follow": {Notice: "You follow Ann"}, "say hm": {Notice: "Pardon?"}}))
	c := w.tg.Chatter(ann, "private")
	w.must(c.Say("/start"))
	w.must(c.Tap("Follow"))
	w.see(c, "Home\n[Follow]\n(You follow Ann)")
	w.must(c.Say("hm"))
	w.see(c, "Pardon?")
	w.must(c.Say("nothing to say to that"))
	w.see(c, "Pardon?")
}

func TestAFormAsksStepByStep(t *testing.T) {
	form := bots.Form{Action: "address", Title: "Where to?", Cancel: bots.Button{Label: "Cancel", Action: "home"}, Fields: []bots.Field{{Key: "name", Label: "Name", Hint: "Ann Potter"}, {Key: "city", Label: "City"}}}
	second := form
	second.Step = 1
	w := newWorld(t, pages(map[string]bots.Screen{"start": {Form: &form}, "say Ann": {Form: &second}, "say Berlin": screen("Thanks"), "home": screen("Home")}))
	c := w.tg.Chatter(ann, "private")
	w.must(c.Say("/start"))
	w.see(c, "Where to? (1/2)\nName\nAnn Potter\n[Cancel]")
	w.must(c.Say("Ann"))
	w.see(c, "Where to? (2/2)\nCity\n[Cancel]")
	w.must(c.Say("Berlin"))
	w.see(c, "Thanks")
	w.must(c.Tap("Cancel"))
	w.see(c, "Home")
}

func TestAFileIsHandedOver(t *testing.T) {
	file := with(screen("Your data"), func(s *bots.Screen) { s.File = &bots.File{Name: "souk.json", Data: []byte("{}")} })
	w := newWorld(t, pages(map[string]bots.Screen{"privacy": file}))
	c := w.tg.Chatter(ann, "private")
	w.must(c.Say("/privacy"))
	if name, data := c.File(); name != "souk.json" || string(data) != "{}" {
		t.Errorf("%s %s", name, data)
	}
}

func TestSharingAProduct(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen {
		if ev.Action == "start" {
			return screen("Home", []bots.Button{{Label: "Share", Action: "share mug", Share: "mug"}})
		}
		return with(screen("Product"), func(s *bots.Screen) { s.Path = "product mug" })
	})
	w.shop.suggest = func(ev bots.Event, limit int) []bots.Suggestion {
		return []bots.Suggestion{{Value: "mug", Title: "Mug <1>", Screen: with(screen("Mug for "+ev.Text, b("Buy", "product mug")), func(s *bots.Screen) { s.Picture = mug })}}
	}
	w.tg.AddGroup(sandbox.Group{ID: -1009, Title: "Elsewhere", Members: []int64{ann, ben}, NoBot: true})
	w.must(w.tg.As(ann).Start(""))
	tapped, err := w.tg.As(ann).Tap(ann, 2, 0, 0)
	if err != nil || tapped.Inline != "mug" {
		t.Fatalf("%+v %v", tapped, err)
	}
	results, err := w.tg.As(ann).Inline(tapped.Inline)
	if err != nil || len(results) != 1 || results[0].Title != "Mug <1>" {
		t.Fatalf("%+v %v", results, err)
	}
	w.must(w.tg.As(ann).PickInline(-1009, results[0]))
	c := w.tg.Chatter(ben, "Elsewhere")
	w.see(c, "Mug for mug\n[Buy]")
	w.must(c.Tap("Buy"))
	w.see(c, "Product")
	if ev := w.shop.last(t); ev.Action != "product mug" || !ev.Chat.Private {
		t.Errorf("%+v", ev)
	}
}

func TestPublicScreensChangeThePost(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen {
		return with(screen("2 of 10 joined", b("Join", "drop join d1")), func(s *bots.Screen) { s.Public, s.Notice = true, "You are in" })
	})
	if _, err := w.bot.Send(t.Context(), bots.To{Chat: "-1001000"}, screen("1 of 10 joined", b("Join", "drop join d1")), "n"); err != nil {
		t.Fatal(err)
	}
	c := w.tg.Chatter(ann, "group")
	w.must(c.Tap("Join"))
	w.see(c, "2 of 10 joined\n[Join]\n(You are in)")
	if n := len(w.tg.Messages(ann, group)); n != 1 {
		t.Errorf("%d messages", n)
	}
}

func TestComingAndGoing(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen {
		if ev.Kind == bots.Enter && !ev.Chat.Private {
			return screen("Hello, " + ev.Chat.Title)
		}
		return bots.Screen{}
	})
	w.must(w.tg.As(ann).Start(""))
	w.must(w.tg.As(ann).Block())
	if ev := w.shop.last(t); ev.Kind != bots.Leave || !ev.Chat.Private || ev.From.ID != "101" {
		t.Errorf("%+v", ev)
	}
	w.must(w.tg.As(ann).Unblock())
	if ev := w.shop.last(t); ev.Kind != bots.Enter || !ev.Chat.Private {
		t.Errorf("%+v", ev)
	}
	w.must(w.tg.As(ann).RemoveBot(group))
	if ev := w.shop.last(t); ev.Kind != bots.Leave || ev.Chat.ID != "-1001000" {
		t.Errorf("%+v", ev)
	}
	w.must(w.tg.As(ann).AddBot(group))
	w.see(w.tg.Chatter(ann, "group"), "Hello, Makers")
}

func TestButtonsOfAStrangersClient(t *testing.T) {
	w := newWorld(t, func(ev bots.Event) bots.Screen { return screen("Home") })
	w.must(w.tg.As(ann).Start(""))
	for _, data := range []string{"", "cart add'; --", "CART", "a  b", strings.Repeat("a", 200), "é", "++", "+"} {
		w.must(w.tg.As(ann).Press(ann, 2, data))
		if ev := w.shop.last(t); ev.Action != "" {
			t.Errorf("%q became the action %q", data, ev.Action)
		}
	}
}
