package cache

import (
	"errors"
	"slices"
	"testing"
	"time"
)

type clock struct{ t time.Time }

func (c *clock) Now() time.Time { return c.t }

func TestCache(t *testing.T) {
	now := &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	c := New[string, int](2, time.Minute, now)
	loads := 0
	get := func(k string) int {
		v, err := c.Load(k, func() (int, error) { loads++; return loads, nil })
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for range 2 {
		if get("a") != 1 {
			t.Error("a was loaded twice")
		}
	}
	get("b") // 2
	get("a")
	get("c") // 3: b makes room
	if get("a") != 1 {
		t.Error("a was used last and should still be there")
	}
	if get("b") != 4 || c.Len() != 2 {
		t.Errorf("b should have made room; %d entries", c.Len())
	}
	now.t = now.t.Add(time.Minute)
	if get("b") != 5 {
		t.Error("b is a minute old and was not loaded again")
	}
	c.Drop("b")
	if get("b") != 6 {
		t.Error("b was dropped and is there")
	}
}

func TestLoadKeepsNothingStale(t *testing.T) {
	c := New[string, int](2, time.Minute, &clock{time.Unix(0, 0)})
	v, err := c.Load("a", func() (int, error) {
		c.Drop("a") // the row changes after it was read
		return 1, nil
	})
	if v != 1 || err != nil {
		t.Fatal(v, err)
	}
	if _, ok := c.Get("a"); ok {
		t.Error("a value read before a Drop was kept")
	}
	if _, err := c.Load("a", func() (int, error) {
		c.Drop("b") // another's change does not matter
		c.Drop("a")
		if v, err := c.Load("a", func() (int, error) { return 3, nil }); v != 3 || err != nil {
			t.Error(v, err)
		}
		return 2, nil
	}); err != nil {
		t.Fatal(err)
	}
	if v, ok := c.Get("a"); !ok || v != 3 {
		t.Errorf("%d, %v: what began after the Drop is the newer", v, ok)
	}
	c.Drop("a")
	if len(c.loading) != 0 {
		t.Error("something is still being read")
	}
	if _, err := c.Load("a", func() (int, error) { return 1, errors.New("no") }); err == nil || c.Len() != 0 {
		t.Error("an error was kept")
	}
}

// TestLoadAll: what is missing is read at once, each key once; what is dropped while
// it is read is not kept, and neither is what an error came with.
func TestLoadAll(t *testing.T) {
	c := New[string, int](10, time.Minute, &clock{})
	asked := [][]string{}
	read := func(missing []string) (map[string]int, error) {
		asked = append(asked, missing)
		found := map[string]int{}
		for _, k := range missing {
			if k == "drop" {
				c.Drop(k)
			}
			if k != "none" {
				found[k] = len(k)
			}
		}
		return found, nil
	}
	for i, step := range []struct{ keys, want []string }{
		{[]string{"a", "bb", "a", "none"}, []string{"a", "bb", "none"}},
		{[]string{"bb", "drop"}, []string{"drop"}},
		{[]string{"drop", "none", "a"}, []string{"drop", "none"}},
		{[]string{"a"}, nil},
	} {
		asked = nil
		all, err := c.LoadAll(step.keys, read)
		var got []string
		if len(asked) > 0 {
			got = asked[0]
		}
		if err != nil || len(asked) > 1 || !slices.Equal(got, step.want) {
			t.Errorf("%d: asked for %v, %v; want %v", i, asked, err, step.want)
		}
		for _, k := range step.keys {
			if v, ok := all[k]; ok != (k != "none") || ok && v != len(k) {
				t.Errorf("%d: %s is %d, %v", i, k, v, ok)
			}
		}
	}
	if _, err := c.LoadAll([]string{"e"}, func([]string) (map[string]int, error) { return map[string]int{"e": 1}, errors.New("no") }); err == nil {
		t.Error("no error")
	}
	if _, ok := c.Get("e"); ok {
		t.Error("what came with an error is kept")
	}
	if n := len(c.loading); n != 0 {
		t.Errorf("%d are still being loaded", n)
	}
}
