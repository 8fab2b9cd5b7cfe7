package live

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// Budget is a rate kept across processes: one send every Every, up to Burst
// at once.
type Budget struct {
	Name  string
	Every time.Duration
	Burst int
}

// spend takes one send from a budget by the generic cell rate algorithm.
// KEYS[1] theoretical arrival time, KEYS[2] answer to this request.
// ARGV[1] now, ARGV[2] interval, ARGV[3] burst × interval: microseconds.
// Returns how long to wait in microseconds, 0 to go now; a repeat of the
// request gets the same answer and takes nothing.
var spend = redis.NewScript(`
local before = redis.call('GET', KEYS[2])
if before then return tonumber(before) end
local now, every, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = tonumber(redis.call('GET', KEYS[1]) or now)
if tat < now then tat = now end
local wait = tat + every - burst - now
if wait > 0 then return wait end
local ttl = math.ceil((tat + every - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', tat + every), 'PX', ttl)
redis.call('SET', KEYS[2], '0', 'EX', 60)
return 0
`)

// Spend takes one send from the budget. It returns zero where the send may go
// now, else how long until it is worth asking again.
func (l *Live) Spend(ctx context.Context, b Budget, request string) (time.Duration, error) {
	every := b.Every.Microseconds()
	keys := []string{budgetKey(b.Name), spentKey(b.Name, request)}
	wait, err := spend.Run(ctx, l.script, keys, l.clock.Now().UnixMicro(), every, every*int64(max(b.Burst, 1))).Int64()
	if err != nil {
		return 0, unavailable(err)
	}
	return time.Duration(wait) * time.Microsecond, nil
}
