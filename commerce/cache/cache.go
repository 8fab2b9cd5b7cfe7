// Package cache is a bounded map in memory whose entries live for a short
// time: what lets a tap of a known member cost no SQL.
//
// It is never the truth, and it never grows with people who are not here: the
// entry used least recently makes room. It knows nothing of what it keeps.
// Start at Cache.Load.
package cache

import (
	"container/list"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
)

// Cache keeps up to limit values for ttl each. Its methods may be called from
// many goroutines.
type Cache[K comparable, V any] struct {
	limit int
	ttl   time.Duration
	clock commerce.Clock

	mu      sync.Mutex
	entries map[K]*list.Element
	recent  *list.List // of *entry, the one used last in front
	loading map[K]*load
}

// load is a value being read by one caller or several.
type load struct {
	callers int
	stale   bool // dropped meanwhile
}

type entry[K comparable, V any] struct {
	key   K
	value V
	until time.Time
}

// New makes an empty Cache for limit entries, at least 1.
func New[K comparable, V any](limit int, ttl time.Duration, clock commerce.Clock) *Cache[K, V] {
	return &Cache[K, V]{
		limit: max(limit, 1), ttl: ttl, clock: clock,
		entries: map[K]*list.Element{}, recent: list.New(), loading: map[K]*load{},
	}
}

// Get returns the value of key where it is there and not too old.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	now := c.clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	var none V
	at, ok := c.entries[key]
	if !ok {
		return none, false
	}
	e := at.Value.(*entry[K, V])
	if !now.Before(e.until) {
		c.remove(at)
		return none, false
	}
	c.recent.MoveToFront(at)
	return e.value, true
}

// Load returns the value of key, from read where it is not in the cache. What
// read returns with an error is not kept, nor what it read before a Drop of
// the key that came while it ran: such a value may be from before the change.
func (c *Cache[K, V]) Load(key K, read func() (V, error)) (V, error) {
	if v, ok := c.Get(key); ok {
		return v, nil
	}
	l := c.begin(key)
	keep := false
	var v V
	defer func() { c.end(key, l, keep, v) }() // also where read panics
	v, err := read()
	keep = err == nil
	return v, err
}

// LoadAll returns the values of keys; read is asked once for all that are not in
// the cache, each only once, and what it does not know is missing from the answer
// too. What it reads is kept as Load keeps it.
func (c *Cache[K, V]) LoadAll(keys []K, read func(missing []K) (map[K]V, error)) (map[K]V, error) {
	all := make(map[K]V, len(keys))
	loads := map[K]*load{}
	var missing []K
	for _, key := range keys {
		if v, ok := c.Get(key); ok {
			all[key] = v
		} else if loads[key] == nil {
			loads[key] = c.begin(key)
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return all, nil
	}
	var found map[K]V
	defer func() { // also where read panics
		for key, l := range loads {
			v, keep := found[key]
			c.end(key, l, keep, v)
		}
	}()
	some, err := read(missing)
	if err != nil {
		return nil, err
	}
	found = some
	for key, v := range found {
		all[key] = v
	}
	return all, nil
}

func (c *Cache[K, V]) begin(key K) *load {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.loading[key]
	if l == nil {
		l = &load{}
		c.loading[key] = l
	}
	l.callers++
	return l
}

func (c *Cache[K, V]) end(key K, l *load, keep bool, v V) {
	now := c.clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.callers--; l.callers == 0 && c.loading[key] == l {
		delete(c.loading, key)
	}
	if keep && !l.stale {
		c.put(key, v, now)
	}
}

// Drop forgets keys. Call it after the commit that changed them.
func (c *Cache[K, V]) Drop(keys ...K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		if l := c.loading[k]; l != nil {
			l.stale = true
			delete(c.loading, k) // who begins to read now, reads what is new
		}
		if at, ok := c.entries[k]; ok {
			c.remove(at)
		}
	}
}

// Clear forgets everything.
func (c *Cache[K, V]) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k, l := range c.loading {
		l.stale = true
		delete(c.loading, k)
	}
	clear(c.entries)
	c.recent.Init()
}

// Len returns how many entries there are, those too old included.
func (c *Cache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

func (c *Cache[K, V]) put(key K, value V, now time.Time) {
	if at, ok := c.entries[key]; ok {
		c.remove(at)
	}
	c.entries[key] = c.recent.PushFront(&entry[K, V]{key, value, now.Add(c.ttl)})
	for len(c.entries) > c.limit {
		c.remove(c.recent.Back())
	}
}

func (c *Cache[K, V]) remove(at *list.Element) {
	c.recent.Remove(at)
	delete(c.entries, at.Value.(*entry[K, V]).key)
}
