package reviews

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/moderation"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open makes a Reviews with three members, of whom sam works for the brand, and
// two products.
func open(t *testing.T, db *database.DB) (*Reviews, *clocktest.Clock) {
	t.Helper()
	must(t, db.Write(t.Context(), func(tx *database.Tx) error {
		for _, s := range []string{
			`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1), ('ben', 'Ben', '', 1), ('cleo', 'Cleo', '', 1), ('sam', 'Sam', '', 1)`,
			`INSERT INTO brands (id, name) VALUES ('kiln', 'Kiln')`,
			`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
			 VALUES ('mug', 'kiln', '1', 'Mug', '', '', '', '', '', '', '', 1, 1, 1), ('jug', 'kiln', '2', 'Jug', '', '', '', '', '', '', '', 2, 1, 1)`,
		} {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	}))
	now := clocktest.At(time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC))
	return New(Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Staff: func(b commerce.BrandID) []commerce.MemberID {
		if b != "kiln" {
			return nil
		}
		return []commerce.MemberID{"sam"}
	}}), now
}

// arrive has products arrive at a member's.
func arrive(t *testing.T, r *Reviews, m commerce.MemberID, parcel string, products ...commerce.ProductID) {
	t.Helper()
	must(t, r.DB.Write(t.Context(), func(tx *database.Tx) error {
		return r.Received(tx, Arrival{Member: m, Order: commerce.OrderID("o" + parcel), Parcel: parcel, Brand: "kiln", Products: products})
	}))
}

// write has a member review a product.
func write(t *testing.T, r *Reviews, m commerce.MemberID, p commerce.ProductID, s Stars) Review {
	t.Helper()
	w, err := r.Write(t.Context(), Review{Member: m, Product: p, Stars: s, Words: "Words of " + string(m)})
	must(t, err)
	return w
}

// scored checks the scores against the reviews they are of, and those of a product.
func scored(t *testing.T, r *Reviews, p commerce.ProductID, want Score) {
	t.Helper()
	scores, err := r.Products(t.Context())
	if err != nil || scores[p] != want {
		t.Errorf("the score of %s is %+v, %v; want %+v", p, scores[p], err, want)
	}
	must(t, r.DB.Read(t.Context(), func(tx *database.Tx) error {
		var wrong string
		err := tx.Row(`SELECT COALESCE(STRING_AGG(s.kind || ' ' || s.id, ', '), '') FROM scores s WHERE
			s.n <> (SELECT COUNT(*) FROM reviews r WHERE s.kind = 'product' AND r.counted > 0 AND r.product_id = s.id OR s.kind = 'brand' AND r.counted > 0 AND r.brand_id = s.id) OR
			s.described + s.quality + s.service <> (SELECT COALESCE(SUM(counted / 100 + counted / 10 % 10 + counted % 10), 0) FROM reviews r WHERE s.kind = 'product' AND r.product_id = s.id OR s.kind = 'brand' AND r.brand_id = s.id)`).Scan(&wrong)
		if wrong != "" {
			t.Errorf("scores that are not the sums of their reviews: %s", wrong)
		}
		return err
	}))
}

func TestAskedOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		arrive(t, r, "ann", "a", "mug", "jug")
		arrive(t, r, "ann", "a", "mug", "jug")
		arrive(t, r, "ann", "b", "mug") // bought again
		arrive(t, r, "sam", "c", "mug") // works for the brand
		if got := databasetest.Told(t, db); got != "review.ask ann" {
			t.Errorf("told: %s", got)
		}
		if list, err := r.Asked(t.Context(), "ann", "a"); err != nil || !slices.Equal(list, []commerce.ProductID{"jug", "mug"}) {
			t.Errorf("%v, %v", list, err)
		}
		write(t, r, "ann", "jug", Stars{5, 5, 5})
		if list, err := r.AskedWith(t.Context(), "ann", "jug"); err != nil || !slices.Equal(list, []commerce.ProductID{"mug"}) {
			t.Errorf("%v, %v", list, err)
		}
		if list, _ := r.Asked(t.Context(), "ben", "a"); len(list) > 0 {
			t.Errorf("asked about another's parcel: %v", list)
		}
	})
}

