package discord_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/bots"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

func button(label string, a bots.Action) bots.Button { return bots.Button{Label: label, Action: a} }

func plain(m sandbox.Message) string { return sandbox.Plain(m.Content) }

func TestCommandInAGuildIsAnsweredAlone(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("Welcome"), Rows: [][]bots.Button{{button("Cart", "cart")}}})
	w.must(w.server.As(ann).Command(lounge, "shop", ""))
	got := w.newest(ann, lounge)
	if plain(got) != "Welcome" || got.Flags != sandbox.FlagEphemeral {
		t.Errorf("ann sees %q with flags %d", got.Content, got.Flags)
	}
	if n := len(w.messages(bob, lounge)); n != 0 {
		t.Errorf("bob sees %d messages, want none", n)
	}
	want := bots.Event{ID: w.talk.last().ID, Bot: "main", Kind: bots.Do, Action: "shop",
		From: bots.Person{Account: bots.Account{Platform: "discord", ID: ann}, Name: "Ann", Username: "ann", Locale: "de", Joined: time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)},
		Chat: bots.Chat{ID: lounge, Title: "lounge", Alone: true}}
	if diff := cmp.Diff(want, w.talk.last()); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	w.must(w.server.As(bob).Command(thread, "find", "  red shoes "))
	ev := w.talk.last()
	if ev.Chat.ID != lounge || ev.Chat.Thread != thread || ev.Text != "red shoes" || ev.From.Name != "bob" {
		t.Errorf("in a thread: %+v", ev)
	}
}

func TestPublicAnswer(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("For all"), Public: true})
	w.must(w.server.As(ann).Command(lounge, "shop", ""))
	if got := w.newest(bob, lounge); plain(got) != "For all" {
		t.Errorf("bob sees %q", got.Content)
	}
}

func TestPressOnAPostAnswersAlone(t *testing.T) {
	w := newWorld(t)
	id, err := w.bot.Send(t.Context(), bots.To{Chat: lounge}, bots.Screen{
		Text: bots.T("A pick"), Picture: &bots.Picture{URL: "https://shop.example/m/1", Alt: "Shoes"},
		Rows: [][]bots.Button{{button("Add", "add p1")}}}, "n1")
	w.must(err)
	w.talk.show("add p1", bots.Screen{Notice: "Added", Text: bots.T("Your cart"), Rows: [][]bots.Button{{button("Pay", "pay"), {Label: "More", Action: "more", Keep: true}}}})
	w.must(w.server.As(bob).Press(lounge, id, "add p1"))
	if on := w.talk.last().On; on == nil || *on != (bots.Message{ID: id, Picture: true}) {
		t.Errorf("pressed on %+v", on)
	}
	own := w.newest(bob, lounge)
	if plain(own) != "Added\n\nYour cart" || own.Flags&sandbox.FlagEphemeral == 0 {
		t.Errorf("bob sees %q", own.Content)
	}
	if got := w.messages(ann, lounge); len(got) != 1 || plain(got[0]) != "A pick" {
		t.Errorf("ann sees %v", got)
	}

	// On the answer itself a press edits it, and takes the rest away.
	w.talk.show("pay", bots.Screen{Text: bots.T("Pay here"), Rows: [][]bots.Button{{{Label: "Pay", Link: "https://shop.example/p/1"}}}})
	w.must(w.server.As(bob).Press(lounge, own.ID, "pay"))
	if got := w.messages(bob, lounge); len(got) != 2 || plain(got[1]) != "Pay here" || got[1].ID != own.ID {
		t.Errorf("bob sees %v", got)
	}
	if on := w.talk.last().On; on == nil || !on.Ephemeral {
		t.Errorf("pressed on %+v", on)
	}
}

func TestKeepLeavesTheMessage(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("Receipt"), Rows: [][]bots.Button{{{Label: "More", Action: "more", Keep: true}}}})
	w.talk.show("more", bots.Screen{Text: bots.T("More")})
	dm := w.server.DM(ann).ID
	w.must(w.server.As(ann).Command(dm, "shop", ""))
	w.must(w.server.As(ann).Press(dm, w.newest(ann, dm).ID, "+more"))
	if ev := w.talk.last(); !ev.Keep || ev.Action != "more" || !ev.Chat.Private {
		t.Errorf("event %+v", ev)
	}
	if got := w.messages(ann, dm); len(got) != 2 || plain(got[0]) != "Receipt" || plain(got[1]) != "More" {
		t.Errorf("ann sees %v", got)
	}
}

