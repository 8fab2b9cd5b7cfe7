package creators

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestFollowBrand(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO brands (id, name) VALUES ('other', 'Other')`)
			if err == nil {
				_, err = tx.Exec(`UPDATE products SET brand_id = 'other' WHERE id = 'p2'`)
			}
			return err
		}))
		mira := creator("mira", "m1", "m2", "m3")
		mira.Picks[1].Items = []Item{{Product: "p2"}, {Product: "p1"}}
		mira.Picks[2].Items = []Item{{Product: "p2"}}
		declare(t, c, mira)
		page, err := c.PicksWith(t.Context(), "b", nil, "", 1)
		must(t, err)
		next, err := c.PicksWith(t.Context(), "b", nil, page.Next, 1)
		must(t, err)
		if got := ids(append(page.Items, next.Items...)); got != "m2 m1" || next.Next != "" {
			t.Errorf("picks of b: %s %q", got, next.Next)
		}
		brand := func(p commerce.ProductID) commerce.BrandID {
			if p == "p2" {
				return "other"
			}
			return "b"
		}
		feed := func() (list []string) {
			t.Helper()
			page, err := c.Feed(t.Context(), Feed{Member: "ann", Brand: brand}, "", 9)
			must(t, err)
			for _, e := range page.Items {
				list = append(list, fmt.Sprintf("%s:%g", e.ID, e.Why.Brand))
			}
			return list
		}
		if got := feed(); len(got) != 0 {
			t.Errorf("they follow nobody: %v", got)
		}
		for i, want := range []bool{true, false} { // twice is once
			if isNew, err := c.FollowBrand(t.Context(), "ann", "other"); isNew != want || err != nil {
				t.Errorf("%d: %v, %v", i, isNew, err)
			}
		}
		if got := fmt.Sprint(feed()); got != "[m3:25 m2:25]" {
			t.Errorf("%s", got)
		}
		must1(t)(c.Follow(t.Context(), "ann", "mira"))
		if got := fmt.Sprint(feed()); got != "[m3:25 m2:25 m1:0]" {
			t.Errorf("with who made them: %s", got)
		}
		why, err := c.Explain(t.Context(), Feed{Member: "ann", Brand: brand}, "m3")
		if why.Brand != pointsBrand || why.Followed != pointsFollowed || err != nil {
			t.Errorf("%+v, %v", why, err)
		}
		if n, more, err := c.BrandFollowers(t.Context(), "other"); n != 1 || more || err != nil {
			t.Errorf("%d, %v, %v", n, more, err)
		}
		if _, err := c.FollowBrand(t.Context(), "ann", "none"); !errors.Is(err, ErrUnknownBrand) {
			t.Errorf("%v", err)
		}
		now.wait(time.Minute)
		must1(t)(c.FollowBrand(t.Context(), "bob", "other"))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "bob", "ann") }))
		if list, err := c.BrandsFollowed(t.Context(), "bob"); fmt.Sprint(list) != "[other]" || err != nil {
			t.Errorf("%v, %v", list, err)
		}
		if _, data, err := c.ExportBrands(t.Context(), "bob"); fmt.Sprint(data) != "[Other]" || err != nil {
			t.Errorf("%v, %v", data, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "bob") }))
		if list, err := c.BrandsFollowed(t.Context(), "bob"); len(list) != 0 || err != nil {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func must1(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		must(t, err)
	}
}

func TestNewcomers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1")) // declared: never new
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for i, id := range []string{"old", "a", "b", "c", "silent", "me"} {
				at := now.t.Add(time.Duration(i) * time.Hour)
				if id == "old" {
					at = now.t.Add(-newTime)
				}
				member := ""
				if id == "me" {
					member = "ann"
				}
				if err := saveCreator(tx, Creator{ID: commerce.CreatorID(id), Name: id, MadeAt: at, Member: commerce.MemberID(member)}, 9); err != nil {
					return err
				}
				if id == "silent" {
					continue
				}
				seq, err := nextSeq(tx)
				if err == nil {
					err = savePick(tx, Pick{ID: commerce.PickID("p" + id), Creator: commerce.CreatorID(id), Made: true, CreatedAt: at, Seq: seq, Items: []Item{{Product: "p1"}}})
				}
				if err != nil {
					return err
				}
			}
			return nil
		}))
		now.wait(6 * time.Hour)
		list := func(brands ...commerce.BrandID) (got string) {
			t.Helper()
			for cursor := ""; ; {
				page, err := c.Newcomers(t.Context(), "ann", brands, cursor, 2)
				must(t, err)
				for _, l := range page.Items {
					got += string(l.ID)
				}
				if cursor = page.Next; cursor == "" {
					return got
				}
			}
		}
		if got := list(); got != "cba" {
			t.Errorf("%s", got)
		}
		must1(t)(c.Follow(t.Context(), "ann", "b"))
		if got := list("b"); got != "ca" {
			t.Errorf("%s", got)
		}
		if got := list("other"); got != "" {
			t.Errorf("%s", got)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE picks SET featured = 1 WHERE id IN ('pold', 'pa')`)
			return err
		}))
		c.Refresh()
		page, err := c.Featured(t.Context(), []commerce.CreatorID{"mira", "a"}, nil, "", 2)
		must(t, err)
		next, err := c.Featured(t.Context(), []commerce.CreatorID{"mira", "a"}, nil, page.Next, 2)
		must(t, err)
		if got := ids(append(page.Items, next.Items...)); got != "pa pold m1" || next.Next != "" {
			t.Errorf("featured: %s %q", got, next.Next)
		}
	})
}
