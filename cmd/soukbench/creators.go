package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
)

// This file measures how the feed and what is around it grow with the shop:
// made-up members, creators, follows and picks, in a database of their own.

// whole is a shop of full size; -scale says which part of it is made.
var whole = population{members: 1_000_000, creators: 50_000, follows: 10_000_000, picks: 5_000_000}

type population struct{ members, creators, follows, picks int64 }

func (p population) part(scale float64) population {
	cut := func(n int64) int64 { return max(10, int64(float64(n)*scale)) }
	return population{cut(p.members), cut(p.creators), cut(p.follows), cut(p.picks)}
}

const (
	madeProducts = 1000
	asked        = 400 // times each thing is done
	madeAtOnce   = 200_000
)

// measureCreators makes shops of growing size and measures what somebody waits
// for in each: a tenth of a tenth, a tenth, and all of -scale.
func measureCreators(ctx context.Context, o options, dir string, stdout, stderr io.Writer) error {
	fmt.Fprintf(stdout, "\nCreators, by the size of the shop\n\nEach done %d times, one after the other: p50 / p99 in milliseconds, in the core.\n\n", asked)
	w := tabwriter.NewWriter(stdout, 0, 0, 0, ' ', tabwriter.AlignRight|tabwriter.Debug)
	fmt.Fprintln(w, " \tmembers\tcreators\tfollows\tpicks\tfeed, first page\tsecond\ta creator's page\tcreators\twho recommends it\tfollow\tunfollow\t")
	fmt.Fprintln(w, " \t---\t---\t---\t---\t---\t---\t---\t---\t---\t---\t---\t")
	for i, part := range []float64{0.01, 0.1, 1} {
		url := "sqlite:" + filepath.Join(dir, fmt.Sprintf("creators%d.db", i))
		if o.postgres != "" {
			if part < 1 {
				continue // there is one database
			}
			url = o.postgres
		}
		size := whole.part(o.scale * part)
		fmt.Fprintf(stderr, "creators: %d members, %d creators, %d follows, %d picks\n", size.members, size.creators, size.follows, size.picks)
		db, err := database.Open(ctx, url)
		if err != nil {
			return err
		}
		err = errors.Join(measureSize(ctx, db, size, w), db.Close())
		if err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return measureExchange(ctx, o, dir, stdout)
}

func measureSize(ctx context.Context, db *database.DB, size population, w io.Writer) error {
	if steps, err := db.Migrate(ctx); err != nil {
		return err
	} else if steps == 0 {
		return errors.New("the database is not empty")
	}
	now := time.Now()
	if err := populate(ctx, db, size, now); err != nil {
		return err
	}
	c := creators.New(db, commerce.SystemClock{}, commerce.RandomIDs{})
	dice := rand.New(rand.NewPCG(1, 1))
	member := func() commerce.MemberID {
		return commerce.MemberID("m" + strconv.FormatInt(dice.Int64N(size.members), 10))
	}
	creator := func() commerce.CreatorID {
		return commerce.CreatorID("c" + strconv.FormatInt(dice.Int64N(size.creators), 10))
	}
	var err error
	timed := func(do func() error) string {
		var took []time.Duration
		for range asked {
			began := time.Now()
			err = errors.Join(err, do())
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		return fmt.Sprintf("%.2f / %.2f", ms(took[asked/2]), ms(took[asked*99/100]))
	}
	featured := []commerce.CreatorID{"c1", "c2"}
	next := map[commerce.MemberID]string{}
	first := timed(func() error {
		m := member()
		page, err := c.Feed(ctx, creators.Feed{Member: m, Featured: featured}, "", 6)
		if err == nil && len(page.Items) == 0 {
			err = errors.New("an empty feed")
		}
		if page.Next != "" {
			next[m] = page.Next
		}
		return err
	})
	readers := make([]commerce.MemberID, 0, len(next))
	for m := range next {
		readers = append(readers, m)
	}
	at := 0
	second := timed(func() error {
		if len(readers) == 0 {
			return nil
		}
		m := readers[at%len(readers)]
		at++
		_, err := c.Feed(ctx, creators.Feed{Member: m, Featured: featured}, next[m], 6)
		return err
	})
	page := timed(func() error { _, err := c.PicksOf(ctx, creator(), nil, "", 5); return err })
	cursor := ""
	list := timed(func() error {
		page, err := c.List(ctx, []commerce.BrandID{"b"}, cursor, 6)
		cursor = page.Next
		return err
	})
	recommending := timed(func() error {
		_, err := c.Recommending(ctx, commerce.ProductID("q"+strconv.Itoa(dice.IntN(madeProducts))))
		return err
	})
	type pair struct {
		m  commerce.MemberID
		of commerce.CreatorID
	}
	var pairs []pair
	follow := timed(func() error {
		p := pair{member(), creator()}
		pairs = append(pairs, p)
		_, err := c.Follow(ctx, p.m, p.of)
		return err
	})
	at = 0
	unfollow := timed(func() error {
		p := pairs[at]
		at++
		_, err := c.Unfollow(ctx, p.m, p.of)
		return err
	})
	fmt.Fprintf(w, " %s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", db.Engine(), size.members, size.creators, size.follows, size.picks,
		first, second, page, list, recommending, follow, unfollow)
	return err
}

// populate makes a shop: creators post evenly over a year, some have many
// followers and most have few.
func populate(ctx context.Context, db *database.DB, size population, now time.Time) error {
	year := commerce.Micros(now) - commerce.Micros(now.AddDate(-1, 0, 0))
	begin := commerce.Micros(now) - year
	for _, make := range []struct {
		n   int64
		sql string
	}{
		{size.members, `INSERT INTO members (id, name, locale, created_at) SELECT 'm' || i, 'M', 'en', 1 FROM n`},
		{1, `INSERT INTO brands (id, name) SELECT 'b', 'B' FROM n`},
		{madeProducts, `INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
			SELECT 'q' || i, 'b', 'q' || i, 'Q', '', '', '', '', '', '', '', i, 1, 1 FROM n`},
		{size.creators, fmt.Sprintf(`INSERT INTO creators (id, name, bio, archived, position, made_at) SELECT 'c' || i, 'Creator ' || i, 'Shows what they use.', 0, i, %d + i * %d FROM n`, begin, year/size.creators)},
		{size.picks, fmt.Sprintf(`INSERT INTO picks (id, creator_id, title, body, created_at, seq, items, made)
			SELECT 'p' || i, 'c' || ((i * 7919 + 13) %% %d), 'Pick ' || i, 'I use it every day, and it is still as it was. Not for small hands.', %d + i * %d, i + 1, 'q' || (i %% %d), 1 FROM n`, size.creators, begin, max(1, year/size.picks), madeProducts)},
		{size.picks, fmt.Sprintf(`INSERT INTO pick_items (pick_id, position, product_id, variant_id, seq) SELECT 'p' || i, 0, 'q' || (i %% %d), '', i + 1 FROM n`, madeProducts)},
		{size.picks, `INSERT INTO pick_brands (brand_id, seq, pick_id) SELECT 'b', i + 1, 'p' || i FROM n`},
		{size.follows, fmt.Sprintf(`INSERT INTO follows (member_id, creator_id, created_at)
			SELECT 'm' || (i %% %d), 'c' || ((((i * 7919) %% 1000003) * ((i * 7919) %% 1000003) / 1000003 * %d) / 1000003), %d FROM n WHERE TRUE ON CONFLICT (member_id, creator_id) DO NOTHING`, size.members, size.creators, begin)},
	} {
		for from := int64(0); from < make.n; from += madeAtOnce {
			if err := db.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(`WITH RECURSIVE n(i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $2) `+make.sql, from, min(from+madeAtOnce, make.n)-1)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO versions (name, n) VALUES ('picks', $1) ON CONFLICT (name) DO UPDATE SET n = excluded.n`, size.picks+1); err != nil {
			return err
		}
		_, err := tx.Exec(`ANALYZE`)
		return err
	})
}
