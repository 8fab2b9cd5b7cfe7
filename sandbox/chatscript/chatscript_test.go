// Package chatscript tells the shop's stories: plain-text scripts of what
// people do and see in the chats, each run on Telegram and on Discord against
// the whole program. They are the acceptance tests, and the tutorial.
//
// A script is a file in testdata, one command a line, with arguments quoted by
// single quotes; lines that begin with # are for the reader, and ! before a
// command says that it must fail, or that a text must not be there. The
// commands are listed in commands_test.go. `[telegram]` before a command runs
// it there only. With -v a story is a transcript of what everybody saw:
//
//	go test ./sandbox/chatscript -v -run TestStories/first-purchase/telegram
package chatscript

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/soukchat/souk/cmd/souk/preview"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/discord"
)

func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			where := platforms(file)
			if len(where) == 0 {
				t.Skip("told without the race detector, which watches every third story")
			}
			for _, platform := range where {
				t.Run(platform, func(t *testing.T) {
					t.Parallel()
					tell(t, file, platform)
				})
			}
		})
	}
}

// platforms are where a story is told: on both, and where SQLite is left out,
// because all of them were told on it before, on one of them. With the race
// detector too, which makes it ten times as dear, only every third is told.
func platforms(file string) []string {
	both := []string{"telegram", "discord"}
	if slices.Contains(databasetest.Engines(), "sqlite") {
		return both
	}
	sum := 0
	for _, b := range []byte(file) {
		sum += int(b)
	}
	if raced && sum%3 > 0 {
		return nil
	}
	return both[sum%2:][:1]
}

// tell runs one story on one platform, and checks the truths about money.
func tell(t *testing.T, file, platform string) {
	s := newStory(t, platform)
	asked := s.collect()
	testscript.RunT(inPlace{t}, testscript.Params{
		Files:               []string{file},
		Cmds:                s.commands(),
		RequireExplicitExec: true,
		Condition: func(cond string) (bool, error) {
			return cond == platform, nil
		},
	})
	asked.unscanned(s)
	s.check()
}

// story is a shop with people in front of it.
type story struct {
	*testing.T
	ctx      context.Context
	world    *preview.World
	clock    *clocktest.Clock
	config   *config.Config // as it is declared now
	platform string         // where the one who acts is
	main     string         // where the story is told
	who      string
	people   map[string]chatter // by name and platform
	page     string             // the last page of the pay link
	memory   memory
}

// chatter is a person in front of a chat, as both stand-ins have it.
type chatter interface {
	Say(text string) error
	Tap(label string) error
	TapOn(contains, label string) error
	Fill(values []string) error
	FillPhoto(values []string, photo []byte) error
	FillVideo(video []byte) error
	Screen() string
	All() string
	Go(place string)
	Link(label string) string
	File() (name string, data []byte)
}

func newStory(t *testing.T, platform string) *story {
	s := &story{T: t, ctx: context.Background(), clock: clocktest.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)),
		platform: platform, main: platform, people: map[string]chatter{}, memory: openMemory(t)}
	dir := t.TempDir()
	cfg, err := config.LoadPreview("testdata/shop/souk.yaml", os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	opts := preview.Options{Config: cfg, Listen: "127.0.0.1:0", Dir: dir, Clock: s.clock, Log: logger(t), Manual: true, Redis: s.memory.address, Guests: []string{"Cleo", "Dan"}}
	engines := databasetest.Engines()
	opts.Database = databasetest.Migrated(t, engines[len(engines)-1])
	if s.world, err = preview.Start(s.ctx, opts); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.world.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	s.config = s.world.App.Config
	s.rest()
	return s
}

// reload declares another configuration.
func (s *story) reload(cfg *config.Config) error {
	s.config = cfg
	return s.world.App.Reload(s.ctx, cfg)
}