func TestErasedIsNotAsked(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE members SET erased_at = 5 WHERE id = 'ann'`)
			return err
		}))
		if arrive(t, r, "ann", "a", "mug"); databasetest.Told(t, db) != "" {
			t.Errorf("told: %s", databasetest.Told(t, db))
		}
	})
}

func TestWhoMayReview(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		arrive(t, r, "sam", "c", "mug")
		if _, err := r.Write(t.Context(), Review{Member: "ben", Product: "mug", Stars: Stars{1, 1, 1}}); !errors.Is(err, ErrNotYours) {
			t.Errorf("who has not received it: %v", err)
		}
		if _, err := r.Write(t.Context(), Review{Member: "sam", Product: "mug", Stars: Stars{5, 5, 5}}); !errors.Is(err, ErrOwnBrand) {
			t.Errorf("who works for the brand: %v", err)
		}
		for _, s := range []Stars{{}, {5, 5, 0}, {6, 5, 5}} {
			if _, err := r.Write(t.Context(), Review{Member: "ann", Product: "mug", Stars: s}); !errors.Is(err, ErrStars) {
				t.Errorf("%v: %v", s, err)
			}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		done := map[string]int{}
		for range 4 { // once, however fast
			wg.Go(func() {
				_, err := r.Write(t.Context(), Review{Member: "ann", Product: "mug", Stars: Stars{5, 4, 3}})
				mu.Lock()
				defer mu.Unlock()
				done[fmt.Sprint(errors.Is(err, ErrAlready), err == nil)]++
			})
		}
		wg.Wait()
		if done["false true"] != 1 || done["true false"] != 3 {
			t.Errorf("%v", done)
		}
		scored(t, r, "mug", Score{1, Stars{5, 4, 3}})
	})
}

func TestEditedOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		var gone []string
		r.Forget = func(hash string) { gone = append(gone, hash) }
		arrive(t, r, "ann", "a", "mug")
		w, err := r.Write(t.Context(), Review{Member: "ann", Product: "mug", Stars: Stars{5, 4, 3}, Photos: []string{"aa", "bb"}})
		must(t, err)
		now.Wait(time.Minute)
		if err := r.Edit(t.Context(), Review{ID: w.ID, Member: "ben", Stars: Stars{1, 1, 1}}); !errors.Is(err, ErrNone) {
			t.Errorf("another's: %v", err)
		}
		must(t, r.Edit(t.Context(), Review{ID: w.ID, Member: "ann", Stars: Stars{2, 4, 5}, Words: "Now.", Photos: []string{"bb"}}))
		if err := r.Edit(t.Context(), Review{ID: w.ID, Member: "ann", Stars: Stars{5, 5, 5}}); !errors.Is(err, ErrEdited) {
			t.Errorf("twice: %v", err)
		}
		got, err := r.Of(t.Context(), "ann", "mug")
		if err != nil || got.Stars != (Stars{2, 4, 5}) || got.Words != "Now." || !got.Edited || !slices.Equal(gone, []string{"aa"}) {
			t.Errorf("%+v, %v, photos that went: %v", got, err, gone)
		}
		scored(t, r, "mug", Score{1, Stars{2, 4, 5}})
	})
}

// TestBrandAnswers: the brand writes its answer, and nothing else of the review.
func TestBrandAnswers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		w := write(t, r, "ann", "mug", Stars{1, 2, 1})
		page, err := r.Waiting(t.Context(), []commerce.BrandID{"kiln"}, "", 10)
		if err != nil || len(page.Items) != 1 {
			t.Fatalf("%+v, %v", page, err)
		}
		if page, _ := r.Waiting(t.Context(), []commerce.BrandID{"other"}, "", 10); len(page.Items) > 0 {
			t.Error("another brand sees it")
		}
		if err := r.Answer(t.Context(), "staff:eve", []commerce.BrandID{"other"}, w.ID, "No."); !errors.Is(err, ErrNone) {
			t.Errorf("another brand: %v", err)
		}
		must(t, r.Answer(t.Context(), "staff:sam", []commerce.BrandID{"kiln"}, w.ID, "Sorry."))
		now.Wait(time.Hour)
		must(t, r.Answer(t.Context(), "staff:sam", nil, w.ID, "Sorry, a new one is on its way."))
		got, err := r.One(t.Context(), w.ID)
		w.Answer, got.answeredBy, got.counted = "Sorry, a new one is on its way.", "", Stars{}
		if fmt.Sprint(got) != fmt.Sprint(w) || err != nil {
			t.Errorf("%+v\n%+v, %v", got, w, err)
		}
		if got := databasetest.Told(t, db); got != "review.answered ann, review.ask ann" {
			t.Errorf("told: %s", got)
		}
		if page, _ := r.Waiting(t.Context(), nil, "", 10); len(page.Items) > 0 {
			t.Error("it waits still")
		}
		scored(t, r, "mug", Score{1, Stars{1, 2, 1}})
	})
}

func TestOneVote(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		w := write(t, r, "ann", "mug", Stars{5, 5, 5})
		if err := r.Helpful(t.Context(), "ann", w.ID); !errors.Is(err, ErrOwn) {
			t.Errorf("for one's own: %v", err)
		}
		if err := r.Helpful(t.Context(), "sam", w.ID); !errors.Is(err, ErrOwnBrand) {
			t.Errorf("by the brand: %v", err)
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := r.Helpful(t.Context(), "ben", w.ID); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		must(t, r.Helpful(t.Context(), "cleo", w.ID))
		if got, err := r.One(t.Context(), w.ID); err != nil || got.Helpful != 2 {
			t.Errorf("%d votes, %v", got.Helpful, err)
		}
	})
}

// TestHidden: what moderators hide is shown to nobody, and its stars count.
func TestHidden(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		w := write(t, r, "ann", "mug", Stars{1, 1, 1})
		hide := func(hidden bool) {
			must(t, db.Write(t.Context(), func(tx *database.Tx) error {
				if hidden {
					return Moderated{r}.Hide(tx, string(w.ID))
				}
				return Moderated{r}.Restore(tx, string(w.ID))
			}))
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				s, err := Moderated{r}.Look(tx, string(w.ID))
				if s.Author != "ann" || s.Words != w.Words || s.Hidden != hidden {
					t.Errorf("moderators see %+v", s)
				}
				return err
			}))
		}
		hide(true)
		if page, err := r.List(t.Context(), "mug", Newest, "", 5); err != nil || len(page.Items) > 0 {
			t.Errorf("%+v, %v", page, err)
		}
		if page, _ := r.Waiting(t.Context(), nil, "", 5); len(page.Items) > 0 {
			t.Error("it waits for an answer")
		}
		scored(t, r, "mug", Score{1, Stars{1, 1, 1}})
		hide(false)
		if page, _ := r.List(t.Context(), "mug", Newest, "", 5); len(page.Items) != 1 {
			t.Error("it is not shown again")
		}
	})
}

func TestPages(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for i := range 7 {
				if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, '', '', 1)`, fmt.Sprint("m", i)); err != nil {
					return err
				}
			}
			return nil
		}))
		for i := range 7 {
			m := commerce.MemberID(fmt.Sprint("m", i))
			arrive(t, r, m, fmt.Sprint(i), "mug")
			w := write(t, r, m, "mug", Stars{5, 5, 5})
			if i == 2 {
				must(t, r.Helpful(t.Context(), "ben", w.ID))
			}
			if i != 3 { // m3 and m4 at the same moment
				now.Wait(time.Second)
			}
		}
		read := func(by Order) (all []string) {
			cursor := ""
			for {
				page, err := r.List(t.Context(), "mug", by, cursor, 2)
				must(t, err)
				for _, w := range page.Items {
					all = append(all, string(w.Member))
				}
				if cursor = page.Next; cursor == "" {
					return all
				}
			}
		}
		newest := read(Newest)
		if same := newest[2:4]; slices.Contains(same, "m3") && slices.Contains(same, "m4") {
			slices.Sort(same) // by their id, whichever that is
		}
		if got := strings.Join(newest, " "); got != "m6 m5 m3 m4 m2 m1 m0" {
			t.Errorf("newest first: %s", got)
		}
		if got := read(Helpful); len(got) != 7 || got[0] != "m2" {
			t.Errorf("most helpful first: %v", got)
		}
	})
}

