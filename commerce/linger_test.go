package commerce

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

type key struct{}

func TestLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		longer, cancel := Linger(ctx, time.Second)
		defer cancel()
		stop()
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if longer.Err() != nil || longer.Value(key{}) != "value" {
			t.Error("it ended with the other")
		}
		time.Sleep(time.Millisecond)
		synctest.Wait()
		if longer.Err() == nil {
			t.Error("it goes on for ever")
		}
	})
	// One that is done with leaves nothing behind; synctest would see it.
	synctest.Test(t, func(t *testing.T) {
		_, cancel := Linger(t.Context(), time.Hour)
		cancel()
	})
}
