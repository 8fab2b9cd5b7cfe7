package chatscript

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// memory is the Redis of one story, which nobody else writes to: a story may
// wipe it.
type memory struct {
	address string
	wipe    func() error
	pass    func(time.Duration) // time goes by
}

// databases is how many a Redis server has by default. Database 0 belongs to
// other tests, and holds our marks.
const databases = 16

// openMemory starts a Redis in this process or, where SOUK_TEST_REDIS names a
// server, takes a database of it that no other story uses now.
func openMemory(t *testing.T) memory {
	url := os.Getenv("SOUK_TEST_REDIS")
	if url == "" {
		mini := miniredis.RunT(t)
		return memory{"redis://" + mini.Addr(), func() error { mini.FlushAll(); return nil }, mini.FastForward}
	}
	opts, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal("SOUK_TEST_REDIS is no address of a Redis")
	}
	ctx := context.Background()
	marks := redis.NewClient(opts)
	t.Cleanup(func() { marks.Close() })
	for n := 0; ; n++ {
		db := 1 + n%(databases-1)
		mark := fmt.Sprintf("chatscript:database:%d", db)
		free, err := marks.SetNX(ctx, mark, os.Getpid(), time.Hour).Result()
		if err != nil {
			t.Fatalf("redis: %v", err)
		}
		if !free {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		own := *opts
		own.DB = db
		client := redis.NewClient(&own)
		m := memory{fmt.Sprintf("redis://%s/%d", opts.Addr, db), func() error { return client.FlushDB(ctx).Err() }, func(time.Duration) {}}
		if opts.Password != "" {
			m.address = fmt.Sprintf("redis://%s:%s@%s/%d", opts.Username, opts.Password, opts.Addr, db)
		}
		if err := m.wipe(); err != nil {
			t.Fatalf("redis: %v", err)
		}
		t.Cleanup(func() {
			m.wipe()
			client.Close()
			marks.Del(ctx, mark)
		})
		return m
	}
}
