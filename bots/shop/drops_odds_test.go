package shop

import "testing"

func TestOdds(t *testing.T) {
	for _, c := range []struct {
		units, entries int64
		percent, in    string
	}{
		{1, 3, "33", "3"}, {1, 1000, "< 1", "1000"}, {1, 200, "1", "200"}, {2, 3, "67", "2"}, {100, 10_000, "1", "100"},
		{3, 100, "3", "33"}, {7, 200, "4", "29"}, {1, 10, "10", "10"}, {3, 11, "27", "4"}, {399, 400, "> 99", "1"}, {400, 400, "100", "1"},
	} {
		if p, n := chance(c.units, c.entries), oneIn(c.units, c.entries); p != c.percent || n != c.in {
			t.Errorf("%d for %d: %s %%, one in %s; want %s, %s", c.units, c.entries, p, n, c.percent, c.in)
		}
	}
}
