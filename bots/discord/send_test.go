package discord_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/discord"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

func outcome(t *testing.T, err error) *bots.SendError {
	t.Helper()
	var problem *bots.SendError
	if !errors.As(err, &problem) {
		t.Fatalf("got %v, want a *bots.SendError", err)
	}
	if strings.Contains(err.Error(), token) {
		t.Errorf("the error holds the bot's token: %v", err)
	}
	return problem
}

func TestSendAndEdit(t *testing.T) {
	w := newWorld(t)
	to := bots.To{Chat: lounge, Thread: thread}
	id, err := w.bot.Send(t.Context(), to, bots.Screen{Text: bots.T("3 of 10 @everyone"), Rows: [][]bots.Button{{button("Join", "join")}}}, "one")
	w.must(err)
	again, err := w.bot.Send(t.Context(), to, bots.Screen{Text: bots.T("3 of 10 @everyone")}, "one")
	w.must(err)
	if again != id {
		t.Errorf("the same nonce made a second message")
	}
	w.must(w.bot.Edit(t.Context(), to, id, bots.Screen{Text: bots.T("4 of 10")}))
	got := w.messages(bob, thread)
	if len(got) != 1 || plain(got[0]) != "4 of 10" || len(got[0].Components) != 0 || got[0].EditedTimestamp == nil {
		t.Errorf("bob sees %+v", got)
	}
	long := strings.Repeat("a very long nonce ", 4)
	first, err := w.bot.Send(t.Context(), to, bots.Screen{Text: bots.T("x")}, long)
	w.must(err)
	if second, err := w.bot.Send(t.Context(), to, bots.Screen{Text: bots.T("x")}, long); err != nil || second != first {
		t.Errorf("a long nonce: %q then %q, %v", first, second, err)
	}
}

func TestSendAFile(t *testing.T) {
	w := newWorld(t)
	_, err := w.bot.Send(t.Context(), bots.To{Account: ann}, bots.Screen{Text: bots.T("Yours"), File: &bots.File{Name: "me.json", Data: []byte("{}")}}, "f")
	w.must(err)
	c := w.server.Chatter("ann", "private")
	if name, data := c.File(); name != "me.json" || string(data) != "{}" {
		t.Errorf("ann has %q with %q", name, data)
	}
	_, err = w.bot.Send(t.Context(), bots.To{Chat: lounge}, bots.Screen{Text: bots.T("Yours"), File: &bots.File{Name: "me.json", Data: []byte("{}")}}, "f")
	if outcome(t, err).Outcome != bots.Malformed {
		t.Errorf("into a group: %v", err)
	}
}