// TestLink: two members who are one have one review of a product, and one vote.
func TestLink(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		arrive(t, r, "ben", "b", "mug", "jug")
		arrive(t, r, "cleo", "c", "mug")
		w, theirs, of := write(t, r, "ann", "mug", Stars{5, 5, 5}), write(t, r, "cleo", "mug", Stars{3, 3, 3}), write(t, r, "ben", "jug", Stars{4, 4, 4})
		write(t, r, "ben", "mug", Stars{1, 1, 1})
		must(t, r.Helpful(t.Context(), "ben", w.ID))
		must(t, r.Helpful(t.Context(), "ann", theirs.ID))
		must(t, r.Helpful(t.Context(), "ben", theirs.ID))
		must(t, r.Helpful(t.Context(), "ann", of.ID))
		must(t, r.Helpful(t.Context(), "cleo", of.ID))
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return r.Link(tx, "ann", "ben") }))
		for id, votes := range map[commerce.ReviewID]int64{w.ID: 0, theirs.ID: 1, of.ID: 1} {
			if got, err := r.One(t.Context(), id); err != nil || got.Helpful != votes {
				t.Errorf("review of %s: %d votes, %v; want %d", got.Product, got.Helpful, err, votes)
			}
		}
		if got, err := r.Of(t.Context(), "ann", "jug"); err != nil || got.ID != of.ID {
			t.Errorf("%+v, %v", got, err)
		}
		if yes, err := r.Bought(t.Context(), "ann", "jug"); !yes || err != nil {
			t.Errorf("what the other received is theirs: %v, %v", yes, err)
		}
		scored(t, r, "mug", Score{2, Stars{8, 8, 8}})
	})
}

