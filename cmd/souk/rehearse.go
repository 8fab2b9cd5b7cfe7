package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/rehearse"
	"github.com/soukchat/souk/config"
)

// rehearseCmd is `souk rehearse`.
type rehearseCmd struct {
	Config  string `arg:"" help:"File or folder of the configuration." type:"path"`
	Drop    string `arg:"" help:"The drop, by its name there."`
	Members int    `help:"How many members come; without it what the plan expects, or ten for each unit." placeholder:"N"`
	Seed    uint64 `default:"1" help:"The same seed makes the same crowd."`
	Report  string `help:"Where the page goes; without it drop-NAME.html in this folder." type:"path" placeholder:"FILE"`
}

// Help is the manual.
func (rehearseCmd) Help() string {
	return `Plays a planned drop from its announcement to its end, on this machine: the whole
shop against stand-ins for Telegram, Discord and Stripe, with made-up members.
Nothing leaves the machine, no token and no server is needed, and nobody is told.
The clock is moved, so that a drop that opens next month takes a minute.

It makes everything go wrong that does on such a day: bots that press a hundred
times, winners who pay late or never, messages of Stripe that are late or lost,
and the program's process is killed in the middle of the rush (kill -9), after which
another takes over. Where a plan is for some members, others come too. To a group
price members come until it closes: cards are declined, some leave again, and the
process is killed while the cards are charged.

The exit code is 0 where the plan holds, 1 where it would fail, with the reason
and what to change, 2 where the command line cannot be read. The page it writes
is for everybody who has a part in the drop.`
}

// Validate holds the flags to what they can be.
func (c *rehearseCmd) Validate() error {
	if c.Members < 0 || c.Members > 50_000 || c.Members > 0 && c.Members < 10 {
		return fmt.Errorf("--members is from 10 to 50000")
	}
	return nil
}

// Run rehearses the drop and writes the page.
func (c *rehearseCmd) Run(e *environment) error {
	cfg, err := config.LoadPreview(c.Config, e.getenv)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "souk-rehearse-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	say, clear := rehearsing(e)
	report, err := rehearse.Run(e.ctx, rehearse.Options{Config: cfg, Drop: c.Drop, Dir: dir, Members: c.Members, Seed: c.Seed, Progress: say})
	clear()
	if err != nil {
		return err
	}
	report.Text(e.stdout)
	if c.Report == "" {
		c.Report = "drop-" + c.Drop + ".html"
	}
	page, err := os.Create(c.Report)
	if err == nil {
		err = errors.Join(report.Page(page), page.Close())
	}
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	fmt.Fprintf(e.stdout, "The page is %s.\n", c.Report)
	if report.Fails() {
		return errUnwell
	}
	return nil
}

// rehearseProcessCmd is the program in a rehearsal, in a process that is killed.
type rehearseProcessCmd struct{}

// Run is it.
func (rehearseProcessCmd) Run(e *environment) error {
	return rehearse.Process(e.ctx, e.getenv, e.stdin, e.stdout)
}

// rehearsing shows one line on a terminal, redrawn; elsewhere a line for each thing begun.
func rehearsing(e *environment) (say func(string, float64), clear func()) {
	terminal := false
	if f, ok := e.stderr.(*os.File); ok {
		info, err := f.Stat()
		terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	last, drawn := "", time.Time{}
	return func(doing string, done float64) {
			switch {
			case terminal && (doing != last || time.Since(drawn) > 200*time.Millisecond):
				fmt.Fprintf(e.stderr, "\r\x1b[K%3.0f %%  %s", 100*done, doing)
				drawn = time.Now()
			case !terminal && strings.TrimLeft(doing, "0123456789 ") != strings.TrimLeft(last, "0123456789 "):
				fmt.Fprintf(e.stderr, "%3.0f %%  %s\n", 100*done, doing)
			}
			last = doing
		}, func() {
			if terminal {
				fmt.Fprint(e.stderr, "\r\x1b[K")
			}
		}
}