func TestDirectMessagesAreEdited(t *testing.T) {
	w := newWorld(t)
	id, err := w.bot.Send(t.Context(), bots.To{Account: ann}, bots.Screen{Text: bots.T("Hello"), Picture: &bots.Picture{URL: "https://shop.example/m/1", Alt: "x"}, Rows: [][]bots.Button{{button("On", "on")}}}, "n")
	w.must(err)
	dm := w.server.DM(ann).ID
	w.talk.show("on", bots.Screen{Text: bots.T("Next")})
	w.must(w.server.As(ann).Press(dm, id, "on"))
	got := w.messages(ann, dm)
	if len(got) != 1 || plain(got[0]) != "Next" || len(got[0].Embeds) != 0 || len(got[0].Components) != 0 || got[0].Flags != 0 {
		t.Errorf("ann sees %+v", got)
	}
}

func TestMenu(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Path: "sizes", Text: bots.T("Sizes"), Menu: &bots.Menu{Hint: "Choose", Choices: []bots.Choice{
		{Label: "S", Action: "size s"}, {Label: "M", Action: "size m", Description: "two left", Chosen: true}}}})
	w.must(w.server.As(ann).Command(lounge, "shop", ""))
	m := w.newest(ann, lounge)
	w.talk.show("size s", bots.Screen{Text: bots.T("Size S")})
	w.must(w.server.As(ann).Select(lounge, m.ID, "menu:sizes", "size s"))
	if got := w.newest(ann, lounge); plain(got) != "Size S" || got.ID != m.ID {
		t.Errorf("ann sees %q", got.Content)
	}
}

func address(problem string) bots.Screen {
	s := bots.Screen{Path: "address", Form: &bots.Form{Action: "address save", Title: "Where to?", Cancel: button("Cancel", "cart"), Fields: []bots.Field{
		{Key: "name", Label: "Name", Value: "Ann"}, {Key: "street", Label: "Street", Hint: "Main St 1", Long: true}, {Key: "floor", Label: "Floor", Optional: true, Max: 10}}}}
	if problem != "" {
		s.Notice = problem
	}
	return s
}

func TestForm(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("Cart"), Rows: [][]bots.Button{{button("Address", "address")}}})
	w.talk.show("address", address(""))
	w.talk.show("address save", address("The street is missing"))
	w.must(w.server.As(ann).Command(lounge, "shop", ""))
	cart := w.newest(ann, lounge)
	w.must(w.server.As(ann).Press(lounge, cart.ID, "address"))
	modal := w.server.Modal(ann)
	if modal == nil || modal.Title != "Where to?" || len(modal.Inputs()) != 3 || modal.Inputs()[0].Value != "Ann" {
		t.Fatalf("modal %+v", modal)
	}
	w.must(w.server.As(ann).Submit(map[string]string{"street": "–"}))
	if diff := cmp.Diff(map[string]string{"name": "Ann", "street": "–", "floor": ""}, w.talk.last().Values); diff != "" || w.talk.last().Kind != bots.Fill || w.talk.last().Action != "address save" {
		t.Errorf("event %+v (-want +got):\n%s", w.talk.last(), diff)
	}
	// A modal cannot follow a modal: the problem stands with a button to it.
	again := w.newest(ann, lounge)
	if again.ID != cart.ID || plain(again) != "The street is missing\n\nWhere to?" {
		t.Errorf("ann sees %q", again.Content)
	}
	w.must(w.server.As(ann).Press(lounge, again.ID, "address"))
	w.talk.show("address save", bots.Screen{Text: bots.T("Thanks")})
	w.must(w.server.As(ann).Submit(map[string]string{"street": "Main St 1"}))
	if got := w.newest(ann, lounge); plain(got) != "Thanks" || got.ID != cart.ID {
		t.Errorf("ann sees %q", got.Content)
	}
}

