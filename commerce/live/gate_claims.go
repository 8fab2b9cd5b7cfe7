package live

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
)

// This file is the hot path of a drop: claims of one process that arrive
// together travel in one call, and a full line is answered from memory.

const (
	claimsMost = 1024            // claims of one call; what a Lua stack holds is 8,000 values
	memoryAge  = time.Second     // how old what a process remembers of a gate may be
	patience   = 5 * time.Second // for one call, which is for many: nobody's context bounds it
)

// claims gathers claims as database.Gather gathers writes: whoever comes while
// a call is under way goes in the next, a lone one waits for nobody.
type claims struct {
	mu      sync.Mutex
	waiting []*flight // the last one is not full
	busy    bool

	memory sync.RWMutex // of what follows, and of what known holds
	known  *crowd       // nil while nothing is full
	asked  time.Time    // when known was fetched last
	epoch  int          // moves where this process itself changes the gate
}

// flight is the claims of one call, sent in the order in which their taps came.
type flight struct {
	asks   []*ask
	gone   bool          // it has begun
	err    error         // of those that needed Redis
	done   chan struct{} // closed when all are answered
	refuse bool          // a line was found to be full
}

type ask struct {
	at     time.Time
	member commerce.MemberID
	line   string
	state  int8 // of left, asked, told
	answer Answer
}

const (
	asked int8 = iota
	left       // nobody waits for it: it is not sent
	told       // from memory
)

// Claim asks for a place in a line. A member who is in is told their place,
// whatever line they ask for, at any time.
//
// Once a line is full, newcomers are told so from memory, which is at most a
// second behind (memoryAge, and the trip that renews it): room that opens is
// seen within that time, and a member who was let in through another process
// less than a second ago, into another line or into room that had just opened,
// may be told Full here until then.
//
// Where ctx ends the claim may have been made all the same: claiming again
// tells. After Unknown one caller should load the truth for all who wait.
func (g *Gate) Claim(ctx context.Context, m commerce.MemberID, line string) (Answer, error) {
	return g.ClaimAt(ctx, time.Time{}, m, line)
}

// ClaimAt is Claim of somebody who tapped at a moment, in this process: of those
// who travel together, who tapped first is first, whatever was done for each of
// them in between.
func (g *Gate) ClaimAt(ctx context.Context, at time.Time, m commerce.MemberID, line string) (Answer, error) {
	if err := named(m, ""); err != nil {
		return Answer{}, err
	}
	if err := ctx.Err(); err != nil {
		return Answer{}, unavailable(err)
	}
	if a, ok := g.recall(m, line); ok {
		return a, nil
	}
	g.mu.Lock()
	var f *flight
	if n := len(g.waiting); n > 0 && len(g.waiting[n-1].asks) < claimsMost {
		f = g.waiting[n-1]
	} else {
		f = &flight{done: make(chan struct{})}
		g.waiting = append(g.waiting, f)
	}
	mine := &ask{at: at, member: m, line: line}
	f.asks = append(f.asks, mine)
	if !g.busy {
		g.busy = true
		go g.work()
	}
	g.mu.Unlock()

	select {
	case <-f.done:
	case <-ctx.Done():
		g.mu.Lock()
		if !f.gone {
			mine.state = left
		}
		g.mu.Unlock()
		return Answer{}, unavailable(ctx.Err())
	}
	if f.err != nil && mine.state != told {
		return Answer{}, f.err
	}
	return mine.answer, nil
}

// work sends flights until nobody waits.
func (g *Gate) work() {
	for {
		g.mu.Lock()
		if len(g.waiting) == 0 {
			g.busy, g.waiting = false, nil
			g.mu.Unlock()
			return
		}
		f := g.waiting[0]
		g.waiting[0], g.waiting = nil, g.waiting[1:]
		f.gone = true
		g.mu.Unlock()
		slices.SortStableFunc(f.asks, func(a, b *ask) int { return a.at.Compare(b.at) })

		ctx, cancel := context.WithTimeout(context.Background(), patience)
		if g.mayRecall(f) { // what is remembered has just grown old
			g.learn(ctx)
			g.recallAll(f)
		}
		f.err = g.send(ctx, f)
		g.note(f)
		close(f.done)
		if f.refuse {
			g.learn(ctx)
		}
		cancel()
	}
}

