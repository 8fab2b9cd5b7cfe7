// Package clocktest is the clock of tests: it stands still until it is told that
// time goes by. Many goroutines may look at it. Start at At.
package clocktest

import (
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
)

// Clock is a commerce.Clock.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

var _ commerce.Clock = (*Clock)(nil)

// At makes a clock that shows a time.
func At(now time.Time) *Clock { return &Clock{now: now} }

// Now implements commerce.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Wait lets so much time go by.
func (c *Clock) Wait(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set has it show another time.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}
