package reviews

import (
	"errors"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/moderation"
)

// TestHiddenReview: it is in no list while it is hidden, its stars count as
// before, and then it is back.
func TestHiddenReview(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			return r.Received(tx, Arrival{Member: "ann", Order: "o1", Parcel: "p1", Brand: "kiln", Products: []commerce.ProductID{"mug"}})
		}))
		w := write(t, r, "ann", "mug", Stars{5, 4, 3})
		m := moderation.New(moderation.Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Parts: map[moderation.Kind]moderation.Part{moderation.Review: Moderated{r}},
			Moderators: func() [][]commerce.MemberID { return [][]commerce.MemberID{{"sam"}} }})
		about := moderation.Ref{Kind: moderation.Review, ID: string(w.ID)}
		if err := m.Report(t.Context(), "ann", about, moderation.Spam, ""); !errors.Is(err, moderation.ErrOwn) {
			t.Error(err)
		}
		must(t, m.Report(t.Context(), "ben", about, moderation.Hate, ""))
		one, err := m.Decide(t.Context(), moderation.Decision{By: "sam", About: about, Kind: moderation.Hide, Reason: moderation.Hate})
		must(t, err)
		shown := func() int {
			t.Helper()
			list, err := r.List(t.Context(), "mug", Newest, "", 9)
			must(t, err)
			return len(list.Items)
		}
		if n := shown(); n != 0 || one.Member != "ann" {
			t.Errorf("%d shown, %+v", n, one)
		}
		n := 0
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Row(`SELECT n FROM scores WHERE kind = 'product' AND id = 'mug'`).Scan(&n)
		}))
		if n != 1 {
			t.Errorf("the stars of %d reviews count", n)
		}
		must(t, m.Lift(t.Context(), "sam", one.ID))
		if n := shown(); n != 1 {
			t.Errorf("%d shown again", n)
		}
	})
}
