package rehearse

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/config"
)

// This file is the program as a process of its own, which can be killed: another
// one of this program, that shares the database, the media, Redis and the
// stand-ins with the one that rehearses.

// ProcessCommand is the command of souk that is Process.
const ProcessCommand = "rehearse-process"

// stage is what surrounds the program in a rehearsal. It is all that a process
// is told, by its standard input.
type stage struct {
	Config, Drop, Dir string
	URL, Redis        string
	DiscordKey        string
	Ahead             time.Duration // of its clock before the system's
}

// configuration points a copy of the configuration at the stand-ins: one bot a
// platform, which all chats are with. It is the same in every process.
func (s stage) configuration(declared *config.Config) (*config.Config, []*chat) {
	cfg := *declared
	cfg.Shop.URL = s.URL
	cfg.Database.URL = commerce.Secret("sqlite:" + filepath.Join(s.Dir, "souk.db"))
	cfg.Redis.URL = commerce.Secret(s.Redis)
	cfg.Media.Dir = filepath.Join(s.Dir, "media")
	cfg.Stripe = config.Stripe{SecretKey: stripeKey, WebhookSecret: webhookSecret}
	cfg.Drops = map[string]config.Drop{s.Drop: declared.Drops[s.Drop]}
	bots, of := map[string]config.Bot{}, map[string]string{}
	var tg, dc string
	for _, name := range slices.Sorted(maps.Keys(declared.Bots)) {
		switch b := declared.Bots[name]; {
		case b.Telegram != nil:
			if tg == "" {
				tg = name
				bots[tg] = config.Bot{Telegram: &config.Telegram{Token: telegramToken, Username: b.Telegram.Username}}
			}
			of[name] = tg
		case b.Discord != nil:
			if dc == "" {
				dc = name
				bots[dc] = config.Bot{Discord: &config.Discord{Application: application, PublicKey: s.DiscordKey, Token: discordToken}}
			}
			of[name] = dc
		}
	}
	var chats []*chat
	communities := map[string]config.Community{}
	for _, name := range slices.Sorted(maps.Keys(declared.Communities)) {
		c := declared.Communities[name]
		was := c.Chats
		c.Chats = nil
		for _, declaredChat := range was {
			bot := of[declaredChat.Bot]
			one := chat{platform: "telegram", id: strconv.Itoa(-1001000000001 - len(chats)), name: c.Name, community: name}
			if bots[bot].Discord != nil {
				one.platform, one.id = "discord", strconv.Itoa(200000000000000001+len(chats))
			}
			c.Chats = append(c.Chats, config.Chat{Bot: bot, ID: one.id})
			chats = append(chats, &one)
		}
		communities[name] = c
	}
	cfg.Bots, cfg.Communities = bots, communities
	return &cfg, chats
}

// run starts the program there.
func (s stage) run(ctx context.Context, opts app.Options) (*app.App, error) {
	opts.Listen, opts.Telegram, opts.Discord, opts.Stripe, opts.Offline = "127.0.0.1:0", s.URL, s.URL, s.URL, true
	a, err := app.New(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := a.Serve(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// ahead is a clock that runs so far before the system's.
type ahead time.Duration

func (a ahead) Now() time.Time { return time.Now().Add(time.Duration(a)) }

// Process is the program in a process of its own: it reads from its standard
// input on which stage, says at which address it serves, and ends with that
// input, so that it does not outlive who started it.
func Process(ctx context.Context, getenv func(string) (string, bool), in io.Reader, out io.Writer) error {
	var s stage
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return fmt.Errorf("a rehearsal starts this, and nobody else: %w", err)
	}
	declared, err := config.LoadPreview(s.Config, getenv)
	if err != nil {
		return err
	}
	cfg, _ := s.configuration(declared)
	a, err := s.run(ctx, app.Options{Config: cfg, Clock: ahead(s.Ahead), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	fmt.Fprintln(out, a.Addr())
	_, err = io.Copy(io.Discard, in)
	return errors.Join(err, a.Close())
}

// process is a running one.
type process struct {
	cmd  *exec.Cmd
	in   io.WriteCloser
	said bytes.Buffer // why it ended by itself
}

// startProcess has a process take over from the program that is here. The clock
// runs.
func (w *world) startProcess(ctx context.Context) error {
	w.mu.Lock()
	here := w.app
	w.app = nil
	w.mu.Unlock()
	w.door.shut()
	if err := here.Close(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	p := &process{cmd: exec.CommandContext(ctx, self, ProcessCommand)}
	p.cmd.Stderr = &p.said
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := p.cmd.Start(); err != nil {
		return err
	}
	w.process = p
	s := w.stage
	s.Ahead = w.clock.ahead()
	if err := json.NewEncoder(p.in).Encode(s); err != nil {
		return err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("start the program as a process of its own: %w", cmp.Or(w.killProcess(), err))
	}
	w.door.lead(strings.TrimSpace(address))
	return nil
}

// killProcess kills the program's process: who waits for an answer has none, and
// whatever it was doing is half done.
func (w *world) killProcess() error {
	err := w.process.kill()
	w.process = nil
	w.door.shut()
	return err
}

// kill is kill -9. A process that has ended by itself is an error.
func (p *process) kill() error {
	p.cmd.Process.Kill()
	p.cmd.Wait()
	if p.said.Len() > 0 {
		return errors.New(strings.TrimSpace(p.said.String()))
	}
	return nil
}
