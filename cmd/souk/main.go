// Command souk is the shop inside the chat: it previews, serves, checks and
// looks after one. `souk --help` lists what it can do, and `souk COMMAND
// --help` is the manual of each.
//
// main is thin: it reads the command line, hands over to the command in the
// file of its name, and turns what comes back into an exit code.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
)

// cli lists the commands.
type cli struct {
	Preview  previewCmd  `cmd:"" help:"Show a working shop in the browser, with no token and no server."`
	Serve    serveCmd    `cmd:"" help:"Run the shop."`
	Import   importCmd   `cmd:"" help:"Take a product feed over into the catalogue."`
	Orders   ordersCmd   `cmd:"" help:"List orders, and ship, cancel or refund one."`
	Codes    codesCmd    `cmd:"" help:"Make codes of a promotion that serve once each, and list them."`
	Books    booksCmd    `cmd:"" help:"Show the books, and hold a day of them against Stripe."`
	Payouts  payoutsCmd  `cmd:"" help:"List what brands get of their sales, and what became of it."`
	Disputes disputesCmd `cmd:"" help:"List payments that cardholders dispute with their banks."`
	Rehearse rehearseCmd `cmd:"" help:"Play a planned drop through, with made-up members."`
	Drops    dropsCmd    `cmd:"" help:"Show what drops brought, from those reached to what is left of the money."`
	Verify   verifyCmd   `cmd:"" help:"Check the draw of a group drop, offline."`
	Migrate  migrateCmd  `cmd:"" help:"Bring the database up to date."`
	Doctor   doctorCmd   `cmd:"" help:"Check everything that serve needs, live."`
	Check    checkCmd    `cmd:"" help:"Find everything that is wrong with a configuration."`
	Schema   schemaCmd   `cmd:"" help:"Print the JSON Schema of a configuration."`

	RehearseProcess rehearseProcessCmd `cmd:"" hidden:""`

	Healthcheck healthcheckCmd `cmd:"" help:"Ask a running shop whether it lives."`

	Version kong.VersionFlag `help:"Print which version this is."`
}

// environment is what a command has of the outside world.
type environment struct {
	ctx            context.Context
	getenv         func(string) (string, bool)
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Exit codes.
const (
	exitOK    = 0
	exitWrong = 1 // something is wrong, and it was said what
	exitUsage = 2 // the command line cannot be read
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	code := run(ctx, os.Args[1:], environment{getenv: os.LookupEnv, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr})
	stop()
	os.Exit(code)
}

// run carries out one command line and returns its exit code.
func run(ctx context.Context, args []string, env environment) int {
	env.ctx = ctx
	var c cli
	asked := -1
	parser, err := kong.New(&c, kong.Name("souk"), kong.Description("The shop inside the chat."),
		kong.Vars{"version": "souk " + version()},
		kong.Writers(env.stdout, env.stderr), kong.Exit(func(code int) { asked = code }))
	if err != nil {
		fmt.Fprintln(env.stderr, "souk:", err)
		return exitUsage
	}
	switch {
	case len(args) == 0: // not knowing what to do is no success
		parser.Stdout = env.stderr
		_, _ = parser.Parse([]string{"--help"})
		return exitUsage
	case args[0] == "help":
		args = append(slices.Clone(args[1:]), "--help")
	}
	command, err := parser.Parse(args)
	if asked >= 0 { // --help, --version
		return asked
	}
	if err != nil {
		fmt.Fprintf(env.stderr, "souk: %v\nTry souk --help.\n", err)
		return exitUsage
	}
	switch err := command.Run(&env); {
	case err == nil:
		return exitOK
	case errors.Is(err, errUnwell):
		return exitWrong
	default:
		fmt.Fprintln(env.stderr, err)
		return exitWrong
	}
}

// version names this build, by the module's version or by its commit.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	name, commit, changed := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = " with changes"
		}
	}
	if (name == "" || name == "(devel)") && commit != "" {
		return commit + changed
	}
	return cmp.Or(name, "(devel)")
}
