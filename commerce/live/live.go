// Package live keeps in Redis what may be forgotten: what a tap needs at once
// (was it seen before, what is the conversation about, what is in the cart),
// one-time codes, sending budgets and the gate of a drop.
//
// Redis may be wiped at any moment, and may lose a write it acknowledged:
// nothing sold depends on it. Every key is built in keys.go. Every script that
// changes something carries a request id and is idempotent, because the
// client's own retries send a command twice. Start at Open, which is the one
// round trip of a tap; or at Gate.
package live

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
)

// Live is a connection to Redis. Its methods may be called from many
// goroutines, and commands that arrive together share a call. Errors are of
// kind Unavailable.
type Live struct {
	client redis.UniversalClient
	script redis.Scripter // the same client, where scripts that meet share a call
	clock  commerce.Clock
	gates  gates
}

// New makes a Live on a client that the caller opens and closes.
func New(client redis.UniversalClient, clock commerce.Clock) *Live {
	return &Live{client: client, script: together(client), clock: clock}
}

// together sends commands that arrive at the same time in one call: under load
// that halves what a trip to Redis costs, a lone command waits for nobody. A
// command of a shared call is bounded by the client's time-outs, not by its own
// context. All commands sent this way are scripts that may be repeated.
func together(client redis.UniversalClient) redis.Scripter {
	c, ok := client.(interface {
		AutoPipelineWithOptions(*redis.AutoPipelineOptions) (*redis.AutoPipeliner, error)
	})
	if !ok {
		return client
	}
	// 100 is what the library keeps room for: more makes that room anew each time.
	if p, err := c.AutoPipelineWithOptions(&redis.AutoPipelineOptions{MaxBatchSize: 100}); err == nil {
		return p
	}
	return client
}

// Dial opens a client as this package wants it: contexts bound its calls, and
// short time-outs, because a member waits behind each of them.
func Dial(url commerce.Secret) (redis.UniversalClient, error) {
	opts, err := redis.ParseURL(url.Reveal())
	if err != nil {
		// The parser repeats the address, password and all, in its error.
		return nil, errors.New("redis: the url cannot be read; write it as redis://user:password@host:6379/0")
	}
	opts.ContextTimeoutEnabled = true
	opts.DialTimeout = 2 * time.Second
	opts.ReadTimeout = 2 * time.Second
	opts.WriteTimeout = 2 * time.Second
	opts.MaxRetries = 1
	return redis.NewClient(opts), nil
}

// Ping reports whether Redis answers.
func (l *Live) Ping(ctx context.Context) error { return unavailable(l.client.Ping(ctx).Err()) }

// ErrUnavailable is what every method returns where Redis does not answer.
var ErrUnavailable = &commerce.Error{Kind: commerce.Unavailable, Message: "error.busy"}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &commerce.Error{Kind: commerce.Unavailable, Message: ErrUnavailable.Message, Err: fmt.Errorf("redis: %w", err)}
}
