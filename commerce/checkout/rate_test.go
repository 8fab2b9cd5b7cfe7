package checkout_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/torture"
)

// TestRate takes events as the webhook does, from many callers, where a commit
// waits for the disk, and beside that with a commit for each. In full it must be
// 800 a second and more.
func TestRate(t *testing.T) {
	if durable := os.Getenv("SOUK_TORTURE_POSTGRES"); durable != "" {
		t.Setenv("SOUK_TEST_POSTGRES", durable) // its server waits for the disk, the other one does not
	}
	each(t, func(w *world) {
		how, err := w.db.Durability(w.ctx)
		w.must(err)
		take := func(name string, n int, receive func(payments.Event) error) float64 {
			began := time.Now()
			var sending sync.WaitGroup
			for c := range 64 {
				sending.Go(func() {
					for i := c; i < n; i += 64 {
						if err := receive(payments.Event{ID: fmt.Sprint(name, i), Type: "x", Object: fmt.Sprint("x", i/3)}); err != nil {
							w.Error(err)
						}
					}
				})
			}
			sending.Wait()
			return float64(n) / time.Since(began).Seconds()
		}
		alone := take("a", torture.N(200, 5000), func(e payments.Event) error {
			return w.db.Write(w.ctx, func(tx *database.Tx) error {
				_, err := payments.Receive(tx, e, w.clock.Now())
				return err
			})
		})
		together := take("t", torture.N(2000, 50_000), func(e payments.Event) error {
			_, err := w.shop.Receive(w.ctx, e)
			return err
		})
		if together < 2*alone && w.db.Engine() == "sqlite" {
			w.Errorf("%.0f a second together, %.0f each with a commit of its own", together, alone)
		}
		if torture.Full() && together < 800 {
			w.Errorf("%.0f events a second, want 800", together)
		}
		torture.Figure(w.T, "%.0f events a second are taken (%s), %.1f times as many as with a commit for each", together, how, together/alone)
	})
}
