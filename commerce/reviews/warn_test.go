package reviews

import (
	"fmt"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestWarning(t *testing.T) {
	now := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	some := func(n int, s Stars, age time.Duration) (list []Review) {
		for range n {
			list = append(list, Review{Stars: s, WrittenAt: now.Add(-age)})
		}
		return list
	}
	good, bad, fair := Stars{5, 5, 5}, Stars{5, 2, 5}, Stars{4, 3, 4}
	for _, c := range []struct {
		name string
		list []Review
		all  Score
		want string
	}{
		{"two complaints", some(2, bad, time.Hour), of(2, bad), ""},
		{"three complaints", some(3, bad, time.Hour), of(3, bad), Complaints},
		{"three long ago", some(3, bad, 4*24*time.Hour), of(3, bad), ""},
		{"three among many", append(some(3, bad, time.Hour), some(17, good, time.Hour)...), of(20, good), ""},
		{"three among those of weeks", append(some(3, bad, time.Hour), some(17, good, 30*24*time.Hour)...), of(20, good), Complaints},
		{"a whole star", some(10, fair, 10*24*time.Hour), Score{20, Stars{90, 80, 90}}, Fell},
		{"ten in all", some(10, fair, 10*24*time.Hour), of(10, fair), ""},
		{"not enough before", some(10, fair, 10*24*time.Hour), Score{19, Stars{85, 75, 85}}, ""},
		{"less than a star", some(10, Stars{5, 4, 4}, 10*24*time.Hour), Score{20, Stars{100, 90, 90}}, ""},
	} {
		if got := warning(c.list, c.all, 3, now); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// TestWarned: the brand hears of three complaints with the third, once a week; of
// what is spread over products with the sixth.
func TestWarned(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		r.Told = func(commerce.BrandID) []commerce.MemberID { return []commerce.MemberID{"sam"} }
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for i := range 9 {
				if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, '', '', 1)`, fmt.Sprint("m", i)); err != nil {
					return err
				}
			}
			_, err := tx.Exec(`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
				VALUES ('pot', 'kiln', '3', 'Pot', '', '', '', '', '', '', '', 3, 1, 1)`)
			return err
		}))
		warned := func() (list string) {
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Row(`SELECT COALESCE(STRING_AGG(args, ' ' ORDER BY created_at), '') FROM notices WHERE kind = 'staff.reviews'`).Scan(&list)
			}))
			return list
		}
		complain := func(i int, p commerce.ProductID) {
			m := commerce.MemberID(fmt.Sprint("m", i))
			arrive(t, r, m, fmt.Sprint(i, p), p)
			write(t, r, m, p, Stars{1, 3, 3})
			now.Wait(time.Minute)
		}
		complain(0, "mug")
		complain(1, "mug")
		if got := warned(); got != "" {
			t.Errorf("of two: %s", got)
		}
		complain(2, "mug")
		complain(3, "mug")
		const mug = `{"brand":"kiln","product":"mug","why":"complaints"}`
		if got := warned(); got != mug {
			t.Errorf("of four: %s", got)
		}
		complain(4, "jug")
		if got := warned(); got != mug {
			t.Errorf("of one more elsewhere: %s", got)
		}
		complain(5, "pot")
		const all = mug + ` {"brand":"kiln","why":"complaints"}`
		if got := warned(); got != all {
			t.Errorf("of six of the brand: %s", got)
		}
		now.Wait(warnEvery)
		complain(6, "mug")
		complain(7, "mug")
		complain(8, "mug")
		if got := warned(); got != all+" "+mug {
			t.Errorf("a week later: %s", got)
		}
	})
}
