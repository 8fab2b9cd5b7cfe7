package live

import (
	"context"

	"github.com/soukchat/souk/commerce"
)

// Waiting is how many claims wait for the call that is under way.
func (g *Gate) Waiting() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range g.waiting {
		n += len(f.asks)
	}
	return n
}

// Remembered is how many members this process remembers to be in.
func (g *Gate) Remembered() int {
	g.memory.Lock()
	defer g.memory.Unlock()
	if g.known == nil {
		return 0
	}
	return len(g.known.members)
}

// Together is the answers to claims of these members for these lines that
// travel in one call.
func (g *Gate) Together(ctx context.Context, claims [][2]string) (list []Answer, err error) {
	f := &flight{}
	for _, c := range claims {
		f.asks = append(f.asks, &ask{member: commerce.MemberID(c[0]), line: c[1]})
	}
	err = g.send(ctx, f)
	for _, a := range f.asks {
		list = append(list, a.answer)
	}
	return list, err
}
