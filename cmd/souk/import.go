package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/media"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/config"
)

// importCmd is `souk import`.
type importCmd struct {
	File   string `arg:"" help:"Product feed: a file, or an https address."`
	Config string `required:"" help:"File or folder of the configuration." type:"path"`
	Brand  string `help:"Brand that sells it, by its name in the configuration. Needed where there are several."`
	DryRun bool   `help:"Show what would change, and change nothing."`
	JSON   bool   `name:"json" help:"Print the result as JSON."`
}

// Help is the manual.
func (importCmd) Help() string {
	return `Takes a product feed over into the catalogue of a brand. It knows Shopify's
product CSV with its old and its new headers, and Google Merchant's
tab-separated text and XML; the content tells which it is.

  souk import products.csv --config shop.yaml --dry-run
  souk import products.csv --config shop.yaml --brand leaf

A product is known again by its handle, a variant by its SKU or its options.
What the last feed of the brand held and this one does not is hidden, never
deleted, and shown again when it returns. Stock moves by the difference to the
quantity the last feed told, so that what was sold here stays sold, and never
below what is held for somebody who is paying. A variant without an inventory
tracker is not counted; the policy "continue" lets it be ordered when sold out.

A line that cannot be taken is told with its number, the rest goes in. It is
one step: an error leaves everything as it was. A running shop shows the new
catalogue within a second.

--json prints products and variants in the feed, then how many products were
added, changed, unchanged and removed, then the problems by line.`
}

// Run takes the feed over.
func (c *importCmd) Run(e *environment) error {
	cfg, err := config.Load(c.Config, e.getenv)
	if err != nil {
		return err
	}
	return c.run(e.ctx, cfg, e.stdout, e.stderr)
}

func (c *importCmd) run(ctx context.Context, cfg *config.Config, stdout, stderr io.Writer) error {
	name, err := c.brand(cfg)
	if err != nil {
		return err
	}
	feed, err := c.read(ctx, cfg.Shop.Currency)
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, cfg.Database.URL.Reveal())
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	clock := commerce.SystemClock{}
	goods := catalog.New(db, clock)
	if !c.DryRun {
		if err := goods.DeclareBrands(ctx, app.Brands(cfg)); err != nil {
			return err
		}
	}
	bar := progress{out: stderr, on: isTerminal(stderr)}
	report, err := goods.Import(ctx, catalog.Import{
		Brand: app.BrandID(name), File: c.File, Feed: feed, Digital: cfg.Brands[name].Digital, DryRun: c.DryRun, Progress: bar.show,
	}, stock.New(db, clock))
	bar.clear()
	if err != nil && !errors.Is(err, catalog.ErrNothing) {
		return err
	}
	if err := c.print(stdout, name, report); err != nil {
		return err
	}
	if errors.Is(err, catalog.ErrNothing) {
		return fmt.Errorf("%s holds no product that can be sold; nothing was changed", c.File)
	}
	if c.DryRun {
		return nil
	}
	if other := cfg.Brands[name].Feed; other != "" && other != c.File {
		fmt.Fprintf(stderr, "Mind: the configuration names another feed for %s, which souk serve takes over when it starts: %s\n", name, withoutQuery(other))
	}
	return takePictures(ctx, cfg, db)
}

// brand returns the name of the brand that is meant.
func (c *importCmd) brand(cfg *config.Config) (string, error) {
	names := slices.Sorted(maps.Keys(cfg.Brands))
	switch {
	case c.Brand != "" && slices.Contains(names, c.Brand):
		return c.Brand, nil
	case len(names) == 0:
		return "", fmt.Errorf("%s names no brand", c.Config)
	case c.Brand != "":
		return "", fmt.Errorf("there is no brand %q in %s; there are: %s", c.Brand, c.Config, strings.Join(names, ", "))
	case len(names) > 1:
		return "", fmt.Errorf("%s names several brands: say which with --brand (%s)", c.Config, strings.Join(names, ", "))
	}
	return names[0], nil
}

func (c *importCmd) read(ctx context.Context, currency string) (*catalog.Feed, error) {
	if !catalog.Remote(c.File) {
		path, err := filepath.Abs(c.File)
		if err != nil {
			return nil, err
		}
		c.File = path // its pictures are found beside it, wherever the shop runs
	}
	r, err := catalog.OpenFeed(ctx, c.File)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	feed, err := catalog.ReadFeed(r, c.File, currency)
	var wrong *commerce.Error
	if errors.As(err, &wrong) && wrong.Err != nil {
		err = wrong.Err // without the id of its text, which is for chats
	}
	return feed, err
}

// takePictures stores the pictures beside the feed; those with an address are
// fetched by the running shop.
func takePictures(ctx context.Context, cfg *config.Config, db *database.DB) error {
	m, err := media.New(cfg.Media.Dir, db, commerce.SystemClock{})
	if err != nil {
		return fmt.Errorf("media.dir: %w", err)
	}
	return m.TakeFiles(ctx)
}

// shownChanges is how many changes a person is shown.
const shownChanges = 60

func (c *importCmd) print(out io.Writer, name string, r catalog.Report) error {
	if c.JSON {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	var b strings.Builder
	for _, p := range r.Problems {
		fmt.Fprintf(&b, "line %d: %s\n", p.Line, p.Message)
	}
	if c.DryRun {
		signs := map[catalog.ChangeKind]string{catalog.Added: "+", catalog.Changed: "~", catalog.Removed: "-"}
		for i, change := range r.Changes {
			if i == shownChanges {
				fmt.Fprintf(&b, "… and %d more\n", len(r.Changes)-i)
				break
			}
			fmt.Fprintf(&b, "%s %s (%s)", signs[change.Kind], change.Title, change.Handle)
			if len(change.What) > 0 {
				fmt.Fprintf(&b, ": %s", strings.Join(change.What, "; "))
			}
			b.WriteByte('\n')
		}
	}
	fmt.Fprintf(&b, "%s: %d products with %d variants in the feed: %d added, %d changed, %d unchanged, %d removed, %d problems\n",
		name, r.Products, r.Variants, r.Added, r.Changed, r.Unchanged, r.Removed, len(r.Problems))
	if c.DryRun {
		b.WriteString("Nothing was changed: this was a dry run.\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// withoutQuery leaves out the part of an address that may be a key.
func withoutQuery(address string) string {
	address, _, _ = strings.Cut(address, "?")
	return address
}

// progress shows how far it is, on a terminal only.
type progress struct {
	out  io.Writer
	on   bool
	last int // percent
}

func (p *progress) show(done, total int) {
	if percent := done * 100 / max(total, 1); p.on && percent != p.last {
		p.last = percent
		fmt.Fprintf(p.out, "\r%3d %% of %d rows", percent, total)
	}
}

func (p *progress) clear() {
	if p.on && p.last > 0 {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
