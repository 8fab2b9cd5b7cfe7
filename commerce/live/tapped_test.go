package live_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/live"
)

// TestTapped: a tap that opens a pick notes it, first and last, in the trip it
// makes anyway; only so many are known, and those opened last.
func TestTapped(t *testing.T) {
	each(t, func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock) {
		ctx, n := t.Context(), 0
		open := func(who commerce.MemberID, pick commerce.PickID) time.Time {
			t.Helper()
			n++
			if _, err := l.Open(ctx, live.Tap{Member: who, Bot: "tg", Event: fmt.Sprint(n), Place: "77", Pick: pick}); err != nil {
				t.Fatal(err)
			}
			at := c.Now().Truncate(time.Millisecond).UTC()
			c.Wait(time.Second)
			return at
		}
		known := func(who commerce.MemberID) []live.Tapped {
			t.Helper()
			list, err := l.Tapped(ctx, who)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		first := open(m, "a")
		open(m, "")
		b := open(m, "b")
		last := open(m, "a")
		if diff := cmp.Diff([]live.Tapped{{"a", first, last}, {"b", b, b}}, known(m)); diff != "" {
			t.Errorf("opened (-want +got):\n%s", diff)
		}
		other := m + "x"
		at := open(other, "b")
		if err := l.MergeCarts(ctx, m, other); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]live.Tapped{{"b", b, at}, {"a", first, last}}, known(m)); diff != "" || len(known(other)) != 0 {
			t.Errorf("of both (-want +got):\n%s", diff)
		}
		for i := range live.MaxTapped - 1 {
			open(m, commerce.PickID(fmt.Sprint("p", i)))
		}
		if list := known(m); len(list) != live.MaxTapped || list[len(list)-1].Pick != "b" {
			t.Errorf("%d are known, the oldest is %v", len(list), list[len(list)-1])
		}
		if err := l.ForgetTapped(ctx, m); err != nil || len(known(m)) != 0 {
			t.Errorf("still known, %v", err)
		}
	})
}
