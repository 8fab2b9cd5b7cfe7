package examples_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/examples"
)

var env = map[string]string{
	"SHOP_URL": "https://shop.example.com", "REDIS_URL": "redis://127.0.0.1:6379/0", "DATABASE_PASSWORD": "canary",
	"STRIPE_SECRET_KEY": "sk_test_canary", "STRIPE_WEBHOOK_SECRET": "whsec_canary",
	"TELEGRAM_TOKEN": "123456:canary-canary-canary", "PROVIDER_TOKEN": "284685063:TEST:example", "DISCORD_TOKEN": "canary.canary.canary",
	"DISCORD_APPLICATION": "300000000000000001", "DISCORD_PUBLIC_KEY": strings.Repeat("0a", 32),
}

// all lists the examples: the YAML files and folders beside this test.
func all(t *testing.T) []string {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) == ".yaml" {
			names = append(names, e.Name())
		}
	}
	if len(names) < 3 {
		t.Fatalf("only %v", names)
	}
	return names
}

func TestExamples(t *testing.T) {
	for _, name := range all(t) {
		t.Run(name, func(t *testing.T) {
			cfg, err := config.Load(name, func(key string) (string, bool) { s, ok := env[key]; return s, ok })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := config.LoadPreview(name, func(string) (string, bool) { return "", false }); err != nil {
				t.Errorf("not without variables: %v", err)
			}
			products := map[string]map[string]catalog.FeedProduct{}
			for brand, b := range cfg.Brands {
				products[brand] = feed(t, b.Feed, cfg.Shop.Currency)
			}
			for who, c := range cfg.Creators {
				for _, pick := range c.Picks {
					for _, item := range pick.Products {
						if err := sold(products, item); err != nil {
							t.Errorf("%s, pick %s: %v", who, pick.ID, err)
						}
					}
				}
			}
		})
	}
}

func feed(t *testing.T, file, currency string) map[string]catalog.FeedProduct {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read, err := catalog.ReadFeed(f, file, currency)
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Problems) > 0 || len(read.Products) == 0 {
		t.Errorf("%s: %d products, problems %v", file, len(read.Products), read.Problems)
	}
	handles := map[string]catalog.FeedProduct{}
	for _, p := range read.Products {
		handles[p.Handle] = p
	}
	return handles
}

// sold reports whether exactly one brand sells what a pick recommends.
func sold(products map[string]map[string]catalog.FeedProduct, item config.PickItem) error {
	found := 0
	for brand, handles := range products {
		p, ok := handles[item.Product]
		if !ok || item.Brand != "" && item.Brand != brand {
			continue
		}
		found++
		if item.Variant != "" && !slices.ContainsFunc(p.Variants, func(v catalog.FeedVariant) bool { return strings.Join(v.Values, " / ") == item.Variant }) {
			return fmt.Errorf("%s has no variant %q", item.Product, item.Variant)
		}
	}
	if found != 1 {
		return fmt.Errorf("%d brands sell %q", found, item.Product)
	}
	return nil
}

// TestBazaarIsWhole shows that what is embedded is what lies here, and that
// nobody needs the network for it.
func TestBazaarIsWhole(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, examples.Bazaar()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bazaar.yaml", "moth.csv", "salt.csv"} {
		here, err := os.ReadFile(filepath.Join("bazaar", name))
		if err != nil {
			t.Fatal(err)
		}
		there, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(here) != string(there) {
			t.Errorf("%s: not as embedded, %v", name, err)
		}
		if filepath.Ext(name) == ".csv" && strings.Contains(string(here), "http") {
			t.Errorf("%s names something on the network", name)
		}
	}
}
