package creators

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestApplication(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1"))
		var gone []string
		c.Forget = func(hash string) { gone = append(gone, hash) }
		apply := func(words string, photos ...string) {
			t.Helper()
			must(t, c.Apply(t.Context(), Application{Member: "ann", Product: "p1", Words: words, Photos: photos, Bot: "tg"}, []commerce.MemberID{"bob"}))
		}
		apply("First words.", "aa", "bb")
		list, all, err := c.Applications(t.Context(), 10)
		if err != nil || all != 1 || list[0].Words != "First words." || !slices.Equal(list[0].Photos, []string{"aa", "bb"}) || list[0].State != Sent {
			t.Fatalf("%+v, %d, %v", list, all, err)
		}
		id := list[0].ID
		must(t, c.Advise(t.Context(), "staff:bob", id, "Show the handle."))
		if err := c.Advise(t.Context(), "staff:eve", id, "No."); !errors.Is(err, ErrDecided) {
			t.Error(err)
		}
		if _, err := c.Approve(t.Context(), "staff:eve", id, "Ann"); !errors.Is(err, ErrDecided) {
			t.Errorf("approved what was just advised: %v", err)
		}
		if a, err := c.ApplicationOf(t.Context(), "ann"); err != nil || a.State != Advised || a.Advice != "Show the handle." {
			t.Errorf("%+v, %v", a, err)
		}
		if _, all, _ := c.Applications(t.Context(), 10); all != 0 {
			t.Errorf("%d wait", all)
		}

		// Again, with the same photo and another.
		now.wait(time.Hour)
		if apply("Better words.", "bb", "cc"); !slices.Equal(gone, []string{"aa"}) {
			t.Errorf("photos that go: %v", gone)
		}
		if a, err := c.Application(t.Context(), id); err != nil || a.Tries != 2 || a.Advice != "Show the handle." {
			t.Errorf("%+v, %v", a, err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := map[string]int{}
		for range 4 {
			wg.Go(func() {
				_, err := c.Approve(t.Context(), "staff:bob", id, "Ann É.")
				mu.Lock()
				defer mu.Unlock()
				done[fmt.Sprint(errors.Is(err, ErrDecided))]++
				if err != nil && !errors.Is(err, ErrDecided) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done["false"] != 1 {
			t.Errorf("approved %v", done)
		}
		made, err := c.Of(t.Context(), "ann")
		if err != nil || made.Name != "Ann É." || made.Code != "ANN" || !made.MadeAt.Equal(now.t) {
			t.Errorf("%+v, %v", made, err)
		}
		if got := listed(t, c); got != "mira "+string(made.ID) {
			t.Error(got)
		}
		if err := c.Apply(t.Context(), Application{Member: "ann", Product: "p1"}, nil); !errors.Is(err, ErrCreator) {
			t.Error(err)
		}
		if got := databasetest.Told(t, db); got != "creator.advised ann, creator.approved ann, staff.application bob, staff.application bob" {
			t.Error(got)
		}
		var events []string
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Rows(`SELECT actor, what, words FROM application_events WHERE application_id = $1 ORDER BY seq`, []any{id}, func(scan func(...any) error) error {
				var actor, what, words string
				err := scan(&actor, &what, &words)
				events = append(events, strings.TrimSpace(actor+" "+what+" "+words))
				return err
			})
		}))
		if got := strings.Join(events, ", "); got != "member sent, staff:bob advised Show the handle., member sent, staff:bob approved" {
			t.Error(got)
		}
		// The YAML is read again: it does not take back what it never named.
		declare(t, c, creator("mira", "m1"))
		if again, err := c.Creator(t.Context(), made.ID); err != nil || again.Archived {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

// TestCodes: the second of a name has a code too.
func TestCodes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		var codes []string
		for _, m := range []commerce.MemberID{"ann", "bob"} {
			must(t, c.Apply(t.Context(), Application{Member: m, Product: "p1", Words: "w"}, nil))
			a, err := c.ApplicationOf(t.Context(), m)
			must(t, err)
			made, err := c.Approve(t.Context(), "staff:x", a.ID, "Noor Haddad-Weiss")
			must(t, err)
			codes = append(codes, made.Code)
		}
		if codes[0] != "NOORHADDAD" || len(codes[1]) != 13 || !strings.HasPrefix(codes[1], "NOORHADDAD") {
			t.Error(codes)
		}
	})
}

// TestCreatorLinkAndErase: two accounts that are one member are one creator, and
// who is erased is nobody's creator.
func TestCreatorLinkAndErase(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		var forgotten []string
		c.Forget = func(hash string) { forgotten = append(forgotten, hash) }
		become := func(m commerce.MemberID, photo string) Creator {
			must(t, c.Apply(t.Context(), Application{Member: m, Product: "p1", Words: "w", Photos: []string{photo}}, nil))
			a, err := c.ApplicationOf(t.Context(), m)
			must(t, err)
			made, err := c.Approve(t.Context(), "staff:x", a.ID, string(m))
			must(t, err)
			return made
		}
		ann, bob := become("ann", "aa"), become("bob", "bb")
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ('cleo', 'Cleo', '', 1)`); err != nil {
				return err
			}
			return savePick(tx, Pick{ID: "k1", Creator: bob.ID, Title: "K1", Body: "Mine.", Made: true, Seq: 900, CreatedAt: start().t, Items: []Item{{Product: "p1"}}})
		}))
		_, err := c.Follow(t.Context(), "cleo", bob.ID)
		must(t, err)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "ann", "bob") }))
		if p, err := c.Pick(t.Context(), "k1"); err != nil || p.Creator != ann.ID {
			t.Errorf("%+v, %v", p, err)
		}
		if got := follows(t, c, "cleo"); got != string(ann.ID) {
			t.Errorf("cleo follows %s", got)
		}
		if was, err := c.Creator(t.Context(), bob.ID); err != nil || !was.Archived {
			t.Errorf("%+v, %v", was, err)
		}
		if !slices.Equal(forgotten, []string{"bb"}) {
			t.Errorf("forgotten: %v", forgotten)
		}
		list, err := c.ExportApplication(t.Context(), "ann", func(hash string) ([]byte, error) { return []byte("photo " + hash), nil })
		if err != nil || len(list) != 1 || string(list[0].Photos[0]) != "photo aa" {
			t.Errorf("%+v, %v", list, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "ann") }))
		if was, err := c.Creator(t.Context(), ann.ID); err != nil || !was.Archived || was.Name != "" || was.Member != "" || was.Code != "" {
			t.Errorf("%+v, %v", was, err)
		}
		if p, err := c.Pick(t.Context(), "k1"); err != nil || !p.Archived || p.Title+p.Body != "" {
			t.Errorf("%+v, %v", p, err)
		}
		if _, err := c.ApplicationOf(t.Context(), "ann"); !errors.Is(err, ErrNoApplication) || !slices.Equal(forgotten, []string{"bb", "aa"}) {
			t.Errorf("%v, forgotten %v", err, forgotten)
		}
		// A member whose other account was the creator is one.
		third := become("cleo", "cc")
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Link(tx, "ann", "cleo") }))
		if of, err := c.Of(t.Context(), "ann"); err != nil || of.ID != third.ID {
			t.Errorf("%+v, %v", of, err)
		}
		if a, err := c.ApplicationOf(t.Context(), "ann"); err != nil || a.State != Approved {
			t.Errorf("%+v, %v", a, err)
		}
	})
}
