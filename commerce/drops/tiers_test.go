package drops_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// TestTierMayTakePart: who has a tier may, by what counted in its time: now, or when
// the rule says.
func TestTierMayTakePart(t *testing.T) {
	since := start.Add(-24 * time.Hour)
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := planned(t, db, 10, 5, func(p *drops.Plan) {
			p.Who = []drops.Rule{{Tier: "gold", Called: "Gold", Sum: commerce.Money{Amount: 100, Currency: "EUR"}, Within: 30 * 24 * time.Hour, Since: since},
				{Tier: "busy", Called: "Busy", Sum: commerce.Money{Amount: 50, Currency: "PTS"}, Within: 30 * 24 * time.Hour}}
		})
		paid := func(i int, at time.Time, amount, back int64, currency string) {
			w.exec(`INSERT INTO spent (order_id, member_id, currency, at, amount, back) VALUES ($1, $2, $3, $4, $5, $6)`,
				fmt.Sprint("o", i, commerce.Micros(at)), member(i), currency, commerce.Micros(at), amount, back)
		}
		paid(1, since, 60, 0, "EUR")
		paid(1, since.Add(-time.Hour), 40, 0, "EUR")
		paid(2, since.Add(time.Second), 100, 0, "EUR") // too late
		paid(3, since.Add(-time.Hour), 101, 2, "EUR")
		paid(4, since.Add(-30*24*time.Hour), 100, 0, "EUR") // too long ago
		paid(5, since.Add(-time.Hour), 100, 0, "CHF")
		w.exec(`INSERT INTO points_days (account, day, earned) VALUES ('points:m6', $1, 50), ('points:m7', $1, 49), ('points:m8', $2, 50)`,
			commerce.Micros(start.Add(-time.Hour)), commerce.Micros(start.Add(-31*24*time.Hour)))
		w.opened()
		for i, want := range map[int]bool{0: false, 1: true, 2: false, 3: false, 4: false, 5: false, 6: true, 7: false, 8: false} {
			if _, err := w.from(i, "x", "1"); (err == nil) != want || err != nil && !errors.Is(err, drops.ErrNotFor) {
				t.Errorf("member %d: %v, may take part: %t", i, err, want)
			}
		}
		w.audit()
	})
}
