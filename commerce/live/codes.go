package live

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Keep stores a value behind a new one-time code of 8 letters and digits (40
// random bits) that is easily read out and typed. It is forgotten after ttl.
func (l *Live) Keep(ctx context.Context, kind, value string, ttl time.Duration) (code string, err error) {
	code = rand.Text()[:8] // A-Z and 2-7: nothing that is taken for another
	if err := l.client.Set(ctx, codeKey(kind, code), value, ttl).Err(); err != nil {
		return "", unavailable(err)
	}
	return code, nil
}

// Look returns the value behind a code, which stays good; ok is false where the
// code is unknown, used or too old.
func (l *Live) Look(ctx context.Context, kind, code string) (value string, ok bool, err error) {
	value, err = l.client.Get(ctx, codeKey(kind, code)).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return value, err == nil, unavailable(err)
}

// Take returns the value behind a code and forgets it; ok is false where the
// code is unknown, used or too old. Case and blanks around it do not matter.
func (l *Live) Take(ctx context.Context, kind, code string) (value string, ok bool, err error) {
	value, err = l.client.GetDel(ctx, codeKey(kind, strings.ToUpper(strings.TrimSpace(code)))).Result()
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	return value, err == nil, unavailable(err)
}