func TestSendErrors(t *testing.T) {
	hello := bots.Screen{Text: bots.T("Hello")}
	text := func(s string) bots.Screen { return bots.Screen{Text: bots.T(s)} }
	for _, c := range []struct {
		name    string
		to      bots.To
		screen  bots.Screen
		prepare func(*sandbox.Server)
		want    bots.Outcome
		after   time.Duration
	}{
		{"closed direct messages", bots.To{Account: ann}, hello, func(s *sandbox.Server) { s.CloseDMs(ann, true) }, bots.Refused, 0},
		{"unknown account", bots.To{Account: "999"}, hello, nil, bots.Gone, 0},
		{"no account", bots.To{Account: "ann"}, hello, nil, bots.Malformed, 0},
		{"unknown channel", bots.To{Chat: "999"}, hello, nil, bots.Gone, 0},
		{"a path for a channel", bots.To{Chat: "1/../2"}, hello, nil, bots.Malformed, 0},
		{"nothing", bots.To{Chat: lounge}, bots.Screen{}, nil, bots.Malformed, 0},
		{"a bad link", bots.To{Chat: lounge}, bots.Screen{Text: bots.T("x"), Rows: [][]bots.Button{{{Label: "x", Link: "nowhere"}}}}, nil, bots.Malformed, 0},
		{"missing permissions", bots.To{Chat: lounge}, text("souk-fail-403"), nil, bots.Refused, 0},
		{"500", bots.To{Chat: lounge}, text("souk-fail-500"), nil, bots.Unreachable, 0},
		{"502", bots.To{Chat: lounge}, text("souk-fail-502"), nil, bots.Unreachable, 0},
		{"dropped", bots.To{Chat: lounge}, text("souk-fail-drop"), nil, bots.Unreachable, 0},
		{"429", bots.To{Chat: lounge}, text("souk-fail-429"), nil, bots.TooFast, 2 * time.Second},
		{"429 of Cloudflare", bots.To{Chat: lounge}, text("souk-fail-html"), nil, bots.TooFast, time.Minute},
		{"cut before", bots.To{Chat: lounge}, hello, func(s *sandbox.Server) { s.Fail(sandbox.Fault{Path: "/messages"}) }, bots.Unreachable, 0},
		{"503", bots.To{Chat: lounge}, hello, func(s *sandbox.Server) { s.Fail(sandbox.Fault{Status: 503}) }, bots.Unreachable, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.prepare != nil {
				c.prepare(w.server)
			}
			_, err := w.bot.Send(t.Context(), c.to, c.screen, "n")
			if p := outcome(t, err); p.Outcome != c.want || p.RetryAfter != c.after {
				t.Errorf("got %v after %v (%v), want %v after %v", p.Outcome, p.RetryAfter, err, c.want, c.after)
			}
		})
	}
}

func TestEditErrors(t *testing.T) {
	w := newWorld(t)
	err := w.bot.Edit(t.Context(), bots.To{Chat: lounge}, "999", bots.Screen{Text: bots.T("x")})
	if outcome(t, err).Outcome != bots.Gone {
		t.Errorf("an unknown message: %v", err)
	}
	err = w.bot.Edit(t.Context(), bots.To{Chat: lounge}, "x", bots.Screen{Text: bots.T("x")})
	if outcome(t, err).Outcome != bots.Malformed {
		t.Errorf("no message: %v", err)
	}
}

// A route whose calls are used up is left alone until its time has come.
func TestLimitsAreKept(t *testing.T) {
	w := newWorld(t)
	w.server.Limit(true)
	to, hello := bots.To{Chat: lounge}, bots.Screen{Text: bots.T("Hello")}
	for range 5 {
		_, err := w.bot.Send(t.Context(), to, hello, "")
		w.must(err)
	}
	_, err := w.bot.Send(t.Context(), to, hello, "")
	if p := outcome(t, err); p.Outcome != bots.TooFast || p.RetryAfter != 5*time.Second {
		t.Errorf("the sixth: %v after %v", err, p.RetryAfter)
	}
	if _, err := w.bot.Send(t.Context(), bots.To{Chat: thread}, hello, ""); err != nil {
		t.Errorf("another channel: %v", err)
	}
	w.pass(5 * time.Second)
	if _, err := w.bot.Send(t.Context(), to, hello, ""); err != nil {
		t.Errorf("5 seconds later: %v", err)
	}
}

func TestCancelledCallsEndAtOnce(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := w.bot.Send(ctx, bots.To{Chat: lounge}, bots.Screen{Text: bots.T("x")}, "")
	if outcome(t, err).Outcome != bots.Unreachable {
		t.Error(err)
	}
}

// The token of an interaction stands in the address of what follows its
// answer, and must stay out of errors.
func TestInteractionTokenStaysOutOfTheLog(t *testing.T) {
	w := newWorld(t)
	for _, f := range []sandbox.Fault{{Path: "/webhooks/", Status: 403, Times: 20}, {Path: "/webhooks/", Times: 20}, {Path: "/webhooks/", Status: 400, Times: 20}} {
		w.server.Fail(f)
		w.talk.show("shop", bots.Screen{Text: bots.T("x"), File: &bots.File{Name: "x", Data: []byte("x")}})
		w.must(w.server.As(ann).Command(lounge, "shop", ""))
		w.bot.Wait()
	}
	log := w.log.String()
	if !strings.Contains(log, "did not arrive") || !strings.Contains(log, "/webhooks/"+application+"/…") {
		t.Errorf("the log says %q", log)
	}
	if strings.Contains(log, "aW50ZXJhY3Rpb246") {
		t.Errorf("the log holds an interaction's token:\n%s", log)
	}
}