func TestErase(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, _ := open(t, db)
		var gone []string
		r.Forget = func(hash string) { gone = append(gone, hash) }
		arrive(t, r, "ann", "a", "mug")
		w, err := r.Write(t.Context(), Review{Member: "ann", Product: "mug", Stars: Stars{5, 4, 3}, Words: "Mine.", Photos: []string{"aa"}})
		must(t, err)
		must(t, r.Answer(t.Context(), "staff:sam", nil, w.ID, "Thank you, Ann."))
		list, err := r.Export(t.Context(), "ann", func(hash string) ([]byte, error) { return []byte(hash), nil })
		if err != nil || len(list) != 1 || list[0].Words != "Mine." || list[0].Stars["quality"] != 4 || string(list[0].Photos[0]) != "aa" {
			t.Errorf("%+v, %v", list, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return r.Erase(tx, "ann") }))
		got, err := r.One(t.Context(), w.ID)
		if err != nil || got.Member != "" || got.Words != "" || len(got.Photos) > 0 || got.Answer != "" || got.Stars != w.Stars || !slices.Equal(gone, []string{"aa"}) {
			t.Errorf("%+v, %v, photos that went: %v", got, err, gone)
		}
		if yes, _ := r.Bought(t.Context(), "ann", "mug"); yes {
			t.Error("what she received is known")
		}
		scored(t, r, "mug", Score{1, Stars{5, 4, 3}})
	})
}

// TestFrozen: whom moderators froze writes nothing until it is over.
func TestFrozen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		arrive(t, r, "ben", "b", "mug", "jug")
		of := write(t, r, "ben", "jug", Stars{5, 5, 5})
		q, err := r.Ask(t.Context(), Question{Member: "ann", Product: "mug", Words: "Is it heavy?"})
		must(t, err)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO measures (id, kind, about, subject_id, member_id, reason, until, made_at, made_by) VALUES ('m', 'freeze', 'review', 'x', 'ben', 'spam', $1, 1, 'sam')`,
				commerce.Micros(now.Now().Add(time.Hour)))
			return err
		}))
		_, err = r.Write(t.Context(), Review{Member: "ben", Product: "mug", Stars: Stars{5, 5, 5}})
		_, asked := r.Ask(t.Context(), Question{Member: "ben", Product: "mug", Words: "And?"})
		for what, err := range map[string]error{"write": err, "edit": r.Edit(t.Context(), Review{ID: of.ID, Member: "ben", Stars: Stars{1, 1, 1}}), "ask": asked, "reply": r.Reply(t.Context(), "ben", q.ID, "No.")} {
			if !errors.Is(err, moderation.ErrFrozen) {
				t.Errorf("%s: %v", what, err)
			}
		}
		now.Wait(2 * time.Hour)
		write(t, r, "ben", "mug", Stars{5, 5, 5})
		must(t, r.Reply(t.Context(), "ben", q.ID, "No."))
	})
}
