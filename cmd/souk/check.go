package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/discord"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/config"
)

// checkCmd is `souk check`.
type checkCmd struct {
	Config string `arg:"" help:"File or folder of the configuration."`
	Format string `enum:"text,json" default:"text" help:"How problems are printed: text or json."`
}

// Help is the manual.
func (checkCmd) Help() string {
	return `Finds everything that is wrong with a configuration, without asking anybody on
the network, and prints a line for each problem:

  file:line:col: path: message

It knows what the platforms take: a command name that Discord refuses, a menu
with more entries than fit, a name too long for a button, digital goods shown
in a Telegram chat. It reads the product feeds that lie beside the file and
looks up what the picks recommend. What is not wrong but should be known, as
where digital goods meet a platform's rules, is a line that begins with note:
and fails nothing. A variable that is not set is a problem;
secrets are never printed.

  souk check shop.yaml
  souk check shop.yaml --format json | jq '.[].message'

The exit code is 0 where nothing is wrong, 1 where something is, 2 where the
command line cannot be read. What only the network knows is souk doctor's.`
}

// Run checks and prints.
func (c *checkCmd) Run(e *environment) error {
	cfg, problems, err := check(c.Config, e.getenv)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		if problems == nil {
			problems = config.Problems{}
		}
		out := json.NewEncoder(e.stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(problems); err != nil {
			return err
		}
	} else if len(problems) > 0 {
		fmt.Fprintln(e.stdout, problems.Error())
	} else {
		for _, note := range digitalNotes(cfg) {
			fmt.Fprintln(e.stdout, "note:", config.Problems{note}.Error())
		}
		fmt.Fprintf(e.stdout, "%s is fine. Bots: %d. Communities: %d. Brands: %d. Creators: %d.\n",
			c.Config, len(cfg.Bots), len(cfg.Communities), len(cfg.Brands), len(cfg.Creators))
	}
	if len(problems) > 0 {
		return errUnwell
	}
	return nil
}

