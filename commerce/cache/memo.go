package cache

import "sync"

// Memo keeps what a function returned that always returns the same for the
// same argument, up to a limit; then it begins anew. Its methods may be called
// from many goroutines. A nil Memo keeps nothing.
type Memo[K comparable, V any] struct {
	limit  int
	mu     sync.RWMutex
	values map[K]V
}

// NewMemo makes an empty Memo for limit values, at least 1.
func NewMemo[K comparable, V any](limit int) *Memo[K, V] {
	return &Memo[K, V]{limit: max(limit, 1), values: map[K]V{}}
}

// Of returns what f returns for key, without calling it where it is known.
func (m *Memo[K, V]) Of(key K, f func(K) V) V {
	if m == nil {
		return f(key)
	}
	m.mu.RLock()
	v, ok := m.values[key]
	m.mu.RUnlock()
	if ok {
		return v
	}
	v = f(key)
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.values) >= m.limit {
		clear(m.values)
	}
	m.values[key] = v
	return v
}
