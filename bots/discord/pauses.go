package discord

import (
	"strings"
	"sync"
	"time"
)

// pauses remembers which routes Discord wants no call on for a while, so that
// none is wasted: too many refused calls, and it blocks the address. It holds
// only routes whose time has not come.
type pauses struct {
	mu     sync.Mutex
	until  map[string]time.Time
	global time.Time
}

// left returns how long the route is to rest. What continues an interaction is
// outside the limit for all routes.
func (p *pauses) left(route string, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	wait := max(p.until[route].Sub(now), 0)
	if !strings.Contains(route, " /webhooks/") {
		wait = max(wait, p.global.Sub(now))
	}
	return wait
}

// note takes in what an answer told.
func (p *pauses) note(route string, now time.Time, a *answer) {
	if a.wait <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if a.all {
		p.global = now.Add(a.wait)
		return
	}
	if p.until == nil {
		p.until = map[string]time.Time{}
	}
	for r, t := range p.until {
		if !t.After(now) {
			delete(p.until, r)
		}
	}
	p.until[route] = now.Add(a.wait)
}

// tally counts what is under way. Unlike a sync.WaitGroup it can be waited for
// while more begins.
type tally struct {
	mu   sync.Mutex
	n    int
	idle chan struct{} // closed when n is 0 again
}

func (t *tally) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n == 0 {
		t.idle = make(chan struct{})
	}
	t.n++
}

func (t *tally) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.n--; t.n == 0 {
		close(t.idle)
	}
}

func (t *tally) wait() {
	t.mu.Lock()
	n, idle := t.n, t.idle
	t.mu.Unlock()
	if n > 0 {
		<-idle
	}
}

// privateChats remembers the channel of the direct messages with an account.
// At most two generations of them are kept.
type privateChats struct {
	mu         sync.Mutex
	young, old map[string]string
}

const generation = 4096

func (p *privateChats) learn(account, channel string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.young[account] == channel {
		return
	}
	if p.young == nil || len(p.young) >= generation {
		p.young, p.old = map[string]string{}, p.young
	}
	p.young[account] = channel
}

func (p *privateChats) forget(account string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.young, account)
	delete(p.old, account)
}

func (p *privateChats) channel(account string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.young[account]; c != "" {
		return c
	}
	return p.old[account]
}
