package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// This file measures the exchange on a day with few offers and on one with 5,000,
// each against one row that is written in the same run: a follow.

const (
	offersADay = 5000
	swaps      = 200 // times each thing is done, at most
)

// measureExchange measures offering, listing and applying.
func measureExchange(ctx context.Context, o options, dir string, stdout io.Writer) error {
	url := o.postgres
	if url == "" {
		url = "sqlite:" + filepath.Join(dir, "exchange.db")
	}
	db, err := database.Open(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Migrate(ctx); err != nil {
		return err
	}
	x, err := newSwap(ctx, db)
	if err != nil {
		return err
	}
	part := min(1, 10*o.scale) // a day's offers are few beside a whole shop
	offers, times := max(50, int(offersADay*part)), max(20, int(swaps*part))
	fmt.Fprintf(stdout, "\nThe exchange, by the offers of a day\n\nEach done %d times, one after the other: p50 / p99 in milliseconds, in the core, and how many follows that is.\n\n", times)
	w := tabwriter.NewWriter(stdout, 0, 0, 0, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, " \toffers\ta follow\tan offer\ta page of offers\tan application\t")
	fmt.Fprintln(w, " \t---\t---\t---\t---\t---\t")
	for _, n := range []int{offers / 100, offers} {
		if err := x.offer(ctx, n); err != nil {
			return err
		}
		if err := x.measure(ctx, n, times, w); err != nil {
			return err
		}
	}
	return w.Flush()
}

// swap is a shop with offers.
type swap struct {
	db       *database.DB
	exchange *exchange.Exchange
	creators *creators.Creators
	goods    *catalog.Product
	made     int
	done     int // creators who have applied
	follows  int
}

const swapCreators = 4 * swaps // two days of applications and to spare

func newSwap(ctx context.Context, db *database.DB) (*swap, error) {
	clock, ids := commerce.SystemClock{}, commerce.RandomIDs{}
	goods, shelf := catalog.New(db, clock), stock.New(db, clock)
	if err := goods.DeclareBrands(ctx, []catalog.Brand{{ID: "xb", Name: "X"}}); err != nil {
		return nil, err
	}
	feed, err := catalog.ReadFeed(strings.NewReader("Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping,Variant Taxable,Published\n"+
		"xcup,Cup,CUP,shopify,1000000,deny,11.90,true,true,true\n"), "x.csv", "EUR")
	if err != nil {
		return nil, err
	}
	if _, err := goods.Import(ctx, catalog.Import{Brand: "xb", File: "x.csv", Feed: feed}, shelf); err != nil {
		return nil, err
	}
	snap, err := goods.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	cup, ok := snap.ByHandle("xb", "xcup")
	if !ok {
		return nil, errors.New("no cup")
	}
	who := creators.New(db, clock, ids)
	shop := checkout.New(checkout.Config{DB: db, Clock: clock, IDs: ids, Catalog: goods, Members: members.New(db, clock, ids), Stock: shelf,
		Log: slog.New(slog.DiscardHandler), Rules: func() pricing.Rules { return pricing.Rules{} }})
	nobody := func(commerce.BrandID) []commerce.MemberID { return nil }
	x := &swap{db: db, creators: who, goods: cup, exchange: exchange.New(exchange.Config{DB: db, Clock: clock, IDs: ids, Creators: who, Checkout: shop, Works: nobody, Told: nobody,
		House: func() exchange.House { return exchange.House{Followers: 1, Month: 100} }})}
	return x, db.Write(ctx, func(tx *database.Tx) error {
		for _, make := range []string{
			`INSERT INTO members (id, name, locale, created_at) SELECT 'xm' || i, 'M', 'en', 1 FROM n`,
			`INSERT INTO creators (id, name, bio, archived, position, made_at, member_id) SELECT 'xc' || i, 'C', '', 0, i, 1, 'xm' || i FROM n`,
			`INSERT INTO follows (member_id, creator_id, created_at) SELECT 'xm0', 'xc' || i, 1 FROM n`,
		} {
			if _, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) `+make, swapCreators-1); err != nil {
				return err
			}
		}
		return nil
	})
}

// brief is an offer of one cup.
func (x *swap) brief(ctx context.Context) error {
	b, err := x.exchange.Begin(ctx, "bench", exchange.Brief{Brand: "xb", Product: x.goods.ID, Variant: x.goods.Variants[0].ID, Words: "Drink from it, and say how it was.", Days: 14, Lasts: 14, Followers: 1, Units: 3})
	if err == nil {
		err = x.exchange.Open(ctx, nil, b.ID)
	}
	x.made++
	return err
}

// offer fills the day up to n offers.
func (x *swap) offer(ctx context.Context, n int) error {
	for x.made < n {
		if err := x.brief(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (x *swap) measure(ctx context.Context, n, times int, w io.Writer) error {
	timed := func(do func() error) (p50, p99 float64, err error) {
		var took []time.Duration
		for range times {
			began := time.Now()
			if err := do(); err != nil {
				return 0, 0, err
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		return ms(took[times/2]), ms(took[times*99/100]), nil
	}
	follow, most, err := timed(func() error {
		x.follows++
		_, err := x.creators.Follow(ctx, commerce.MemberID("xm"+strconv.Itoa(1+x.follows%(swapCreators-1))), commerce.CreatorID("xc"+strconv.Itoa(x.follows/swapCreators)))
		return err
	})
	if err != nil {
		return err
	}
	cells := []string{fmt.Sprintf("%.2f / %.2f", follow, most)}
	var open []exchange.Brief
	cursor := ""
	for _, do := range []func() error{
		func() error { return x.brief(ctx) },
		func() error {
			page, err := x.exchange.Offers(ctx, nil, cursor, 6)
			if cursor = page.Next; err == nil && len(page.Items) == 0 {
				err = errors.New("no offers")
			}
			open = append(open, page.Items...)
			return err
		},
		func() error {
			x.done++
			_, err := x.exchange.Apply(ctx, commerce.MemberID("xm"+strconv.Itoa(x.done)), open[x.done%len(open)].ID, "I drink tea.")
			return err
		},
	} {
		p50, p99, err := timed(do)
		if err != nil {
			return err
		}
		cells = append(cells, fmt.Sprintf("%.2f / %.2f, %.1f×", p50, p99, p50/follow))
	}
	fmt.Fprintf(w, " %s\t%d\t%s\t\n", x.db.Engine(), n, strings.Join(cells, "\t"))
	return nil
}
