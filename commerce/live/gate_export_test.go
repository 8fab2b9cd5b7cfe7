package live

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