// check loads a configuration and asks every part that has rules of its own.
// The config package knows no part, and no part knows where a value stood: here
// the two are joined.
func check(path string, getenv func(string) (string, bool)) (*config.Config, config.Problems, error) {
	cfg, err := config.Load(path, getenv)
	var problems config.Problems
	if errors.As(err, &problems) {
		// Where only secrets and variables are missing, the rest can be looked
		// at all the same: every problem at once.
		if cfg, err = config.LoadPreview(path, getenv); err != nil {
			return nil, problems, nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, part := range []func(*config.Config) (config.Problems, error){checkTexts, checkCommands, checkProducts, checkServices, checkTelling} {
		found, err := part(cfg)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, found...)
	}
	return cfg, problems.Sort(), nil
}

func checkTexts(cfg *config.Config) (problems config.Problems, err error) {
	for _, p := range shop.CheckTexts(cfg.Texts) {
		problems = append(problems, cfg.Problem("texts."+p.Language+"."+p.ID, "%s", p.Message))
	}
	return problems, nil
}

// checkCommands asks each adapter that is used whether its platform takes the
// commands, with the admin's texts in them.
func checkCommands(cfg *config.Config) (problems config.Problems, err error) {
	s, err := shop.New(shop.Config{Clock: commerce.SystemClock{}, Settings: shop.Settings{
		Name: cfg.Shop.Name, Language: cfg.Shop.Language, Texts: cfg.Texts}})
	if err != nil {
		return nil, err
	}
	return commandProblems(cfg, s.Commands()), nil
}

func commandProblems(cfg *config.Config, commands []bots.Command) (problems config.Problems) {
	for _, name := range slices.Sorted(maps.Keys(cfg.Bots)) {
		switch cfg.Bots[name].Platform() {
		case "telegram":
			for _, p := range telegram.CheckCommands(commands) {
				problems = append(problems, cfg.Problem("bots."+name+".telegram", "commands: %s: %s", p.Path, p.Message))
			}
		case "discord":
			for _, p := range discord.CheckCommands(commands) {
				problems = append(problems, cfg.Problem("bots."+name+".discord", "commands: %s: %s", p.Path, p.Message))
			}
		}
	}
	return problems
}

// checkProducts looks up what picks recommend, and what codes, offers and
// prices are for, in the feeds that lie beside the file. What a feed elsewhere
// holds is not known here.
func checkProducts(cfg *config.Config) (problems config.Problems, err error) {
	sold, elsewhere := map[string]map[string][]string{}, map[string]bool{} // brand → handle → variants
	for _, brand := range slices.Sorted(maps.Keys(cfg.Brands)) {
		feed := cfg.Brands[brand].Feed
		if feed == "" || strings.Contains(feed, "://") {
			elsewhere[brand] = true
			continue
		}
		handles, err := readHandles(feed, cfg.Shop.Currency)
		if err != nil {
			var e *commerce.Error
			if errors.As(err, &e) && e.Err != nil {
				err = e.Err // its message is for members
			}
			reason := strings.TrimPrefix(err.Error(), feed+": ")
			problems = append(problems, cfg.Problem("brands."+brand+".feed", "cannot be read as a product feed: %s", reason))
			elsewhere[brand] = true
			continue
		}
		sold[brand] = handles
	}
	look := func(path string, items ...config.PickItem) {
		for i, item := range items {
			if message := lookUp(item, sold, elsewhere); message != "" {
				problems = append(problems, cfg.Problem(fmt.Sprintf(path, i), "%s", message))
			}
		}
	}
	for _, who := range slices.Sorted(maps.Keys(cfg.Creators)) {
		for i, pick := range cfg.Creators[who].Picks {
			look(fmt.Sprintf("creators.%s.picks[%d].products[%%d]", who, i), pick.Products...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Promotions)) {
		look("promotions."+name+".for.products[%d]", cfg.Promotions[name].For.Products...)
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Offers)) {
		look("offers."+name+".for.products[%d]", cfg.Offers[name].For.Products...)
	}
	for i, g := range cfg.Policies.Gates {
		look(fmt.Sprintf("policies.gates[%d].products[%%d]", i), g.Products...)
	}
	problems = append(problems, checkDrops(cfg, sold, elsewhere)...)
	for _, brand := range slices.Sorted(maps.Keys(cfg.Brands)) {
		var priced []config.PickItem
		for _, p := range cfg.Brands[brand].Prices {
			priced = append(priced, config.PickItem{Brand: brand, Product: p.Product, Variant: p.Variant})
		}
		look("brands."+brand+".prices[%d]", priced...)
	}
	return problems, nil
}

func readHandles(file, currency string) (map[string][]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	feed, err := catalog.ReadFeed(f, file, currency)
	if err != nil {
		return nil, err
	}
	handles := map[string][]string{}
	for _, p := range feed.Products {
		for _, v := range p.Variants {
			handles[p.Handle] = append(handles[p.Handle], strings.Join(v.Values, " / "))
		}
	}
	return handles, nil
}

// lookUp says what is wrong with an item of a pick, nothing where it is sold.
func lookUp(item config.PickItem, sold map[string]map[string][]string, elsewhere map[string]bool) string {
	var by, known []string
	for _, brand := range slices.Sorted(maps.Keys(sold)) {
		if item.Brand != "" && item.Brand != brand {
			continue
		}
		known = slices.AppendSeq(known, maps.Keys(sold[brand]))
		if sold[brand][item.Product] != nil {
			by = append(by, brand)
		}
	}
	switch {
	case len(by) > 1:
		return fmt.Sprintf("%q is sold by %s: say which with brand", item.Product, strings.Join(by, " and "))
	case len(by) == 0 && (item.Brand == "" && len(elsewhere) > 0 || elsewhere[item.Brand]):
		return ""
	case len(by) == 0:
		return fmt.Sprintf("no feed has a product %q%s", item.Product, config.DidYouMean(item.Product, known))
	case item.Variant == "":
		return ""
	}
	variants := sold[by[0]][item.Product]
	for _, v := range variants {
		if strings.EqualFold(v, item.Variant) {
			return ""
		}
	}
	return fmt.Sprintf("%q has no variant %q%s", item.Product, item.Variant, config.DidYouMean(item.Variant, variants))
}
