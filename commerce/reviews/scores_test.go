package reviews

import (
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func of(n int64, each Stars) Score {
	return Score{n, Stars{n * each[0], n * each[1], n * each[2]}}
}

// TestScore: one review moves nothing, a few good ones a little, many what they say.
func TestScore(t *testing.T) {
	for _, c := range []struct {
		name           string
		of             Score
		mean, bayesian int64
		rank           int
	}{
		{"none", Score{}, 0, 3750, 0},
		{"one of the best", of(1, Stars{5, 5, 5}), 5000, 3863, 0},
		{"one of the worst", of(1, Stars{1, 1, 1}), 1000, 3500, 0},
		{"two of the worst", of(2, Stars{1, 1, 1}), 1000, 3291, -1},
		{"three of the best", of(3, Stars{5, 5, 5}), 5000, 4038, 1},
		{"a hundred of the best", of(100, Stars{5, 5, 5}), 5000, 4886, 2},
		{"a hundred of the worst", of(100, Stars{1, 1, 1}), 1000, 1250, -5},
		{"mixed", of(10, Stars{5, 4, 2}), 3666, 3708, 0},
	} {
		if c.of.Mean() != c.mean || c.of.Bayesian() != c.bayesian || c.of.Rank() != c.rank {
			t.Errorf("%s: %d, %d, %d; want %d, %d, %d", c.name, c.of.Mean(), c.of.Bayesian(), c.of.Rank(), c.mean, c.bayesian, c.rank)
		}
	}
	if s := of(10, Stars{5, 4, 2}); s.Factor(0) != 5000 || s.Factor(2) != 2000 {
		t.Errorf("%d, %d", s.Factor(0), s.Factor(2))
	}
}

// TestScoresElsewhere: what another process has written is seen some seconds later.
func TestScoresElsewhere(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		other := New(r.Config)
		read := func(want Score) {
			t.Helper()
			scores, err := other.Products(t.Context())
			if err != nil || scores["mug"] != want {
				t.Errorf("%+v, %v; want %+v", scores["mug"], err, want)
			}
		}
		arrive(t, r, "ann", "a", "mug")
		arrive(t, r, "ben", "b", "mug", "jug")
		write(t, r, "ann", "mug", Stars{5, 5, 5})
		read(Score{1, Stars{5, 5, 5}})
		write(t, r, "ben", "mug", Stars{1, 2, 3})
		read(Score{1, Stars{5, 5, 5}}) // as it was a moment ago
		now.Wait(scoresTime)
		read(Score{2, Stars{6, 7, 8}})
		write(t, r, "ben", "jug", Stars{4, 4, 4})
		now.Wait(scoresTime)
		read(Score{2, Stars{6, 7, 8}})
		if s, err := r.Brand(t.Context(), commerce.BrandID("kiln")); err != nil || s != (Score{3, Stars{10, 11, 12}}) {
			t.Errorf("the brand: %+v, %v", s, err)
		}
	})
}
