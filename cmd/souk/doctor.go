package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
)

// doctorCmd is `souk doctor`.
type doctorCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
	Fix    bool   `help:"Create the webhook endpoint at Stripe and write its secret to stripe.webhook_secret_file."`

	standIns `embed:""`
}

// Help is the manual.
func (doctorCmd) Help() string {
	return `Checks everything that serve needs, live, a line each: the configuration, the
database and its tables, what must always hold about money and goods, Redis,
the folder of the pictures, each bot's token and webhook, Stripe's key and
webhook endpoint, and the shop's own address. Under each line that is not well
stands what to do about it.

  souk doctor shop.yaml

--fix creates the webhook endpoint at Stripe with the API version the shop
speaks, and writes its signing secret to stripe.webhook_secret_file (mode 0600).
Stripe tells the secret only then. An endpoint that is there is left as it is.

The exit code is 0 where all is well, 1 where something is not, 2 where the
command line cannot be read. No secret is printed. What can be known without the
network is souk check's.`
}

// errUnwell makes the exit code 1; everything has been said already.
var errUnwell = errors.New("")

// finding is one line of the doctor's.
type finding struct {
	what string
	err  error
	todo string
}

// Run looks at everything and says what it found.
func (c *doctorCmd) Run(e *environment) error {
	cfg, err := config.Load(c.Config, e.getenv)
	if err != nil {
		return err
	}
	redis.SetLogger(redisLog{slog.New(slog.DiscardHandler)}) // what is wrong with it stands in its line
	d := &doctor{cfg: cfg, out: e.stdout}
	d.say(finding{"configuration", acceptable(cfg), "mend it; souk check " + c.Config + " shows all of it"})
	d.database(e.ctx)
	d.redis(e.ctx)
	d.media()
	d.bots(e.ctx, c)
	d.stripe(e.ctx, c)
	d.address(e.ctx)
	if d.unwell {
		return errUnwell
	}
	return nil
}

type doctor struct {
	cfg    *config.Config
	out    io.Writer
	unwell bool
}

func (d *doctor) say(f finding) {
	if f.err == nil {
		fmt.Fprintf(d.out, "ok    %s\n", f.what)
		return
	}
	d.unwell = true
	fmt.Fprintf(d.out, "FAIL  %s: %v\n      → %s\n", f.what, f.err, f.todo)
}

func (d *doctor) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	db, err := database.Open(ctx, d.cfg.Database.URL.Reveal())
	d.say(finding{"database answers", err, "start it, or mend database.url"})
	if err != nil {
		return
	}
	defer db.Close()
	pending, err := db.Pending(ctx)
	if err == nil && pending {
		err = errors.New("steps are missing")
	}
	d.say(finding{"tables are up to date (" + db.Engine() + ")", err, "make a backup, then run souk migrate"})
	if err != nil {
		return
	}
	broken, _, err := checkout.Audit(ctx, db)
	if err == nil && len(broken) > 0 {
		err = errors.New(strings.Join(broken, "; "))
	}
	d.say(finding{"money and goods add up", err, "stop selling, keep a copy of the database, and report this: it must never be"})
	before := 0
	lines, last, err := moderation.Verify(ctx, db, func(l moderation.Line) error {
		if l.Guessable {
			before++
		}
		return nil
	})
	what := fmt.Sprintf("moderation log: %d lines as they were written, the last is %.16s", lines, cmp.Or(last, "none"))
	if before > 0 {
		what += fmt.Sprintf("; %d are of before digests had a salt: short words can be guessed from those", before)
	}
	d.say(finding{what, err, "keep a copy of the database, and ask who can write to it"})
}

func (d *doctor) redis(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	client, err := live.Dial(d.cfg.Redis.URL)
	if err == nil {
		defer client.Close()
		err = live.New(client, commerce.SystemClock{}).Ping(ctx)
	}
	d.say(finding{"redis answers", err, "start it, or mend redis.url"})
}

func (d *doctor) media() {
	err := os.MkdirAll(d.cfg.Media.Dir, 0o755)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(d.cfg.Media.Dir, ".doctor-"); err == nil {
			f.Close()
			err = os.Remove(f.Name())
		}
	}
	d.say(finding{"pictures can be kept", err, "make media.dir writable for this user"})
}

