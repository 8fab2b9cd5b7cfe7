package commerce

import (
	"context"
	"time"
)

// Linger returns a context that ends a while after the given one, with its
// values: for work that has begun when the program is told to stop, and is to
// end well.
func Linger(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-longer.Done():
		case <-time.After(while):
			cancel()
		}
	})
	return longer, func() { stop(); cancel() }
}
