package drops_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestEverybodyLearnsTheirResult follows one member into each end there is: each
// is told it once. Who bought is told by the confirmation, who left knows.
func TestEverybodyLearnsTheirResult(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 5).opened()
		for i := range 6 {
			_, err := w.claim(i)
			w.must(err)
		}
		buy := func(i int) {
			t.Helper()
			o, err := w.order(w.mine(i))
			w.must(err)
			w.sell(o)
		}
		buy(0)
		w.must(w.drops.Leave(w.ctx, drop, member(5))) // the line
		w.clock.Wait(11 * time.Minute)                // m1 does not pay
		w.step()
		w.must(w.drops.Leave(w.ctx, drop, member(2))) // what was handed to them
		w.step()
		buy(3)
		w.step()
		w.clock.Wait(3 * time.Hour)
		w.step()
		got := map[string]string{}
		w.must(db.Read(w.ctx, func(tx *database.Tx) error {
			return tx.Rows(`SELECT member_id, kind FROM notices WHERE member_id <> '' ORDER BY member_id, created_at, id`, nil, func(scan func(...any) error) error {
				var m commerce.MemberID
				var kind string
				err := scan(&m, &kind)
				got[string(m)] = strings.TrimSpace(got[string(m)] + " " + kind)
				return err
			})
		}))
		want := map[string]string{"m1": "drop.lapsed", "m2": "drop.yours", "m3": "drop.yours", "m4": "drop.lost"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		w.audit()
	})
}
