package drops_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// TestOneDropFails breaks one drop in the tables: the others go on.
func TestOneDropFails(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 2, 2, func(p *drops.Plan) {})
		w.opened()
		_, err := w.claim(1)
		w.must(err)
		w.exec(`INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, created_at) VALUES ('a', 'a', 'b', 'open', 'no terms', 0, 1, 0)`)
		w.clock.move(2 * time.Hour)
		for range 4 {
			if _, err := w.drops.Step(w.ctx); err == nil {
				t.Error("nobody is told of the broken one")
			}
		}
		if d, err := w.drops.Get(w.ctx, drop); err != nil || d.State != drops.Over {
			t.Errorf("%s, %v", d.State, err)
		}
	})
}