// letIn answers claims in their order, in three calls whatever their number.
// KEYS[1] gate. ARGV line, how many claims for it follow, their members, line, …
// Returns "" where the gate is unknown, else a line for each claim: the place
// as stored, "+" for the place behind that of the claim before, "full" and how
// many are in, or "shut". A repeat finds the same places.
//
// Lua formats a number more slowly than Redis stores a member: the digits of a
// place but the last are kept as text.
var letIn = redis.NewScript(`
local read, n = {':gen', ':open', ':next'}, 3
local lines, i = {}, 1
while i < #ARGV do
  local line = ARGV[i]
  if not lines[line] then
    lines[line] = {at = n}
    read[n + 1], read[n + 2] = ':room:' .. line, ':in:' .. line
    n = n + 2
  end
  i = i + 2 + ARGV[i + 1]
end
local first = n
i = 1
while i < #ARGV do
  local after = i + 2 + ARGV[i + 1]
  for k = i + 2, after - 1 do n = n + 1; read[n] = ARGV[k] end
  i = after
end
local got = redis.call('HMGET', KEYS[1], unpack(read))
if not got[1] then return '' end
for _, l in pairs(lines) do
  l.room, l.inside = tonumber(got[l.at + 1] or 0), tonumber(got[l.at + 2] or 0)
end
local digits = {[0] = '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'}
local function tens(n) return n > 9 and string.format('%d', n / 10) or '' end
local open, seq = got[2] == '1', tonumber(got[3])
local seqs = tens(seq)
local told, new, write, w = {}, {}, {}, 0
n, i = 0, 1
while i < #ARGV do
  local line, after = ARGV[i], i + 2 + ARGV[i + 1]
  local l, follows = lines[line], false
  local inside, room = l.inside, l.room
  local insides = tens(inside)
  for k = i + 2, after - 1 do
    local member = ARGV[k]
    n = n + 1
    local place = got[first + n] or new[member]
    if place then
      told[n], follows = place, false
    elseif not open then
      told[n] = 'shut'
    elseif inside >= room then
      l.full = l.full or 'full ' .. inside
      told[n] = l.full
    else
      local s, a = seq % 10, inside % 10
      if s == 0 then seqs = tens(seq) end
      if a == 0 then insides = tens(inside) end
      place = seqs .. digits[s] .. ' ' .. insides .. digits[a] .. ' ' .. line
      told[n], new[member] = follows and '+' or place, place
      write[w + 1], write[w + 2] = member, place
      w = w + 2
      seq, inside, follows = seq + 1, inside + 1, true
    end
  end
  if inside > l.inside then l.inside, l.more = inside, true end
  i = after
end
if w > 0 then
  for line, l in pairs(lines) do
    if l.more then
      write[w + 1], write[w + 2] = ':in:' .. line, l.inside
      w = w + 2
    end
  end
  write[w + 1], write[w + 2] = ':next', seq
  redis.call('HSET', KEYS[1], unpack(write))
  redis.call('HINCRBY', KEYS[1], ':n', 1)
end
return table.concat(told, '\n')
`)

// ClaimCommand is a claim as another client sends it, to measure the gate
// without this one: EVALSHA, its hash, and so on.
func (g *Gate) ClaimCommand(line, member string) []string {
	return []string{"EVALSHA", letIn.Hash(), "1", gateKey(g.drop), line, "1", member}
}

// send asks Redis for all that are not told yet, in one call.
func (g *Gate) send(ctx context.Context, f *flight) error {
	args := make([]any, 0, len(f.asks)+2)
	var line *string
	run := new(int)
	for _, a := range f.asks {
		if a.state != asked {
			continue
		}
		if line == nil || *line != a.line {
			line, run = &a.line, new(int)
			args = append(args, line, run)
		}
		*run++
		args = append(args, (*string)(&a.member)) // a pointer needs no room of its own
	}
	if len(args) == 0 {
		return nil
	}
	reply, err := letIn.Run(ctx, g.live.client, []string{gateKey(g.drop)}, args...).Text()
	if err != nil {
		return unavailable(err)
	}
	known := reply != ""
	var last Answer
	for _, a := range f.asks {
		if a.state != asked || !known {
			continue
		}
		var one string
		one, reply, _ = strings.Cut(reply, "\n")
		if last, err = readAnswer(one, a.line, last); err != nil {
			return unavailable(err)
		}
		a.answer = last
		f.refuse = f.refuse || last.Verdict == Full
	}
	return nil
}

// readAnswer reads one line of what letIn returned to a claim for a line, after
// the answer to the claim before.
func readAnswer(s, line string, last Answer) (a Answer, err error) {
	switch {
	case s == "+" && last.Verdict == In && last.Line == line:
		last.Seq++
		last.Ahead++
		return last, nil
	case s == "shut":
		return Answer{Verdict: Shut}, nil
	}
	if n, ok := strings.CutPrefix(s, "full "); ok {
		a.Verdict = Full
		a.Inside, err = strconv.ParseInt(n, 10, 64)
		return a, err
	}
	a.Verdict = In
	a.Place, err = readPlace(s, line)
	return a, err
}

// readPlace reads a place as it is stored. The line's name is the one given
// where it is the same, so that nobody who keeps it keeps all that was read.
func readPlace(s, line string) (p Place, err error) {
	seq, rest, _ := strings.Cut(s, " ")
	ahead, name, ok := strings.Cut(rest, " ")
	if !ok {
		return p, errors.New("gate: unexpected reply")
	}
	if name != line {
		line = strings.Clone(name)
	}
	p.Line = line
	if p.Seq, err = strconv.ParseInt(seq, 10, 64); err != nil {
		return p, err
	}
	p.Ahead, err = strconv.ParseInt(ahead, 10, 64)
	return p, err
}
