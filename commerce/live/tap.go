package live

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
)

// Tap names one event of one member in one place.
type Tap struct {
	Member commerce.MemberID
	Bot    string
	Event  string          // the platform's id of the event
	Place  string          // the chat; a conversation's state is kept per bot and place
	Pick   commerce.PickID // that it opens, "" for none: it is noted
}

// Request is the request id of the one change to a cart that the event makes.
func (t Tap) Request() string { return t.Bot + ":" + t.Event }

// Session is what Open found.
type Session struct {
	Done []byte // what this same event was answered with before, nil if never
	Made bool   // this same event has changed the cart before
	Talk []byte // the conversation's state, nil for none
	Cart []CartLine
}

// open reads all a tap needs in one call.
// KEYS[1] answer, KEYS[2] talk, KEYS[3] cart, KEYS[4] done, KEYS[5] tapped.
// ARGV[1] the pick it opens or ”, ARGV[2] now in milliseconds, ARGV[3] TTL of
// tapped in seconds, ARGV[4] most picks in it: then the one opened longest ago
// goes. Changes nothing else; a repeat notes the pick again.
// Returns {answer|false, talk|false, {variant, line, …}, 1|0}.
var open = redis.NewScript(`
local pick, key = ARGV[1], KEYS[5]
if pick ~= '' then
  local was = redis.call('HGET', key, pick)
  if not was and redis.call('HLEN', key) >= tonumber(ARGV[4]) then
    local all, oldest, at = redis.call('HGETALL', key), nil, nil
    for i = 1, #all, 2 do
      local last = tonumber(string.match(all[i + 1], '|(%d+)$') or 0)
      if not at or last < at then oldest, at = all[i], last end
    end
    redis.call('HDEL', key, oldest)
  end
  redis.call('HSET', key, pick, (was and string.match(was, '^(%d+)|') or ARGV[2]) .. '|' .. ARGV[2])
  redis.call('EXPIRE', key, ARGV[3])
end
return {redis.call('GET', KEYS[1]), redis.call('GET', KEYS[2]), redis.call('HGETALL', KEYS[3]), redis.call('EXISTS', KEYS[4])}
`)

// Open reads what a tap needs, in one round trip.
func (l *Live) Open(ctx context.Context, t Tap) (Session, error) {
	keys := []string{answerKey(t.Member, t.Bot, t.Event), talkKey(t.Member, t.Bot, t.Place), cartKey(t.Member), doneKey(t.Member, t.Request()), tappedKey(t.Member)}
	reply, err := open.Run(ctx, l.script, keys, string(t.Pick), l.clock.Now().UnixMilli(), int(tappedTTL.Seconds()), MaxTapped).Slice()
	if err != nil {
		return Session{}, unavailable(err)
	}
	if len(reply) != 4 {
		return Session{}, unavailable(errors.New("open: unexpected reply"))
	}
	cart, err := readCart(reply[2])
	return Session{Done: bytesOf(reply[0]), Talk: bytesOf(reply[1]), Cart: cart, Made: reply[3] == int64(1)}, err
}

// shut stores an answer and the conversation's state, once: a second call for
// the same event changes nothing, so that a late repeat cannot turn back a
// conversation that went on.
// KEYS[1] answer, KEYS[2] talk. ARGV[1] answer, ARGV[2] its TTL in seconds,
// ARGV[3] talk (” deletes it), ARGV[4] its TTL in seconds. Returns 1 or 0.
var shut = redis.NewScript(`
if not redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'NX') then return 0 end
if ARGV[3] == '' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], ARGV[3], 'EX', ARGV[4]) end
return 1
`)

// Close stores what the event was answered with, so that the same event sent
// again gets the same answer, and the conversation's new state (nil for none).
// A tap that had no effect and left the conversation as it was need not call it.
func (l *Live) Close(ctx context.Context, t Tap, done, talk []byte) error {
	keys := []string{answerKey(t.Member, t.Bot, t.Event), talkKey(t.Member, t.Bot, t.Place)}
	return unavailable(shut.Run(ctx, l.script, keys, done, int(answerTTL.Seconds()), talk, int(talkTTL.Seconds())).Err())
}

func bytesOf(v any) []byte {
	if s, ok := v.(string); ok {
		return []byte(s)
	}
	return nil
}

func readCart(v any) ([]CartLine, error) {
	list, _ := v.([]any)
	lines := make([]CartLine, 0, len(list)/2)
	for i := 1; i < len(list); i += 2 {
		variant, _ := list[i-1].(string)
		packed, _ := list[i].(string)
		if line, ok := unpack(variant, packed); ok { // one of another program: better gone than in the way
			lines = append(lines, line)
		}
	}
	slices.SortFunc(lines, func(a, b CartLine) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return strings.Compare(string(a.Variant), string(b.Variant))
	})
	return lines, nil
}