func TestFormFromACommand(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", address(""))
	w.talk.show("address save", bots.Screen{Text: bots.T("Thanks")})
	w.must(w.server.As(ann).Command(lounge, "shop", ""))
	w.must(w.server.As(ann).Submit(map[string]string{"street": "x"}))
	if got := w.newest(ann, lounge); plain(got) != "Thanks" || got.Flags&sandbox.FlagEphemeral == 0 {
		t.Errorf("ann sees %q", got.Content)
	}
}

func TestNoticeAlone(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("Cart"), Rows: [][]bots.Button{{button("Old", "old"), button("Nothing", "nothing")}}})
	w.talk.show("old", bots.Screen{Notice: "This is over"})
	dm := w.server.DM(ann).ID
	w.must(w.server.As(ann).Command(dm, "shop", ""))
	cart := w.newest(ann, dm)
	w.must(w.server.As(ann).Press(dm, cart.ID, "old"))
	if got := w.messages(ann, dm); len(got) != 2 || plain(got[0]) != "Cart" || plain(got[1]) != "This is over" || got[1].Flags&sandbox.FlagEphemeral == 0 {
		t.Errorf("ann sees %v", got)
	}
	// Nothing at all leaves everything as it is; a command is told so.
	w.must(w.server.As(ann).Press(dm, cart.ID, "nothing"))
	if n := len(w.messages(ann, dm)); n != 2 {
		t.Errorf("ann sees %d messages, want 2", n)
	}
	w.talk.show("shop", bots.Screen{})
	w.must(w.server.As(ann).Command(dm, "shop", ""))
}

