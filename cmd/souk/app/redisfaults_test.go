package app

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/sandbox/torture"
)

// flaky is a way to Redis that loses each k-th reply, wipes it at each k-th
// command, or is slow: whatever was asked was done.
type flaky struct {
	every, n   atomic.Int64
	wipes      bool
	slow       time.Duration
	wipe       func()
	suffered   atomic.Int64
	unanswered error
}

func (f *flaky) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (f *flaky) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return f.suffer([]redis.Cmder{cmd}, func() error { return next(ctx, cmd) })
	}
}

func (f *flaky) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		return f.suffer(cmds, func() error { return next(ctx, cmds) })
	}
}

func (f *flaky) suffer(cmds []redis.Cmder, do func() error) error {
	time.Sleep(f.slow)
	err := do()
	k := f.every.Load()
	if k == 0 || f.n.Add(1)%k != 0 {
		return err
	}
	f.suffered.Add(1)
	if f.wipes {
		f.wipe()
		return err
	}
	for _, cmd := range cmds {
		cmd.SetErr(f.unanswered)
	}
	return f.unanswered
}

// TestRedisFaults lets members buy while Redis loses replies, is wiped in the
// middle, or is slow: a tap may be answered that the shop is busy and a cart may
// be gone, stock and money are untouched. In the end Redis is gone altogether:
// what was ordered is paid, told and given back all the same, and a tap says
// that it cannot be done now.
func TestRedisFaults(t *testing.T) {
	for name, f := range map[string]*flaky{
		"replies dropped": {}, "wiped": {wipes: true}, "slow": {slow: 5 * time.Millisecond},
	} {
		for _, engine := range databasetest.Engines() {
			t.Run(name+"/"+engine, func(t *testing.T) { redisFaults(t, databasetest.Migrated(t, engine), name, f) })
		}
	}
}

func redisFaults(t *testing.T, url, name string, f *flaky) {
	w := newTown(t, url, "ticket,Ticket,true,T,shopify,100000,7.00,false,active\n", nil)
	l := &lives{town: w}
	w.revive = l.again
	l.begin(0)
	defer func() { l.end() }()
	db := w.open()
	ticket, err := variant(db, "ticket")
	if err != nil {
		t.Fatal(err)
	}
	f.unanswered, f.wipe = errors.New("no reply"), w.redis.FlushAll
	l.redis.AddHook(f)
	bought, n := 0, torture.N(20, 300)
	for i := range n {
		if f.slow == 0 {
			f.every.Store(int64(2 + i%9))
		}
		c := w.customer(int64(5000 + i))
		c.say("/start")
		for range 30 {
			token, _ := c.order(ticket)
			if token == "" {
				continue // busy, or the cart has gone
			}
			if page := w.page(token); page != "" && l.pay(page, "4242424242424242") {
				bought++
				break
			}
		}
	}
	f.every.Store(0)
	if bought < n/2 || f.slow == 0 && f.suffered.Load() == 0 {
		t.Errorf("%d of %d could buy, Redis failed %d times", bought, n, f.suffered.Load())
	}
	l.rest()
	// Gone: all that needs no conversation goes on.
	c := w.customer(4000)
	c.say("/start")
	token, _ := c.order(ticket)
	w.redis.SetError("LOADING gone")
	page := w.page(token)
	if page == "" || !l.pay(page, "4242424242424242") {
		t.Error("the pay link needs Redis")
	}
	if _, body, err := w.post(c.pressing("cart")); err != nil || strings.Contains(body, "Ticket") {
		t.Errorf("a tap without Redis: %s, %v", body, err)
	}
	l.rest()
	o := l.orderOf(token)
	l.insist("cancel", func() error { return l.app.Checkout.CancelPaid(l.ctx, "staff", commerce.OrderID(o)) })
	l.rest()
	w.redis.SetError("")
	l.ahead.Add(int64(10 * time.Minute))
	l.rest()
	l.check(db, 4000, o, "cancelled", 1, []string{"cancelled"})
	broken, _, err := checkout.Audit(l.ctx, db)
	if err != nil || len(broken) > 0 {
		t.Errorf("audit: %v, %v", broken, err)
	}
	torture.Figure(t, "Redis %s: %d of %d bought, it failed %d times; gone: the order was paid, told and given back; stock and money as they should be", name, bought, n, f.suffered.Load())
}
