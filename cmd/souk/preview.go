package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/soukchat/souk/cmd/souk/preview"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/examples"
)

// previewCmd is `souk preview`.
type previewCmd struct {
	Config   string `arg:"" optional:"" help:"File or folder of the configuration; without one, an example community." type:"path"`
	Listen   string `default:"127.0.0.1:8080" help:"Address of the page; port 0 takes any free one."`
	Products string `help:"Product feed to sell instead of the configuration's. The picks are made from its first products." type:"existingfile"`
	Data     string `help:"Folder for the database and the pictures; without one they go when the preview ends." type:"path"`
	Open     bool   `help:"Open the page in the browser."`
	Verbose  bool   `help:"Show what the program logs."`
}

// Help is the manual.
func (previewCmd) Help() string {
	return `Runs the whole shop on this machine, with no token and no server: the data in
SQLite, stand-ins for Telegram, Discord and Stripe, and a page that shows the
two chats as their members would see them. Nothing leaves the machine.

Pay with a test card: 4242 4242 4242 4242 is paid, 4000 0000 0000 0002 is
declined, 4000 0027 6000 3184 asks for confirmation.

With CONFIG it shows that configuration: its secrets are not read. Stop it with
Ctrl-C.`
}

// Run serves the preview until the context ends.
func (c *previewCmd) Run(e *environment) error {
	dir := c.Data
	if dir == "" {
		temporary, err := os.MkdirTemp("", "souk-preview-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	cfg, err := c.load(e, dir)
	if err != nil {
		return err
	}
	level := slog.LevelError
	if c.Verbose {
		level = slog.LevelInfo
	}
	w, err := preview.Start(e.ctx, preview.Options{Config: cfg, Listen: c.Listen, Dir: dir, Products: c.Products,
		Log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level}))})
	if e.ctx.Err() != nil && err != nil {
		return nil // stopped before it was open
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s is open at %s\nStop it with Ctrl-C.\n", cfg.Shop.Name, w.URL)
	if c.Open {
		if err := openBrowser(w.URL); err != nil {
			fmt.Fprintf(e.stderr, "The browser could not be opened: open %s yourself.\n", w.URL)
		}
	}
	<-e.ctx.Done()
	return w.Close()
}

// load reads the given configuration, or unpacks the example.
func (c *previewCmd) load(e *environment, dir string) (*config.Config, error) {
	if c.Config != "" {
		return config.LoadPreview(c.Config, e.getenv)
	}
	example := filepath.Join(dir, "example")
	if err := os.RemoveAll(example); err != nil {
		return nil, err
	}
	if err := os.CopyFS(example, examples.Bazaar()); err != nil {
		return nil, fmt.Errorf("unpack the example: %w", err)
	}
	return config.LoadPreview(example, func(string) (string, bool) { return "", false })
}

func openBrowser(url string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", url).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url).Start()
	case "linux", "freebsd", "openbsd", "netbsd":
		return exec.Command("xdg-open", url).Start()
	}
	return errors.New("no way to open a browser is known here")
}
