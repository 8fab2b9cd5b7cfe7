package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/config"
	telegrams "github.com/soukchat/souk/sandbox/telegram"
)

// childVariable makes this test binary the program itself: a process that can
// be killed.
const childVariable = "SOUK_TEST_CHILD"

type childSpec struct {
	Config, Telegram, Stripe string
	Ahead                    time.Duration // of its clock before the system's
}

func TestMain(m *testing.M) {
	if spec := os.Getenv(childVariable); spec != "" {
		if err := child(spec); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// aheadClock is the system's, so many nanoseconds ahead.
type aheadClock struct{ atomic.Int64 }

func (a *aheadClock) Now() time.Time { return time.Now().Add(time.Duration(a.Load())) }

// child serves until its standard input ends: with its parent, at the latest. A
// line there says how far its clock is ahead from now on.
func child(text string) error {
	var spec childSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cfg, err := config.Load(spec.Config, os.LookupEnv)
	if err != nil {
		return err
	}
	clock := &aheadClock{}
	clock.Store(int64(spec.Ahead))
	a, err := New(ctx, Options{Config: cfg, Clock: clock, Listen: "127.0.0.1:0", Telegram: spec.Telegram, Discord: spec.Telegram, Stripe: spec.Stripe,
		Offline: true, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil))})
	if err != nil {
		return err
	}
	if err := a.Serve(ctx); err != nil {
		return errors.Join(err, a.Close())
	}
	fmt.Println(a.Addr())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		ahead, err := strconv.ParseInt(in.Text(), 10, 64)
		if err != nil {
			return err
		}
		clock.Store(ahead)
	}
	return a.Close()
}

// process is a running child.
type process struct {
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	address string
}

// start starts a child and, unless it is to die before, waits until it serves.
func (w *town) start(log io.Writer, wait bool) *process {
	w.Helper()
	spec, err := json.Marshal(childSpec{w.config, w.api.URL, w.api.URL, time.Duration(w.ahead.Load())})
	if err != nil {
		w.Fatal(err)
	}
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(append(os.Environ(), w.env()...), childVariable+"="+string(spec))
	p.cmd.Stderr = log
	p.stdin, err = p.cmd.StdinPipe()
	out, err2 := p.cmd.StdoutPipe()
	if err := errors.Join(err, err2); err != nil {
		w.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(p.kill)
	if !wait {
		return p
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		w.Fatalf("the program did not start: %v", err)
	}
	p.address = strings.TrimSpace(address)
	w.behind.Store(&p.address)
	return p
}

// kill is kill -9, by the process's id.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// TestKill kills the program five times in the middle of 200 checkouts, and
// once while it starts: no order is lost, none is paid twice, no unit is stuck.
func TestKill(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			if fixed := os.Getenv("SOUK_TEST_SEED"); fixed != "" {
				fmt.Sscan(fixed, &seed)
			}
			t.Logf("seed %d (SOUK_TEST_SEED repeats it)", seed)
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
			defer cancel()
			killing(ctx, t, databasetest.Migrated(t, engine), rand.New(rand.NewPCG(seed, 9)))
		})
	}
}

const checkouts = 200

// bought is what one checkout came to, as the person in front of it knows.
type bought struct {
	token string
	paid  bool
}

func killing(ctx context.Context, t *testing.T, url string, dice *rand.Rand) {
	w := newTown(t, url, "ticket,Ticket,true,T,shopify,150,7.00,false,active\nbadge,Badge,true,B,shopify,500,2.50,false,active\n", &http.Client{Timeout: 5 * time.Second})
	w.ctx = ctx
	log := &lines{}
	now := w.start(log, true)
	db := w.open()
	ticket, err1 := variant(db, "ticket")
	badge, err2 := variant(db, "badge")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}

	var mu sync.Mutex
	var all []bought
	var buying sync.WaitGroup
	todo := make(chan int64, checkouts)
	for i := range checkouts {
		todo <- int64(1000 + i)
	}
	close(todo)
	for range 10 {
		dice := rand.New(rand.NewPCG(dice.Uint64(), 1))
		buying.Go(func() {
			for id := range todo {
				had := w.visit(id, dice, ticket, badge)
				mu.Lock()
				all = append(all, had...)
				mu.Unlock()
			}
		})
	}
	bought := make(chan struct{})
	go func() { buying.Wait(); close(bought) }()

	// Each visit takes five requests at least. The moments to kill at are counted
	// in requests, so that it is always in the middle.
	for i := range int64(5) {
		at := 80 + 180*i + dice.Int64N(120)
		for w.sent.Load() < at && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(dice.Int64N(int64(20 * time.Millisecond))))
		w.behind.Store(nil)
		select {
		case <-bought:
			t.Fatal("all had bought before the program was killed")
		default:
		}
		now.kill()
		if i == 2 {
			early := w.start(log, false)
			time.Sleep(time.Duration(dice.Int64N(int64(400 * time.Millisecond))))
			early.kill()
		}
		now = w.start(log, true)
	}
	<-bought
	now.kill() // once more, with all of the work that comes after buying
	w.ahead.Store(int64(6 * time.Minute))
	now = w.start(log, true)
	w.rest(db)
	now.stdin.Close()
	if err := now.cmd.Wait(); err != nil {
		t.Errorf("the program did not end well: %v", err)
	}
	w.check(db, all)
	if t.Failed() {
		for _, line := range strings.Split(log.String(), "\n") {
			if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, "panic") {
				t.Log(line)
			}
		}
	}
}

