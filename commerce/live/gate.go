package live

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
)

// Gate is the gate of one drop: it lets in, in the order in which they came,
// about as many members as there are units, and turns the others away at
// memory speed. It sells nothing: SQL sells the stock, to those who are let in.
//
// A member's own id is the request id: a member who is in has one place,
// however often they come. What Redis forgets is loaded from SQL by Open; what
// it forgot of those who are in and not yet in SQL is lost, so they may be let
// in again, at another place. So a sequence number orders the members of one
// life of the gate: SQL must not count on it to be unique.
type Gate struct {
	live *Live
	drop string
	claims
}

// Verdict is what a gate says to a claim.
type Verdict int

const (
	Unknown Verdict = iota // Redis does not know the drop: load the truth, Open, claim again
	In                     // the member is in, now or from before
	Full                   // the line has no more room
	Shut                   // the gate is not open
)

// Answer is the answer to a claim.
type Answer struct {
	Verdict Verdict
	Place         // where In
	Inside  int64 // where Full: how many are in that line
}

// Place is a member's place in a drop. It stays the same until they leave.
type Place struct {
	Line  string
	Seq   int64 // ascends over the whole drop, in the order of arrival
	Ahead int64 // how many were in the line when they came
}

// GateState is what SQL knows of a drop.
type GateState struct {
	// Version orders states: rooms and Open of a version lower than what the
	// gate has are not taken. 0 throughout where nobody counts.
	Version int64
	Open    bool
	Next    int64 // sequence number to be given next, at least; the members' are always passed
	Lines   []GateLine
	Members []Entrant // all who are in; their order does not matter
	Rebuild bool      // forget who the gate has let in
}

// GateLine is one line of a drop: a variant, or one community's share of it.
type GateLine struct {
	Name string // no line breaks
	Room int64  // how many members may be in: the units, and those who may wait for one
}

// Entrant is a member who is in.
type Entrant struct {
	Member commerce.MemberID
	Line   string
	Seq    int64
}

// gates are the gates this process has to do with.
type gates struct {
	mu   sync.Mutex
	list map[string]*Gate
}

const gatesKept = 64

// Gate returns the gate of a drop. Claims of one process travel together where
// they come to the same Gate.
func (l *Live) Gate(drop string) *Gate {
	l.gates.mu.Lock()
	defer l.gates.mu.Unlock()
	g := l.gates.list[drop]
	if g == nil {
		// Who still has a Gate that is dropped here claims on, as if it were
		// another process.
		if l.gates.list == nil || len(l.gates.list) >= gatesKept {
			l.gates.list = map[string]*Gate{}
		}
		g = &Gate{live: l, drop: drop}
		l.gates.list[drop] = g
	}
	return g
}

// openGate sets a gate. One that Redis knows keeps who is in: those of the
// state are added to them, and where both know a member the state is right. One
// that is rebuilt counts on: those whom it forgets may be on their way to SQL,
// with the numbers it gave them.
// KEYS[1] gate, KEYS[2] stage. ARGV[1] token, ARGV[2] 1 to rebuild, ARGV[3]
// version, ARGV[4] open, ARGV[5] next, ARGV[6] how many members are on the
// stage, ARGV[7] TTL in seconds, then line, room, members on the stage, …
// Returns 1, or 0 where the stage is not as it was left. A repeat with the same
// token changes nothing.
var openGate = redis.NewScript(`
local gate, token, staged = KEYS[1], ARGV[1], tonumber(ARGV[6])
local was = redis.call('HMGET', gate, ':gen', ':by', ':v', ':next')
if was[2] == token then return 1 end
if redis.call('HLEN', KEYS[2]) ~= staged then return 0 end
if was[1] and ARGV[2] ~= '1' then
  local more = {}
  local list = redis.call('HGETALL', KEYS[2])
  for i = 1, #list, 2 do
    local seq, line = string.match(list[i + 1], '^(%d+) %d+ (.*)$')
    local s, l = string.match(redis.call('HGET', gate, list[i]) or '', '^(%d+) %d+ (.*)$')
    if s ~= seq or l ~= line then
      if l then more[l] = (more[l] or 0) - 1 end
      more[line] = (more[line] or 0) + 1
      redis.call('HSET', gate, list[i], list[i + 1])
    end
  end
  for line, n in pairs(more) do redis.call('HINCRBY', gate, ':in:' .. line, n) end
  if tonumber(ARGV[5]) > tonumber(was[4]) then redis.call('HSET', gate, ':next', ARGV[5]) end
  if tonumber(ARGV[3]) >= tonumber(was[3]) then
    redis.call('HSET', gate, ':v', ARGV[3], ':open', ARGV[4])
    for i = 8, #ARGV, 3 do redis.call('HSET', gate, ':room:' .. ARGV[i], ARGV[i + 1]) end
  end
  redis.call('HSET', gate, ':by', token)
  redis.call('HINCRBY', gate, ':n', 1)
  redis.call('DEL', KEYS[2])
else
  local next = ARGV[5]
  if was[4] and tonumber(was[4]) > tonumber(next) then next = was[4] end
  redis.call('DEL', gate)
  if staged > 0 then redis.call('RENAME', KEYS[2], gate) end
  redis.call('HSET', gate, ':gen', token, ':by', token, ':n', 0, ':v', ARGV[3], ':open', ARGV[4], ':next', next)
  for i = 8, #ARGV, 3 do redis.call('HSET', gate, ':room:' .. ARGV[i], ARGV[i + 1], ':in:' .. ARGV[i], ARGV[i + 2]) end
end
redis.call('EXPIRE', gate, ARGV[7])
return 1
`)

