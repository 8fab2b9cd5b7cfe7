package main

// This file makes the shop that is measured: what an admin would write, in a
// folder of its own.

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/config"
)

// What the shop and those who drive it must agree about. None of it is secret:
// both live on loopback for as long as a measurement takes.
const (
	telegramToken = "110201543:bench-bench-bench-bench"
	application   = "300000000000000001"
	picks         = 5
	products      = 500

	telegramGroup  = "-1001700000001"
	discordChannel = "720000000000000001"
)

// seed is of the key that Discord would sign with.
var seed = []byte("soukbench signs as Discord does.")

// pickID is the id of the n-th pick, as the program makes it of its name.
func pickID(n int) string { return commerce.PublicID("pick", "mira", pickName(n)) }

func pickName(n int) string  { return fmt.Sprintf("pick-%d", n) }
func pickTitle(n int) string { return fmt.Sprintf("Mira's choice %d", n) }

// writeShop writes the configuration and the feed into a folder and loads them.
func writeShop(dir, redis string, key []byte) (*config.Config, error) {
	var y strings.Builder
	fmt.Fprintf(&y, `shop: {name: Bench Bazaar, url: "http://127.0.0.1:1", currency: EUR}
stripe: {secret_key: "${KEY}", webhook_secret: "${HOOK}"}
database: {url: "sqlite:%s"}
redis: {url: "%s"}
media: {dir: "%s"}
listen: "127.0.0.1:0"
bots:
  tg: {telegram: {token: "${TELEGRAM}", username: bench_bot}}
  dc: {discord: {application: "%s", public_key: "%s", token: "${DISCORD}"}}
communities:
  bench: {name: Bench, brands: [leaf], featured: [mira]}
  square: {name: Square, brands: [leaf], chats: [{bot: tg, id: "%s"}, {bot: dc, id: "%s"}]}
brands:
  leaf: {name: Leaf, feed: products.csv, shipping: [{name: Post, price: "4.90"}]}
creators:
  mira:
    name: Mira
    picks:
`, filepath.Join(dir, "souk.db"), redis, filepath.Join(dir, "media"), application, hex.EncodeToString(key), telegramGroup, discordChannel)
	for n := range picks {
		fmt.Fprintf(&y, "      - {id: %s, title: \"%s\", text: \"I use it every day, and so will you.\", products: [product-%d]}\n", pickName(n), pickTitle(n), n)
	}
	// Two drops that nobody has to be told of first: one for a crowd, one with
	// enough for everybody.
	now := time.Now().UTC()
	fmt.Fprintf(&y, `drops:
  jug: {title: Jug, brand: leaf, product: product-3, units: %d, communities: [bench], opens: %[2]s, closes: %[3]s}
  cup: {title: Cup, brand: leaf, product: product-4, units: 100000, communities: [bench], opens: %[2]s, closes: %[3]s}
`, crowdUnits, now.AddDate(0, 0, -1).Format(time.DateOnly), now.AddDate(0, 0, 9).Format(time.DateOnly))
	if err := os.WriteFile(filepath.Join(dir, "products.csv"), feed(), 0o600); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "souk.yaml")
	if err := os.WriteFile(path, []byte(y.String()), 0o600); err != nil {
		return nil, err
	}
	secrets := map[string]string{"KEY": "sk_test_bench", "HOOK": "whsec_bench", "TELEGRAM": telegramToken, "DISCORD": "bench.bench.bench"}
	return config.Load(path, func(name string) (string, bool) {
		v, ok := secrets[name]
		return v, ok
	})
}

// feed is a Shopify feed: the picks' products in one variant each, the others
// in two. All are counted, and there are enough of them.
func feed() []byte {
	var b strings.Builder
	b.WriteString("Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping,Variant Taxable,Status\n")
	for n := range products {
		handle, name, value := fmt.Sprintf("product-%d", n), "Title", "Default Title"
		if n >= picks {
			name, value = "Size", "Small"
		}
		fmt.Fprintf(&b, "%s,Thing number %d,<p>A thing for the house.</p>,Leaf,Kind %d,true,%s,%s,S%d,shopify,100000000,deny,%d.90,true,true,active\n", handle, n, n%20, name, value, n, 5+n%40)
		if n >= picks {
			fmt.Fprintf(&b, "%s,,,,,,,Large,L%d,shopify,100000000,deny,%d.90,true,true,active\n", handle, n, 7+n%40)
		}
	}
	return []byte(b.String())
}
