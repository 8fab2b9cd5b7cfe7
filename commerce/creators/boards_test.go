package creators

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestBoards(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1", "m2", "m3"))
		var wg sync.WaitGroup
		for range 4 { // pressed at once: one board, kept once
			wg.Go(func() {
				if err := c.Keep(t.Context(), "ann", "", "m1", true); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		now.wait(time.Minute)
		must(t, c.Keep(t.Context(), "ann", "", "m2", true))
		kitchen, err := c.MakeBoard(t.Context(), "ann", "  For   the kitchen ")
		must(t, err)
		must(t, c.Keep(t.Context(), "ann", kitchen.ID, "m1", true))
		shows := func(m commerce.MemberID, pick commerce.PickID, want string) commerce.BoardID {
			t.Helper()
			list, err := c.Boards(t.Context(), m, pick)
			must(t, err)
			var got []string
			for _, b := range list {
				got = append(got, fmt.Sprintf("%s:%d:%v", b.Name, b.Picks, b.Has))
			}
			if strings.Join(got, ", ") != want {
				t.Errorf("%v; want %s", got, want)
			}
			if len(list) == 0 {
				return ""
			}
			return list[0].ID
		}
		first := shows("ann", "m2", ":2:true, For the kitchen:1:false")
		page, err := c.Kept(t.Context(), "ann", first, "", 1)
		must(t, err)
		next, err := c.Kept(t.Context(), "ann", first, page.Next, 1)
		must(t, err)
		if got := ids(append(page.Items, next.Items...)); got != "m2 m1" || next.Next != "" {
			t.Errorf("%s %q", got, next.Next)
		}
		for _, err := range []error{c.Keep(t.Context(), "bob", first, "m1", true), func() error { _, err := c.Kept(t.Context(), "bob", first, "", 1); return err }()} {
			if !errors.Is(err, ErrNoBoard) {
				t.Errorf("another's board: %v", err)
			}
		}
		if err := c.Keep(t.Context(), "ann", "", "nope", true); !errors.Is(err, ErrUnknownPick) {
			t.Error(err)
		}
		must(t, c.Keep(t.Context(), "ann", "", "m1", false))
		shows("ann", "m1", ":1:false, For the kitchen:1:true")

		// Linked, boards of one name become one.
		must(t, c.Keep(t.Context(), "bob", "", "m2", true))
		must(t, c.Keep(t.Context(), "bob", "", "m3", true))
		garden, err := c.MakeBoard(t.Context(), "bob", "Garden")
		must(t, err)
		must(t, c.Keep(t.Context(), "bob", garden.ID, "m3", true))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "ann", "bob") }))
		shows("ann", "m3", ":2:true, For the kitchen:1:false, Garden:1:true")
		shows("bob", "", "")
		if _, data, err := c.ExportBoards(t.Context(), "ann"); err != nil || fmt.Sprint(data) != "map[:[Pick m2 Pick m3] For the kitchen:[Pick m1] Garden:[Pick m3]]" {
			t.Error(data, err)
		}
		must(t, c.DropBoard(t.Context(), "bob", garden.ID)) // it is not theirs
		must(t, c.DropBoard(t.Context(), "ann", garden.ID))
		shows("ann", "", ":2:false, For the kitchen:1:false")
		for i := range mostBoards {
			_, err = c.MakeBoard(t.Context(), "ann", fmt.Sprint("More ", i))
		}
		if !errors.Is(err, ErrBoards) {
			t.Error(err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "ann") }))
		shows("ann", "", "")
	})
}

func TestBrought(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		declare(t, c, creator("mira", "m1"))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ('cleo', 'Cleo', '', 1), ('dan', 'Dan', '', 1)`)
			return err
		}))
		bring := func(m, by commerce.MemberID, pick commerce.PickID, want bool) {
			t.Helper()
			if got, err := c.Bring(t.Context(), m, by, pick); err != nil || got != want {
				t.Errorf("%s by %s: %v, %v", m, by, got, err)
			}
		}
		bring("cleo", "ann", "m1", true)
		bring("cleo", "bob", "m1", false)
		bring("ann", "ann", "m1", false)
		bring("dan", "nobody", "m1", false)
		bring("dan", "ann", "nope", false)
		bring("dan", "bob", "m1", true)
		bring("bob", "ann", "m1", true)
		count := func(m commerce.MemberID, want int64) {
			t.Helper()
			if n, err := c.BroughtBy(t.Context(), m); n != want || err != nil {
				t.Errorf("%s: %d, %v", m, n, err)
			}
		}
		count("ann", 2)
		// Bob is Ann: she did not bring herself in, but Dan.
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "ann", "bob") }))
		count("ann", 2)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "cleo") }))
		count("ann", 1)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "ann") }))
		count("ann", 0)
	})
}
