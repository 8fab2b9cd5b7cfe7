package creators

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// lovedList writes the list, as pick:saved+bought.
func lovedList(t *testing.T, c *Creators) string {
	t.Helper()
	c.loved.Clear()
	var all []string
	for cursor := ""; ; {
		page, err := c.Loved(t.Context(), nil, cursor, 2)
		must(t, err)
		for _, l := range page.Items {
			all = append(all, fmt.Sprintf("%s:%d+%d", l.ID, l.Saved, l.Bought))
		}
		if cursor = page.Next; cursor == "" {
			return strings.Join(all, " ")
		}
	}
}

func orderPaid(t *testing.T, db *database.DB, c *Creators, m commerce.MemberID, at time.Time, back bool, picks ...commerce.PickID) {
	t.Helper()
	must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Sold(tx, m, picks, at, back) }))
}

func TestLoved(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1", "m2", "m3"), creator("theo", "t1"))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE creators SET member_id = 'bob' WHERE id = 'theo'`)
			return err
		}))
		if got := lovedList(t, c); got != "" {
			t.Errorf("nobody loves anything yet: %s", got)
		}
		keep := func(m commerce.MemberID, board commerce.BoardID, pick commerce.PickID, on bool) {
			t.Helper()
			must(t, c.Keep(t.Context(), m, board, pick, on))
		}
		other, err := c.MakeBoard(t.Context(), "ann", "Other")
		must(t, err)
		for range 3 { // again, off and on again, and on another board: once
			keep("ann", "", "m1", true)
			keep("ann", other.ID, "m1", true)
		}
		keep("ann", "", "m1", false)
		keep("ann", other.ID, "m1", false)
		keep("ann", "", "m1", true)
		keep("bob", "", "m1", true)
		keep("bob", "", "t1", true) // their own
		orderPaid(t, db, c, "ann", now.t, false, "t1", "t1", "m2")
		orderPaid(t, db, c, "bob", now.t, false, "t1") // their own
		if got, want := lovedList(t, c), "t1:0+1 m2:0+1 m1:2+0"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
		now.wait(3 * 24 * time.Hour)
		keep("ann", "", "m3", true)
		orderPaid(t, db, c, "ann", now.t, false, "m3")
		if got, want := lovedList(t, c), "m3:1+1 t1:0+1 m2:0+1 m1:2+0"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
		orderPaid(t, db, c, "ann", now.t, true, "m3") // it went back
		if got, want := lovedList(t, c), "t1:0+1 m2:0+1 m1:2+0 m3:1+0"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
		if l, err := c.LovedNow(t.Context(), "m1"); l.Saved != 2 || err != nil {
			t.Errorf("%+v, %v", l, err)
		}
		must(t, c.DropBoard(t.Context(), "bob", board(t, c, "bob")))
		if got, want := lovedList(t, c), "t1:0+1 m2:0+1 m3:1+0 m1:1+0"; got != want {
			t.Errorf("bob keeps nothing any more: %s; want %s", got, want)
		}
		now.wait(4 * 24 * time.Hour) // what is a week old does not count
		if got, want := lovedList(t, c), "m3:1+0"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
		if _, err := c.Loved(t.Context(), nil, "!", 2); !errors.Is(err, ErrCursor) {
			t.Errorf("%v", err)
		}
	})
}

func board(t *testing.T, c *Creators, m commerce.MemberID) commerce.BoardID {
	t.Helper()
	list, err := c.Boards(t.Context(), m, "")
	must(t, err)
	return list[0].ID
}

// Two accounts of one member are linked: what both kept counts once.
func TestLovedLinked(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		declare(t, c, creator("mira", "m1", "m2"))
		for _, m := range []commerce.MemberID{"ann", "bob"} {
			must(t, c.Keep(t.Context(), m, "", "m1", true))
		}
		must(t, c.Keep(t.Context(), "bob", "", "m2", true))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "ann", "bob") }))
		if got, want := lovedList(t, c), "m2:1+0 m1:1+0"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
		must(t, c.Keep(t.Context(), "ann", "", "m2", false))
		if got, want := lovedList(t, c), "m1:1+0"; got != want {
			t.Errorf("%s; want %s", got, want)
		}
	})
}

func TestOpened(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1"))
		counted := func() (n, days int) {
			t.Helper()
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Row(`SELECT CAST(COALESCE(SUM(opened), 0) AS BIGINT), COUNT(*) FROM pick_days`).Scan(&n, &days)
			}))
			return n, days
		}
		c.Opened("m1")
		c.Opened("m1")
		c.Opened("gone")
		must(t, c.Count(t.Context()))
		c.Opened("m1")
		must(t, c.Count(t.Context()))
		must(t, c.Count(context.WithoutCancel(t.Context())))
		if n, days := counted(); n != 3 || days != 1 {
			t.Errorf("%d times in %d rows", n, days)
		}
		if got := lovedList(t, c); got != "" {
			t.Errorf("to be looked at is not to be loved: %s", got)
		}
		now.wait((keptDays + 1) * 24 * time.Hour)
		must(t, c.Count(t.Context()))
		if n, days := counted(); n != 0 || days != 0 {
			t.Errorf("%d times in %d rows are kept", n, days)
		}
	})
}
