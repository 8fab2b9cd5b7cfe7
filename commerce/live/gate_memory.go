package live

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// crowd is what a process remembers of a gate with a full line.
type crowd struct {
	version string // generation and count of changes
	at      time.Time
	open    bool
	lines   map[string]*room
	members map[commerce.MemberID]Place
}

// room is how many are in a line, and how many may be.
type room struct {
	name         string
	inside, most int64
}

// answer tells what memory knows for sure; ok is false where Redis must be asked.
func (c *crowd) answer(m commerce.MemberID, line string, now time.Time) (a Answer, ok bool) {
	if age := now.Sub(c.at); age < 0 || age >= memoryAge || !c.full(line) {
		return a, false
	}
	if p, in := c.members[m]; in {
		return Answer{Verdict: In, Place: p}, true
	}
	return Answer{Verdict: Full, Inside: c.lines[line].inside}, true
}

func (c *crowd) full(line string) bool {
	l := c.lines[line]
	return c.open && l != nil && l.inside >= l.most
}

// recall answers a claim from memory; ok is false where Redis must be asked.
func (g *Gate) recall(m commerce.MemberID, line string) (a Answer, ok bool) {
	g.memory.RLock()
	defer g.memory.RUnlock()
	if g.known == nil {
		return a, false
	}
	return g.known.answer(m, line, g.live.clock.Now())
}

// mayRecall tells whether somebody asks for a line that is remembered as full.
func (g *Gate) mayRecall(f *flight) bool {
	g.memory.RLock()
	defer g.memory.RUnlock()
	return g.known != nil && slices.ContainsFunc(f.asks, func(a *ask) bool { return g.known.full(a.line) })
}

// recallAll answers from memory what it can.
func (g *Gate) recallAll(f *flight) {
	for _, a := range f.asks {
		if got, ok := g.recall(a.member, a.line); ok && a.state == asked {
			a.answer, a.state = got, told
		}
	}
}

// note adds those who were let in to what is remembered.
func (g *Gate) note(f *flight) {
	g.memory.Lock()
	defer g.memory.Unlock()
	if g.known == nil {
		return
	}
	for _, a := range f.asks {
		if a.answer.Verdict == In {
			g.known.members[a.member] = a.answer.Place
		}
	}
}

// learn fetches who is in, at most once in memoryAge, and only where something
// has changed since.
func (g *Gate) learn(ctx context.Context) {
	g.memory.Lock()
	now, epoch, known := g.live.clock.Now(), g.epoch, g.known
	if age := now.Sub(g.asked); age >= 0 && age < memoryAge {
		g.memory.Unlock()
		return
	}
	g.asked = now
	g.memory.Unlock()

	got, err := g.live.client.HMGet(ctx, gateKey(g.drop), ":gen", ":n").Result()
	var fields map[string]string
	if err == nil && (known == nil || known.version != version(got[0], got[1])) {
		if fields, err = g.live.client.HGetAll(ctx, gateKey(g.drop)).Result(); err == nil {
			known = readCrowd(fields)
		}
	}

	g.memory.Lock()
	defer g.memory.Unlock()
	switch {
	case g.epoch != epoch: // changed by this process while it was read
	case err != nil:
		g.known = nil
	default:
		if known != nil {
			known.at = now
		}
		g.known = known
	}
}

// unlearn makes this process see its own changes at once.
func (g *Gate) unlearn() {
	g.memory.Lock()
	defer g.memory.Unlock()
	g.known = nil
	g.epoch++
}

func version(gen, n any) string {
	a, _ := gen.(string)
	b, _ := n.(string)
	return a + " " + b
}

// readCrowd reads a whole gate; nil where nothing is full or it is no gate.
func readCrowd(fields map[string]string) *crowd {
	c := &crowd{version: version(fields[":gen"], fields[":n"]), open: fields[":open"] == "1", lines: map[string]*room{}, members: map[commerce.MemberID]Place{}}
	line := func(name string) *room {
		if c.lines[name] == nil {
			c.lines[name] = &room{name: name}
		}
		return c.lines[name]
	}
	for k, v := range fields {
		if name, ok := strings.CutPrefix(k, ":room:"); ok {
			line(name).most, _ = strconv.ParseInt(v, 10, 64)
		} else if name, ok := strings.CutPrefix(k, ":in:"); ok {
			line(name).inside, _ = strconv.ParseInt(v, 10, 64)
		}
	}
	full := false
	for name := range c.lines {
		full = full || c.full(name)
	}
	if !full {
		return nil
	}
	for k, v := range fields {
		if k[0] != ':' {
			if p, err := readPlace(v, ""); err == nil {
				if l := c.lines[p.Line]; l != nil {
					p.Line = l.name // one text for all
				}
				c.members[commerce.MemberID(k)] = p
			}
		}
	}
	return c
}