func TestProbe(t *testing.T) {
	w := newWorld(t)
	w.must(w.bot.Probe(t.Context()))
	w.server.Fail(sandbox.Fault{Status: 401})
	if err := w.bot.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "token") {
		t.Errorf("a refused token: %v", err)
	}
	other, err := discord.New(discord.Config{ID: "main", Application: application, PublicKey: strings.Repeat("00", 32), Token: token, Endpoint: w.api.URL})
	w.must(err)
	if err := other.Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "public key") {
		t.Errorf("another key: %v", err)
	}
	for _, bad := range []discord.Config{{Application: application, PublicKey: "ab"}, {Application: "me", PublicKey: strings.Repeat("00", 32)}, {Application: application, PublicKey: strings.Repeat("zz", 32)}} {
		if _, err := discord.New(bad); err == nil {
			t.Errorf("New took %+v", bad)
		}
	}
}

// Register sets the interactions address where it is told one, which Discord
// accepts only if it answers as it should.
func TestRegisterSetsTheAddress(t *testing.T) {
	w := newWorld(t)
	register := func(hook string) error {
		bot, err := discord.New(discord.Config{ID: "main", Application: application, PublicKey: w.server.PublicKey(), Token: token, Endpoint: w.api.URL, Webhook: hook})
		w.must(err)
		if err := bot.Register(t.Context(), nil, bots.Scope{}); err != nil {
			return err
		}
		return bot.Probe(t.Context())
	}
	w.must(register(w.hook.URL + "/discord/main"))
	if err := register(w.api.URL); outcome(t, err).Outcome != bots.Malformed {
		t.Errorf("an address that does not answer a PING: %v", err)
	}
	if err := w.server.SetInteractionsURL(w.api.URL); err == nil {
		t.Error("the stand-in took an address that does not answer a PING")
	}
}

func TestCheckCommands(t *testing.T) {
	long := strings.Repeat("x", 101)
	good := map[string]string{"": "Fine"}
	for _, c := range []struct {
		name     string
		commands []bots.Command
		want     []string
	}{
		{"good", []bots.Command{{Name: "shop", Description: good}, {Name: "größe-1_x", Description: good}}, nil},
		{"twice", []bots.Command{{Name: "a", Description: good}, {Name: "a", Description: good}}, []string{"a"}},
		{"names", []bots.Command{{Name: "Shop", Description: good}, {Name: "a b", Description: good}, {Name: "", Description: good}, {Name: strings.Repeat("a", 33), Description: good}}, []string{"Shop", "a b", "", strings.Repeat("a", 33)}},
		{"texts", []bots.Command{{Name: "a", Description: map[string]string{"de": long}}}, []string{"a.description", "a.description.de"}},
		{"option", []bots.Command{{Name: "a", Description: good, Option: &bots.Option{Name: "X", Description: map[string]string{"": ""}}}}, []string{"a.option", "a.option.description"}},
		{"too many", make([]bots.Command, 101), nil},
	} {
		got := discord.CheckCommands(c.commands)
		if c.name == "too many" {
			if len(got) == 0 || got[0].Path != "" || !strings.Contains(got[0].Message, "101") {
				t.Errorf("%s: %v", c.name, got)
			}
			continue
		}
		var paths []string
		for _, p := range got {
			paths = append(paths, p.Path)
		}
		if strings.Join(paths, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: %v, want problems at %q", c.name, got, c.want)
		}
	}
}
