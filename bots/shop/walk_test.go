package shop_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestWalk has people press whatever is on their screen, type anything, and
// send events twice: nothing fails on our side, every screen can be shown, and
// a repeat shows what was shown before.
func TestWalk(t *testing.T) {
	databasetest.Embedded(t)
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	walks := uint64(60)
	if testing.Short() {
		walks = 10
	}
	for seed := range walks {
		rng := rand.New(rand.NewPCG(seed, 1))
		var walkers []*person
		for i := range 2 {
			p := w.person(fmt.Sprint("walker", seed, "x", i))
			p.platform = [...]bots.Platform{"stepwise", "atonce"}[rng.IntN(2)]
			p.locale = [...]string{"en", "de-AT", "ja", ""}[rng.IntN(4)]
			p.do("start")
			walkers = append(walkers, p)
		}
		for range 60 {
			p := walkers[rng.IntN(2)]
			p.group = rng.IntN(12) == 0
			ev := step(rng, p)
			s := p.send(ev)
			if log := w.log.String(); strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN") {
				t.Fatalf("seed %d: %v %q %q: %s", seed, ev.Kind, ev.Action, ev.Text, log)
			}
			w.log.Reset()
			if rng.IntN(3) == 0 && s.File == nil && !strings.HasPrefix(string(ev.Action), "privacy erased") {
				ev.ID = p.lastID
				again := p.send(ev)
				if strings.HasPrefix(string(ev.Action), "cart ") {
					again.Notice, s.Notice = "", "" // "the last one is yours" where it was "added"
				}
				if plain(again) != plain(s) {
					t.Fatalf("seed %d: %v %q: the repeat shows\n%s\ninstead of\n%s", seed, ev.Kind, ev.Action, plain(again), plain(s))
				}
			}
			switch rng.IntN(40) {
			case 0:
				w.rest(0)
				w.clock.Wait(4 * time.Minute) // orders run out of time
			case 1:
				w.feed(strings.ReplaceAll(acme(), "11.90", fmt.Sprint(10+rng.IntN(5), ".50")))
			}
			if t.Failed() {
				t.Fatalf("seed %d: after %v %q %q", seed, ev.Kind, ev.Action, ev.Text)
			}
		}
	}
}

// step is what somebody does next: mostly what their screen offers, often the
// main thing on it.
func step(rng *rand.Rand, p *person) bots.Event {
	commands := []bots.Action{"start", "cart", "checkout", "feed", "orders", "all 0", "link", "cart pick cuppick", "cart pick lamppick", "pick sockpick", "nonsense"}
	texts := []string{"Ann", "Rose Street 1", "10115", "Berlin", "Germany", ".", "-", "tea", "ABCD2345", " \x00 ", strings.Repeat("𝕏*_<b>", 400)}
	text := texts[rng.IntN(len(texts))]
	command := bots.Event{Kind: bots.Do, Action: commands[rng.IntN(len(commands))]}
	if form := p.last.Form; form != nil && rng.IntN(10) > 0 {
		good := map[string]string{"query": text, "code": text}
		for k, v := range home {
			good[k] = v
		}
		if rng.IntN(4) == 0 {
			good[form.Fields[rng.IntN(len(form.Fields))].Key] = text
		}
		if p.platform == "atonce" {
			return bots.Event{Kind: bots.Fill, Action: form.Action, Values: good}
		}
		return bots.Event{Kind: bots.Say, Text: good[form.Fields[form.Step].Key]}
	}
	list := buttons(p.last)
	what := rng.IntN(12)
	switch {
	case what == 0:
		return bots.Event{Kind: bots.Say, Text: text}
	case what == 1 || len(list) == 0:
		return command
	}
	b := list[rng.IntN(len(list))]
	for _, main := range list {
		if main.Style == bots.Primary && main.Action != "" && what > 6 {
			b = main
		}
	}
	if b.Action == "" {
		return command
	}
	return bots.Event{Kind: bots.Do, Action: b.Action, Keep: b.Keep, On: &bots.Message{ID: "1", Ephemeral: p.group}}
}