func TestSuggestions(t *testing.T) {
	w := newWorld(t)
	w.talk.proposes = []bots.Suggestion{{Value: "v1", Title: "Shoes", Description: "€ 12"}, {Value: "v2", Title: strings.Repeat("x", 150)}, {Value: "", Title: "no value"}}
	got, err := w.server.As(ann).Autocomplete(lounge, "find", "sho")
	w.must(err)
	want := []sandbox.Choice{{Name: "Shoes · € 12", Value: "v1"}, {Name: strings.Repeat("x", 99) + "…", Value: "v2"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("choices (-want +got):\n%s", diff)
	}
	if ev := w.talk.last(); ev.Kind != bots.Suggest || ev.Action != "find" || ev.Text != "sho" {
		t.Errorf("event %+v", ev)
	}
	w.talk.proposes = nil
	if got, err := w.server.As(ann).Autocomplete(lounge, "find", ""); err != nil || len(got) != 0 {
		t.Errorf("without suggestions: %v, %v", got, err)
	}
	w.talk.panics = true
	if got, err := w.server.As(ann).Autocomplete(lounge, "find", ""); err != nil || len(got) != 0 {
		t.Errorf("with a panic: %v, %v", got, err)
	}
}

func TestFileFollowsInPrivate(t *testing.T) {
	w := newWorld(t)
	for _, place := range []string{lounge, w.server.DM(ann).ID} {
		for _, text := range []bots.Text{nil, bots.T("Here it is")} {
			w.talk.show("shop", bots.Screen{Text: text, File: &bots.File{Name: "me.json", Data: []byte("{}")}})
			w.must(w.server.As(ann).Command(place, "shop", ""))
			w.settle()
			got := w.newest(ann, place)
			if len(got.Attachments) != 1 || got.Attachments[0].Filename != "me.json" || got.Attachments[0].Size != 2 {
				t.Errorf("ann sees %+v", got)
			}
			if place == lounge && got.Flags&sandbox.FlagEphemeral == 0 {
				t.Errorf("the file can be seen by all")
			}
		}
	}
}

// slowly runs what a person does while the conversation takes longer than
// Discord waits, and lets it end afterwards.
func (w *world) slowly(do func() error) {
	w.t.Helper()
	w.after, w.talk.hold = make(chan chan time.Time, 4), make(chan struct{})
	result := make(chan error, 1)
	go func() { result <- do() }()
	timer := <-w.after
	timer <- w.Now()
	w.must(<-result)
	close(w.talk.hold)
	w.settle()
	w.after, w.talk.hold = nil, nil
}

func TestSlowConversation(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("At last"), Rows: [][]bots.Button{{button("On", "on"), button("Note", "note"), {Label: "Keep", Action: "keep", Keep: true}}}})
	w.talk.show("on", bots.Screen{Text: bots.T("Next"), Rows: [][]bots.Button{{button("Note", "note"), {Label: "Keep", Action: "keep", Keep: true}, button("Form", "form"), button("Public", "public"), button("None", "none")}}})
	w.talk.show("note", bots.Screen{Notice: "Noted"})
	w.talk.show("keep", bots.Screen{Text: bots.T("Kept")})
	w.talk.show("form", address(""))
	w.talk.show("public", bots.Screen{Text: bots.T("For all"), Public: true})

	p := w.server.As(ann)
	w.slowly(func() error { return p.Command(lounge, "shop", "") })
	first := w.newest(ann, lounge)
	if plain(first) != "At last" || first.Flags != sandbox.FlagEphemeral {
		t.Fatalf("ann sees %q with flags %d", first.Content, first.Flags)
	}
	w.slowly(func() error { return p.Press(lounge, first.ID, "on") })
	if got := w.newest(ann, lounge); plain(got) != "Next" || got.ID != first.ID {
		t.Errorf("an edit: ann sees %q", got.Content)
	}
	w.slowly(func() error { return p.Press(lounge, first.ID, "note") })
	if got := w.newest(ann, lounge); plain(got) != "Noted" || got.Flags != sandbox.FlagEphemeral {
		t.Errorf("a notice: ann sees %q with flags %d", got.Content, got.Flags)
	}
	w.slowly(func() error { return p.Press(lounge, first.ID, "+keep") })
	if got := w.newest(ann, lounge); plain(got) != "Kept" || got.Flags != sandbox.FlagEphemeral {
		t.Errorf("a new message: ann sees %q with flags %d", got.Content, got.Flags)
	}
	w.slowly(func() error { return p.Press(lounge, first.ID, "public") })
	if got := w.messages(bob, lounge); len(got) != 1 || plain(got[0]) != "For all" {
		t.Errorf("a public one: bob sees %v", got)
	}
	before := len(w.messages(ann, lounge))
	w.slowly(func() error { return p.Press(lounge, first.ID, "none") })
	if n := len(w.messages(ann, lounge)); n != before {
		t.Errorf("nothing: ann sees %d messages, want %d", n, before)
	}
	w.slowly(func() error { return p.Press(lounge, first.ID, "form") })
	if got := w.messages(ann, lounge)[0]; plain(got) != "Where to?" || got.Components[0].Components[0].CustomID != "address" {
		t.Errorf("a form: ann sees %q", got.Content)
	}
	for s, want := range map[bots.Action]int{"shop": 0, "note": 1} { // nothing, and a notice, after a command
		w.talk.show("shop", map[bots.Action]bots.Screen{"note": {Notice: "Noted"}}[s])
		before := len(w.messages(ann, lounge))
		w.slowly(func() error { return p.Command(lounge, "shop", "") })
		if n := len(w.messages(ann, lounge)) - before; n != want {
			t.Errorf("%s: %d messages more, want %d", s, n, want)
		}
	}
}

func TestPanicIsAnError(t *testing.T) {
	w := newWorld(t)
	w.talk.panics = true
	if err := w.server.As(ann).Command(lounge, "shop", ""); err == nil || !strings.Contains(err.Error(), "status 500") {
		t.Errorf("got %v", err)
	}
}

func TestLateAnswerIsLost(t *testing.T) {
	w := newWorld(t)
	w.talk.show("shop", bots.Screen{Text: bots.T("Welcome")})
	w.after = make(chan chan time.Time, 1)
	w.talk.hold = make(chan struct{})
	result := make(chan error, 1)
	go func() { result <- w.server.As(ann).Command(lounge, "shop", "") }()
	<-w.after
	w.pass(4 * time.Second)
	close(w.talk.hold)
	if err := <-result; err == nil {
		t.Error("an answer after 4 seconds was taken")
	}
	if len(w.messages(ann, lounge)) != 0 {
		t.Error("ann sees something")
	}
}