func (d *doctor) bots(ctx context.Context, c *doctorCmd) {
	bots, err := app.MakeBots(d.cfg, app.Options{Telegram: c.TelegramAPI, Discord: c.DiscordAPI, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		d.say(finding{"bots", err, "mend the bots in the configuration"})
		return
	}
	for _, name := range slices.Sorted(maps.Keys(bots)) {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		todo := "check its token; if the webhook is not set yet, souk serve sets it when it starts"
		if bots[name].Platform() == "discord" {
			todo = "check token, application and public_key; souk serve sets the interactions address when it starts"
		}
		d.say(finding{fmt.Sprintf("bot %s (%s)", name, bots[name].Platform()), bots[name].Probe(ctx), todo})
		cancel()
	}
}

func (d *doctor) stripe(ctx context.Context, c *doctorCmd) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s := payments.New(payments.Config{Key: d.cfg.Stripe.SecretKey, Endpoint: c.StripeAPI})
	account, err := s.Account(ctx)
	if err == nil && !account.Charges && s.Livemode() { // test mode takes test cards all the same
		err = errors.New("the account cannot take payments yet")
	}
	d.say(finding{"stripe takes the key", err, "check stripe.secret_key, and finish the account's activation in Stripe's dashboard"})
	if err != nil {
		return
	}
	url := strings.TrimRight(d.cfg.Shop.URL, "/") + "/stripe"
	state, err := s.Endpoint(ctx, url)
	todo := "look whether Stripe answers, and whether the key may read webhook endpoints"
	switch {
	case err != nil:
	case state.ID == "" && c.Fix:
		err = d.createEndpoint(ctx, s, url)
		todo = "make it possible to write that file, and let the key write webhook endpoints"
	case state.ID == "":
		err = errors.New("there is none for " + url)
		todo = "run souk doctor --fix"
	case !state.Good():
		err = endpointProblem(state)
		todo = "delete it in Stripe's dashboard, then run souk doctor --fix: it cannot be mended"
	}
	d.say(finding{"stripe's webhook endpoint", err, todo})
	secrets, err := d.cfg.WebhookSecrets()
	if err == nil && len(secrets) == 0 {
		err = errors.New("none is configured")
	}
	todo = "set stripe.webhook_secret_file and run souk doctor --fix, which makes the endpoint and writes its secret there"
	if state.ID != "" {
		todo = "Stripe's dashboard shows it at the endpoint: put it into stripe.webhook_secret_file, or into the variable of stripe.webhook_secret"
	}
	d.say(finding{"stripe's signing secret", err, todo})
}

func endpointProblem(e payments.EndpointState) error {
	var list []string
	if !e.Enabled {
		list = append(list, "it is switched off")
	}
	if e.APIVersion != payments.APIVersion {
		list = append(list, fmt.Sprintf("its API version is %s and must be %s", cmp.Or(e.APIVersion, "the account's"), payments.APIVersion))
	}
	if len(e.Missing) > 0 {
		list = append(list, "it is not sent "+strings.Join(e.Missing, ", "))
	}
	return errors.New(strings.Join(list, "; "))
}

// createEndpoint makes the endpoint and keeps its secret. The file is opened
// before Stripe is asked: a secret that cannot be written is lost.
func (d *doctor) createEndpoint(ctx context.Context, s *payments.Stripe, url string) error {
	path := d.cfg.Stripe.WebhookSecretFile
	if path == "" {
		return errors.New("stripe.webhook_secret_file is not set: there is nowhere to write the secret")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	secret, err := s.CreateEndpoint(ctx, url)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(f, secret.Reveal()); err != nil {
		return err
	}
	fmt.Fprintf(d.out, "      created %s, its secret is in %s\n", url, path)
	return f.Sync()
}

func (d *doctor) address(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(d.cfg.Shop.URL, "/")+"/healthz", nil)
	if err == nil {
		var resp *http.Response
		if resp, err = http.DefaultClient.Do(req); err == nil {
			resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				err = fmt.Errorf("it answers %s", resp.Status)
			}
		}
	}
	d.say(finding{"the shop answers at its own address", err, "start souk serve, and lead " + d.cfg.Shop.URL + " to it with https"})
}
