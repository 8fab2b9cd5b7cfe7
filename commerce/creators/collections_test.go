package creators

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestCollections(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		declare(t, c, creator("mira", "m1", "m2", "m3"), creator("theo", "t1"))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE creators SET member_id = CASE WHEN id = 'mira' THEN 'ann' ELSE 'bob' END`)
			return err
		}))
		c.Refresh()
		var wg sync.WaitGroup
		for range 3 { // pressed at once: one of that name
			wg.Go(func() {
				if _, err := c.MakeCollection(t.Context(), "mira", "  A   Sunday "); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		sunday, err := c.MakeCollection(t.Context(), "mira", "A Sunday")
		must(t, err)
		for _, id := range []commerce.PickID{"m1", "m3", "m1"} {
			must(t, c.Collect(t.Context(), "mira", sunday.ID, id, true))
		}
		page, err := c.Collected(t.Context(), sunday.ID, nil, "", 1)
		must(t, err)
		next, err := c.Collected(t.Context(), sunday.ID, nil, page.Next, 1)
		must(t, err)
		if got := ids(append(page.Items, next.Items...)); got != "m3 m1" || next.Next != "" {
			t.Errorf("%s %q", got, next.Next)
		}
		list, err := c.Collections(t.Context(), "mira", "m1")
		if err != nil || len(list) != 1 || list[0].Picks != 2 || !list[0].Has || list[0].Name != "A Sunday" {
			t.Errorf("%+v, %v", list, err)
		}
		for what, err := range map[string]error{
			"another's pick":       c.Collect(t.Context(), "mira", sunday.ID, "t1", true),
			"another's collection": c.Collect(t.Context(), "theo", sunday.ID, "t1", true),
			"a way past the chat":  func() error { _, err := c.MakeCollection(t.Context(), "mira", "write to a@b.example"); return err }(),
			"no name":              func() error { _, err := c.MakeCollection(t.Context(), "mira", " "); return err }(),
		} {
			if err == nil {
				t.Errorf("%s is taken", what)
			}
		}
		must(t, c.Collect(t.Context(), "mira", sunday.ID, "m1", false))
		for i := 1; i < mostCollections; i++ {
			_, err := c.MakeCollection(t.Context(), "mira", fmt.Sprint("No ", i))
			must(t, err)
		}
		if _, err := c.MakeCollection(t.Context(), "mira", "one more"); !errors.Is(err, ErrCollections) {
			t.Errorf("%v", err)
		}
		if _, data, err := c.ExportCollections(t.Context(), "ann"); err != nil || !strings.Contains(fmt.Sprint(data), "{A Sunday [Pick m3]}") || !strings.Contains(fmt.Sprint(data), "{No 1 []}") {
			t.Errorf("%v, %v", data, err)
		}
		// Two creators who are one have the collections of both; erased, none are left.
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "bob", "ann") }))
		if list, err := c.Collections(t.Context(), "theo", ""); err != nil || len(list) != mostCollections {
			t.Errorf("%d, %v", len(list), err)
		}
		must(t, c.DropCollection(t.Context(), "theo", sunday.ID))
		if _, err := c.Collection(t.Context(), sunday.ID); !errors.Is(err, ErrNoCollection) {
			t.Errorf("%v", err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "bob") }))
		if list, err := c.Collections(t.Context(), "theo", ""); err != nil || len(list) != 0 {
			t.Errorf("%d, %v", len(list), err)
		}
	})
}
