package live

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// CountTaps adds members to those who looked at a drop, by scope, and returns
// about how many different ones there are in each: exactly where they are few,
// within a percent where they are many. It keeps nobody's id.
func (l *Live) CountTaps(ctx context.Context, drop string, scopes map[string][]string) (map[string]int64, error) {
	counts := map[string]*redis.IntCmd{}
	if _, err := l.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for scope, members := range scopes {
			key, list := tapsKey(drop, scope), make([]any, len(members))
			for i, m := range members {
				list[i] = m
			}
			p.PFAdd(ctx, key, list...)
			p.Expire(ctx, key, gateTTL)
			counts[scope] = p.PFCount(ctx, key)
		}
		return nil
	}); err != nil {
		return nil, unavailable(err)
	}
	out := map[string]int64{}
	for scope, n := range counts {
		out[scope] = n.Val()
	}
	return out, nil
}
