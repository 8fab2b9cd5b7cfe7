package app

import (
	"context"
	"sync"
	"testing"

	"github.com/soukchat/souk/config"
)

// TestReloadIsNotTurnedBack: who looks after the staff's accounts while a
// configuration is taken over does not bring back the one before, neither its
// staff nor its prices.
func TestReloadIsNotTurnedBack(t *testing.T) {
	a, _ := tripApp(t)
	with, without := *a.config.Load(), *a.config.Load()
	with.Staff = []config.Staff{{Name: "Sam", Role: "admin", Telegram: "1003"}}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := a.restaff(context.WithoutCancel(ctx)); err != nil {
				t.Error(err)
			}
		}
	})
	for range 20 {
		for cfg, n := range map[*config.Config]int{&with: 1, &without: 0} {
			if err := a.take(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			if err := a.restaff(t.Context()); err != nil {
				t.Fatal(err)
			}
			if d := a.derived.Load(); d.from != cfg || len(d.staff) != n {
				t.Errorf("staff %v, want %d", d.staff, n)
			}
		}
	}
	cancel()
	wg.Wait()
}
