package cache

import "testing"

func TestMemo(t *testing.T) {
	m, calls := NewMemo[int, int](2), 0
	double := func(n int) int { calls++; return 2 * n }
	for _, n := range []int{1, 1, 2, 1, 2} {
		if got := m.Of(n, double); got != 2*n {
			t.Errorf("Of(%d) = %d", n, got)
		}
	}
	if calls != 2 {
		t.Errorf("called %d times for two arguments", calls)
	}
	if m.Of(3, double); len(m.values) > 2 {
		t.Errorf("%d values where 2 fit", len(m.values))
	}
	if got := (*Memo[int, int])(nil).Of(4, double); got != 8 {
		t.Errorf("a nil Memo says %d", got)
	}
}