// visit is one person's checkout, from the first tap to the last.
func (w *town) visit(id int64, dice *rand.Rand, ticket, badge string) (had []bought) {
	c := w.customer(id)
	c.say("/start")
	carts := [][]string{{ticket}, {ticket}, {ticket, badge, badge}, {badge}, {ticket, ticket}}
	rounds := 1
	if dice.IntN(10) == 0 {
		rounds = 2 // they change their mind, or come again
	}
	for range rounds {
		token, screen := c.order(carts[dice.IntN(len(carts))]...)
		if token == "" {
			continue // sold out
		}
		one := bought{token: token}
		switch dice.IntN(20) {
		case 0, 1: // never pays
		case 2:
			c.press(cancelled.FindString(screen))
		default:
			for _, card := range [][]string{{"4242424242424242"}, {"4242424242424242"}, {"4000000000000002", "4242424242424242"}, {"4000002760003184"}}[dice.IntN(4)] {
				if page := w.page(token); page != "" && !one.paid {
					one.paid = w.pay(page, card)
				}
			}
		}
		had = append(had, one)
	}
	return had
}

// unfinished counts what is left to do about money.
var unfinished = map[string]string{
	"open orders": `SELECT COUNT(*) FROM orders WHERE state IN ('pending', 'closing')`,
	"events":      `SELECT COUNT(*) FROM stripe_inbox WHERE done_at = 0`,
	"refunds":     `SELECT COUNT(*) FROM refunds WHERE state = 'due'`,
}

// rest waits until nothing is left to do, and everybody has been told.
func (w *town) rest(db *database.DB) {
	w.Helper()
	all := maps.Clone(unfinished)
	all["notices"] = `SELECT COUNT(*) FROM notices WHERE state IN ('due', 'sending') AND kind NOT LIKE 'staff.%'`
	w.until(db, all)
}

// until waits until all of these are none.
func (w *town) until(db *database.DB, counts map[string]string) {
	w.Helper()
	for {
		left := map[string]int{}
		err := db.Read(w.ctx, func(tx *database.Tx) error {
			for what, count := range counts {
				var n int
				if err := tx.Row(count).Scan(&n); err != nil {
					return err
				}
				if n > 0 {
					left[what] = n
				}
			}
			return nil
		})
		if err != nil {
			w.Fatalf("it does not come to rest: %v", errors.Join(err, w.ctx.Err()))
		}
		if len(left) == 0 {
			return
		}
		select {
		case <-w.ctx.Done():
			w.Fatalf("it does not come to rest: %v", left)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// check holds the books, Stripe, the orders, the units and what people were
// told against one another and against what people did.
func (w *town) check(db *database.DB, all []bought) {
	w.Helper()
	broken, cash, err := checkout.Audit(w.ctx, db)
	if err != nil || len(broken) > 0 {
		w.Errorf("audit: %v, %v", broken, err)
	}
	if taken := w.stripe.Captured("") - w.stripe.Refunded(""); cash["EUR"] != taken {
		w.Errorf("cash in the books is %d, at Stripe %d", cash["EUR"], taken)
	}
	type order struct {
		id, number, state string
		total, told       int64
		account           int64
	}
	orders, held := map[string]order{}, int64(0)
	err = db.Read(w.ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT SUM(held) FROM stock`).Scan(&held); err != nil {
			return err
		}
		return tx.Rows(`SELECT o.token, o.id, o.number, o.state, o.total, a.account,
			(SELECT COUNT(*) FROM notices n WHERE n.kind = 'order.paid' AND n.once LIKE 'order.paid:' || o.id || ':%' AND n.state IN ('sent', 'unread', 'read'))
			FROM orders o JOIN accounts a ON a.member_id = o.member_id`, nil, func(scan func(...any) error) error {
			var token, account string
			var o order
			err := scan(&token, &o.id, &o.number, &o.state, &o.total, &account, &o.told)
			fmt.Sscan(account, &o.account)
			orders[token] = o
			return err
		})
	})
	if err != nil {
		w.Fatal(err)
	}
	if held != 0 {
		w.Errorf("%d units are stuck", held)
	}
	states, paid := map[string]int{}, map[string]bool{}
	for _, b := range all {
		// The same things again, before we know that they are paid, are the same order.
		paid[b.token] = paid[b.token] || b.paid
	}
	for token := range paid {
		if o, ok := orders[token]; !ok || paid[token] != (o.state == "paid") {
			w.Errorf("an order is %q; its member paid: %t", o.state, paid[token])
		}
	}
	for _, o := range orders {
		states[o.state]++
		kept, want := w.stripe.Captured(o.id)-w.stripe.Refunded(o.id), int64(0)
		if o.state == "paid" {
			want = o.total
		}
		if kept != want || w.stripe.Captures(o.id) > 1 {
			w.Errorf("order %s is %s: Stripe took its money %d times and keeps %d, want %d", o.number, o.state, w.stripe.Captures(o.id), kept, want)
		}
		if (o.told == 1) != (o.state == "paid") || o.told > 1 {
			w.Errorf("order %s is %s, %d confirmations", o.number, o.state, o.told)
		}
		if o.state == "paid" && !slices.ContainsFunc(w.telegram.Messages(o.account, o.account), func(m telegrams.Message) bool {
			return strings.Contains(m.Text, "Order "+o.number+" is paid")
		}) {
			w.Errorf("order %s: its member has read nothing of it", o.number)
		}
	}
	if len(orders) < checkouts*3/4 || states["paid"] < checkouts/2 || states["lapsed"] == 0 {
		w.Errorf("too little happened: %v", states)
	}
	w.Logf("%d orders: %v, %d requests", len(orders), states, w.sent.Load())
}