// Open sets the gate from what SQL knows. It may be called at any time and by
// several processes at once: who is in already stays in, at their place,
// unless the state says Rebuild. Lines that are not named stay as they are; one
// that is to end has a room of 0.
//
// What was read from SQL before Redis was wiped, and arrives after it, lacks
// those who came between: more may be let in than there is room for, and SQL
// turns them away, until the gate is opened again.
func (g *Gate) Open(ctx context.Context, s GateState) error {
	defer g.unlearn()
	for range 3 {
		done, err := g.set(ctx, s)
		if done || err != nil {
			return err
		}
	}
	return unavailable(errors.New("gate: what was sent is gone before it could be set"))
}

const staged = 500 // members sent to the stage in one command

func (g *Gate) set(ctx context.Context, s GateState) (bool, error) {
	token := rand.Text()
	stage := stageKey(g.drop, token)
	next := max(s.Next, 1)
	inside := map[string]int64{}
	members := slices.Clone(s.Members)
	slices.SortFunc(members, func(a, b Entrant) int { return int(a.Seq - b.Seq) })
	pipe := g.live.client.Pipeline()
	fields := make([]any, 0, 2*min(len(members), staged))
	for i, m := range members {
		if err := named(m.Member, m.Line); err != nil {
			return false, err
		}
		fields = append(fields, string(m.Member), fmt.Sprintf("%d %d %s", m.Seq, inside[m.Line], m.Line))
		inside[m.Line]++
		next = max(next, m.Seq+1)
		if len(fields) == cap(fields) || i == len(members)-1 {
			pipe.HSet(ctx, stage, fields...)
			fields = make([]any, 0, cap(fields))
		}
	}
	if len(members) > 0 {
		pipe.Expire(ctx, stage, stageTTL)
		if _, err := pipe.Exec(ctx); err != nil {
			return false, unavailable(err)
		}
	}
	args := []any{token, flag(s.Rebuild), s.Version, flag(s.Open), next, len(members), int(gateTTL.Seconds())}
	for _, l := range s.Lines {
		if err := named("m", l.Name); err != nil {
			return false, err
		}
		args = append(args, l.Name, l.Room, inside[l.Name])
		delete(inside, l.Name)
	}
	for line, n := range inside { // members of lines that are no more
		args = append(args, line, 0, n)
	}
	done, err := openGate.Run(ctx, g.live.client, []string{gateKey(g.drop), stage}, args...).Int()
	return done == 1, unavailable(err)
}

// settle sets fields of a gate that Redis knows.
// KEYS[1] gate. ARGV[1] version, ARGV[2] TTL in seconds, then field, value, …
// Returns nothing; a repeat sets the same.
var settle = redis.NewScript(`
local v = redis.call('HGET', KEYS[1], ':v')
if not v or tonumber(ARGV[1]) < tonumber(v) then return 0 end
redis.call('HSET', KEYS[1], ':v', ARGV[1], unpack(ARGV, 3))
redis.call('HINCRBY', KEYS[1], ':n', 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
`)

// Shut lets nobody more in until the next Open; who is in keeps their place.
// Nothing happens where Redis does not know the drop, or knows a later version.
func (g *Gate) Shut(ctx context.Context, version int64) error {
	return g.settle(ctx, version, ":open", "0")
}

// Room sets the room of lines, all at once: more after a restock, less here and
// more there where a share moves on. Nobody who is in is put out by it. Nothing
// happens where Redis does not know the drop, or knows a later version.
func (g *Gate) Room(ctx context.Context, version int64, lines ...GateLine) error {
	var fields []any
	for _, l := range lines {
		if err := named("m", l.Name); err != nil {
			return err
		}
		fields = append(fields, ":room:"+l.Name, l.Room)
	}
	if len(fields) == 0 {
		return nil
	}
	return g.settle(ctx, version, fields...)
}

func (g *Gate) settle(ctx context.Context, version int64, fields ...any) error {
	defer g.unlearn()
	args := append([]any{version, int(gateTTL.Seconds())}, fields...)
	return unavailable(settle.Run(ctx, g.live.script, []string{gateKey(g.drop)}, args...).Err())
}

// leave takes a member out who is in at this place: the number is the request
// id, so that a repeat does not take the place they got since.
// KEYS[1] gate. ARGV[1] member, ARGV[2] seq. Returns 1 if they were.
var leave = redis.NewScript(`
local seq, line = string.match(redis.call('HGET', KEYS[1], ARGV[1]) or '', '^(%d+) %d+ (.*)$')
if seq ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HINCRBY', KEYS[1], ':in:' .. line, -1)
redis.call('HINCRBY', KEYS[1], ':n', 1)
return 1
`)

// Leave takes a member out, who gave their place up or lost it: somebody else
// may have it, and they may come again, behind all who are in.
func (g *Gate) Leave(ctx context.Context, m commerce.MemberID, seq int64) error {
	if err := named(m, ""); err != nil {
		return err
	}
	defer g.unlearn()
	return unavailable(leave.Run(ctx, g.live.script, []string{gateKey(g.drop)}, string(m), seq).Err())
}

// Forget ends the gate: claims are answered Unknown.
func (g *Gate) Forget(ctx context.Context) error {
	defer func() {
		g.unlearn()
		g.live.gates.mu.Lock()
		defer g.live.gates.mu.Unlock()
		if g.live.gates.list[g.drop] == g {
			delete(g.live.gates.list, g.drop)
		}
	}()
	return unavailable(g.live.client.Del(ctx, gateKey(g.drop)).Err())
}

// named refuses what would be taken for something else in a gate.
func named(m commerce.MemberID, line string) error {
	if m == "" || m[0] == ':' || strings.ContainsAny(line, "\n") {
		return fmt.Errorf("gate: neither a member nor a line: %q, %q", m, line)
	}
	return nil
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
