package promotions_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
)

type clock struct{}

func (clock) Now() time.Time { return time.Unix(1_700_000_000, 0) }

// declared is a code that three orders may use, one of each member's.
func declared(t *testing.T, db *database.DB) *promotions.Promotions {
	t.Helper()
	p := promotions.New(db, clock{}, commerce.RandomIDs{})
	if err := p.Declare(t.Context(), []promotions.Rule{{ID: "ten", Name: "ten", Kind: promotions.Code, Code: "TEN", Limit: 3, PerMember: 1,
		Takes: pricing.Discount{Label: "Ten", Percent: 100_000}}}); err != nil {
		t.Fatal(err)
	}
	return p
}

func take(t *testing.T, db *database.DB, p *promotions.Promotions, order string, m commerce.MemberID) error {
	return db.Write(t.Context(), func(tx *database.Tx) error {
		return p.Take(tx, commerce.OrderID(order), m, []string{"ten"}, clock{}.Now(), false)
	})
}

// TestLimits: each member has it once, all together three times; what an order
// gives back can be taken again, what was used can not.
func TestLimits(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		p := declared(t, db)
		end := func(how func(*database.Tx, commerce.OrderID) error, order commerce.OrderID) {
			t.Helper()
			if err := db.Write(t.Context(), func(tx *database.Tx) error { return how(tx, order) }); err != nil {
				t.Fatal(err)
			}
		}
		for _, step := range []struct {
			order  string
			member commerce.MemberID
			want   error
		}{{"a1", "ann", nil}, {"a2", "ann", promotions.ErrYours}, {"b1", "ben", nil}, {"c1", "cem", nil}, {"d1", "dot", promotions.ErrUsedUp}} {
			if err := take(t, db, p, step.order, step.member); !errors.Is(err, step.want) {
				t.Errorf("order %s: %v, want %v", step.order, err, step.want)
			}
		}
		end(promotions.Use, "a1")
		end(promotions.Release, "a1") // too late: it was used
		if err := take(t, db, p, "a3", "ann"); err == nil {
			t.Error("ann has it twice")
		}
		end(promotions.Release, "b1")
		end(promotions.Release, "b1")
		if err := take(t, db, p, "d2", "dot"); err != nil {
			t.Errorf("what ben gave back: %v", err)
		}
		if err := take(t, db, p, "b2", "ben"); !errors.Is(err, promotions.ErrUsedUp) {
			t.Errorf("given back twice: %v", err)
		}
	})
}

// TestLimitAtOnce lets twenty members take at the same moment what three may.
func TestLimitAtOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		p := declared(t, db)
		var won atomic.Int64
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				err := take(t, db, p, fmt.Sprint("o", i), commerce.MemberID(fmt.Sprint("m", i)))
				if err == nil {
					won.Add(1)
				} else if !errors.Is(err, promotions.ErrUsedUp) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 3 {
			t.Errorf("%d orders have it, want 3", won.Load())
		}
	})
}
