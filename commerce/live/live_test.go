package live_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/live"
)

// each runs the test on an in-process Redis and, where SOUK_TEST_REDIS is set,
// on a real one.
func each(t *testing.T, run func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock)) {
	eachServer(t, func(t *testing.T, url string) {
		c := clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		run(t, live.New(dial(t, url), c), commerce.MemberID(commerce.RandomIDs{}.ID()), c)
	})
}

func eachServer(t *testing.T, run func(t *testing.T, url string)) {
	t.Run("embedded", func(t *testing.T) { run(t, "redis://"+miniredis.RunT(t).Addr()) })
	if url := os.Getenv("SOUK_TEST_REDIS"); url != "" {
		t.Run("redis", func(t *testing.T) { run(t, url) })
	}
}

func dial(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	client, err := live.Dial(commerce.Secret(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return client
}

func TestCart(t *testing.T) {
	each(t, func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock) {
		ctx := t.Context()
		eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
		at := c.Now().UnixMilli()
		type step struct {
			name string
			do   func() ([]live.CartLine, error)
			want []live.CartLine
		}
		shirt := live.CartLine{Variant: "shirt", Quantity: 2, Pick: "p1", Creator: "mira", Seen: eur(1999)}
		for _, s := range []step{
			{"add", func() ([]live.CartLine, error) { return l.AddToCart(ctx, m, "1", shirt) },
				[]live.CartLine{{"shirt", 2, "p1", "mira", eur(1999), at}}},
			{"the same again", func() ([]live.CartLine, error) { return l.AddToCart(ctx, m, "1", shirt) },
				[]live.CartLine{{"shirt", 2, "p1", "mira", eur(1999), at}}},
			{"another tap", func() ([]live.CartLine, error) { return l.AddToCart(ctx, m, "2", shirt) },
				[]live.CartLine{{"shirt", 4, "p1", "mira", eur(1999), at}}},
			{"more than fit", func() ([]live.CartLine, error) {
				return l.AddToCart(ctx, m, "3", live.CartLine{Variant: "shirt", Quantity: 99, Seen: eur(1999)})
			}, []live.CartLine{{"shirt", 99, "", "", eur(1999), at}}},
			{"set", func() ([]live.CartLine, error) { return l.SetQuantity(ctx, m, "4", "shirt", 3) },
				[]live.CartLine{{"shirt", 3, "", "", eur(1999), at}}},
			{"set what is not there", func() ([]live.CartLine, error) { return l.SetQuantity(ctx, m, "5", "hat", 3) },
				[]live.CartLine{{"shirt", 3, "", "", eur(1999), at}}},
			{"accept a price", func() ([]live.CartLine, error) {
				return l.AcceptPrices(ctx, m, "6", map[commerce.VariantID]commerce.Money{"shirt": eur(2499)})
			}, []live.CartLine{{"shirt", 3, "", "", eur(2499), at}}},
			{"take what was bought", func() ([]live.CartLine, error) { return l.TakeFromCart(ctx, m, "b", "shirt", 2) },
				[]live.CartLine{{"shirt", 1, "", "", eur(2499), at}}},
			{"remove", func() ([]live.CartLine, error) { return l.SetQuantity(ctx, m, "7", "shirt", 0) }, []live.CartLine{}},
		} {
			got, err := s.do()
			if err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			if diff := cmp.Diff(s.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", s.name, diff)
			}
		}
		for i := range live.MaxLines + 5 {
			line := live.CartLine{Variant: commerce.VariantID(fmt.Sprint("v", i)), Quantity: 1, Seen: eur(1)}
			if _, err := l.AddToCart(ctx, m, fmt.Sprint("fill", i), line); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := l.Cart(ctx, m); len(got) != live.MaxLines || err != nil {
			t.Errorf("%d lines, %v; want %d", len(got), err, live.MaxLines)
		}
	})
}

func TestMergeCarts(t *testing.T) {
	each(t, func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock) {
		ctx, other := t.Context(), m+"x"
		for who, v := range map[commerce.MemberID]commerce.VariantID{m: "a", other: "b"} {
			if _, err := l.AddToCart(ctx, who, "1", live.CartLine{Variant: v, Quantity: 1}); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 { // a merge begun twice is a merge
			if err := l.MergeCarts(ctx, m, other); err != nil {
				t.Fatal(err)
			}
		}
		got, err := l.Cart(ctx, m)
		if err != nil || len(got) != 2 || got[0].Quantity+got[1].Quantity != 2 {
			t.Errorf("cart = %v, %v", got, err)
		}
	})
}

func TestTap(t *testing.T) {
	each(t, func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock) {
		ctx := t.Context()
		tap := live.Tap{Member: m, Bot: "tg", Event: "1", Place: "77"}
		s, err := l.Open(ctx, tap)
		if err != nil || s.Done != nil || s.Talk != nil || len(s.Cart) != 0 {
			t.Fatalf("first tap: %+v, %v", s, err)
		}
		if err := l.Close(ctx, tap, []byte("answer"), []byte("street?")); err != nil {
			t.Fatal(err)
		}
		next := tap
		next.Event = "2"
		if err := l.Close(ctx, next, []byte("answer 2"), []byte("city?")); err != nil {
			t.Fatal(err)
		}
		// The first event again: its own answer, and the conversation stays where it is.
		if err := l.Close(ctx, tap, []byte("other"), []byte("street?")); err != nil {
			t.Fatal(err)
		}
		s, err = l.Open(ctx, tap)
		if err != nil || string(s.Done) != "answer" || string(s.Talk) != "city?" {
			t.Errorf("sent again: done %q, talk %q, %v", s.Done, s.Talk, err)
		}
	})
}

func TestCodeOnce(t *testing.T) {
	each(t, func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock) {
		ctx := t.Context()
		code, err := l.Keep(ctx, "link", string(m), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		taken := 0
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				v, ok, err := l.Take(context.Background(), "link", " "+code+" ")
				mu.Lock()
				defer mu.Unlock()
				if err != nil || (ok && v != string(m)) {
					t.Errorf("take: %q %v %v", v, ok, err)
				}
				if ok {
					taken++
				}
			})
		}
		wg.Wait()
		if taken != 1 {
			t.Errorf("taken %d times, want 1", taken)
		}
	})
}

func TestBudget(t *testing.T) {
	each(t, func(t *testing.T, l *live.Live, m commerce.MemberID, c *clocktest.Clock) {
		ctx := t.Context()
		b := live.Budget{Name: string(m), Every: time.Second, Burst: 3}
		sent := 0
		for i := range 100 { // ten seconds, ten asks a second, each asked twice
			for range 2 {
				wait, err := l.Spend(ctx, b, fmt.Sprint(i))
				if err != nil {
					t.Fatal(err)
				}
				if wait == 0 {
					sent++
				}
			}
			c.Wait(100 * time.Millisecond)
		}
		if sent != 2*12 { // a burst of 3 at once, then one a second
			t.Errorf("sent %d, want %d", sent, 2*12)
		}
	})
}