// check is what holds after every story.
func (s *story) check() {
	s.rest()
	broken, cash, err := checkout.Audit(s.ctx, s.world.App.DB)
	if err != nil || len(broken) > 0 {
		s.Errorf("audit: %v, %v", broken, err)
	}
	for _, cur := range []string{"EUR", "CHF"} {
		if captured, refunded := s.world.Stripe.Taken(cur); cash[cur] != captured-refunded {
			s.Errorf("cash in the books is %d %s, at Stripe %d", cash[cur], cur, captured-refunded)
		}
		delete(cash, cur)
	}
	if len(cash) > 0 {
		s.Errorf("cash in currencies of no story: %v", cash)
	}
	s.checkGroups()
	for _, r := range s.world.Telegram.Refusals() {
		if r.Code == 403 {
			continue // a person who takes no messages: that can be
		}
		if strings.Contains(r.Text, "message is not modified") {
			continue // the same screen again, which people see as nothing
		}
		if strings.Contains(r.Text, "query is too old") {
			continue // the answer to an update that came again
		}
		if strings.Contains(r.Text, "file is too big") {
			continue // a video that Telegram does not hand out, which we learn by asking
		}
		s.Errorf("telegram refused what we sent: %+v", r)
	}
	for _, f := range s.world.Discord.Failures() {
		s.Errorf("discord refused what we answered: %+v", f)
	}
}

// checkGroups looks at what everybody in the groups can read: nothing there
// is anybody's own.
func (s *story) checkGroups() {
	public := map[string]string{}
	for _, m := range s.world.Telegram.Messages(s.world.People[0].Telegram, s.world.TelegramGroup) {
		public["telegram"] += s.written(m)
	}
	for _, m := range s.world.Discord.Messages(s.world.People[0].Discord, s.world.DiscordChannel) {
		if m.Flags&discord.FlagEphemeral == 0 {
			public["discord"] += s.written(m)
		}
	}
	private := []string{"Weg 1", "Ring 2", "Berlin"}
	err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT number FROM orders`, nil, func(scan func(...any) error) error {
			var number int64
			err := scan(&number)
			private = append(private, strconv.FormatInt(number, 10))
			return err
		})
	})
	if err != nil {
		s.Error(err)
	}
	private = append(private, "Total", "Goods:", "Your cart", "Your order", "Gesamt")
	for platform, text := range public {
		if text == "" {
			s.Errorf("nothing was posted in the group on %s", platform)
		}
		for _, word := range private {
			if strings.Contains(text, word) {
				s.Errorf("everybody in the group on %s can read %q:\n%s", platform, word, text)
			}
		}
	}
}

// written is all of a message, whatever part of it holds the words.
func (s *story) written(m any) string {
	data, err := json.Marshal(m)
	if err != nil {
		s.Error(err)
	}
	return string(data) + "\n"
}

func (s *story) rest() {
	s.Helper()
	if err := s.world.Rest(s.ctx); err != nil {
		s.Fatal(err)
	}
}

// wait makes time pass, with the shop at work all the while.
func (s *story) wait(d time.Duration) {
	for gone := time.Duration(0); d > 0; {
		step := min(d, 20*time.Second)
		if gone > time.Hour { // what is due within minutes has come to rest by then
			step = min(d, time.Hour)
		}
		gone += step
		s.clock.Wait(step)
		s.memory.pass(step)
		d -= step
		s.rest()
	}
}

// me is the person who acts.
func (s *story) me() chatter {
	key := s.who + "@" + s.platform
	if s.people[key] == nil {
		for _, p := range s.world.People {
			switch {
			case p.ID != s.who:
			case s.platform == "telegram":
				s.people[key] = s.world.Telegram.Chatter(p.Telegram, "group")
			default:
				s.people[key] = s.world.Discord.Chatter(p.Discord, "group")
			}
		}
	}
	if s.people[key] == nil {
		s.Fatalf("nobody is called %q", s.who)
	}
	return s.people[key]
}

// inPlace runs a script as part of the test that is running: its name is the
// story and the platform already.
type inPlace struct{ *testing.T }

func (t inPlace) Parallel()                            {}
func (t inPlace) Run(_ string, f func(t testscript.T)) { f(t) }
func (t inPlace) Verbose() bool                        { return testing.Verbose() }

func logger(t *testing.T) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}
