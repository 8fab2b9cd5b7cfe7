package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/torture"
)

// fuse stands between the program and everything outside of it: the database,
// Redis, Stripe, the platforms. At a step given by its number it blows, and from
// then on nothing the program does reaches anything and nothing reaches it: for
// all others it has died at that moment.
type fuse struct {
	mu    sync.Mutex
	at    int // the step to blow at, 0 for never
	steps int
	where string // the step it blew at
	names []string
}

var errBlown = errors.New("the program has died")

// step counts what is about to happen, or has just happened.
func (f *fuse) step(what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.where != "" {
		return errBlown
	}
	if f.steps++; f.steps == f.at {
		f.where = what
		return errBlown
	}
	f.names = append(f.names, what)
	return nil
}

func (f *fuse) blown() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.where != ""
}

// RoundTrip is a call to Stripe or a platform.
func (f *fuse) RoundTrip(req *http.Request) (*http.Response, error) {
	what := req.Method + " " + req.URL.Path
	if err := f.step("before " + what); err != nil {
		return nil, err
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if err := f.step("after " + what); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// DialHook, ProcessHook and ProcessPipelineHook are commands to Redis.
func (f *fuse) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (f *fuse) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		return f.around("redis "+cmd.Name(), cmd.SetErr, func() error { return next(ctx, cmd) })
	}
}

func (f *fuse) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		lost := func(err error) {
			for _, cmd := range cmds {
				cmd.SetErr(err)
			}
		}
		return f.around("redis pipeline", lost, func() error { return next(ctx, cmds) })
	}
}

func (f *fuse) around(what string, lost func(error), do func() error) error {
	err := f.step("before " + what)
	if err == nil {
		if err = do(); err != nil {
			return err
		}
		err = f.step("after " + what)
	}
	if err != nil {
		lost(err)
	}
	return err
}

// lives is a town whose program dies and is started anew.
type lives struct {
	*town
	fuse  *fuse
	app   *App
	redis redis.UniversalClient
}

// begin starts the program; the fuse is put in once it has started.
func (l *lives) begin(at int) {
	l.Helper()
	l.fuse = &fuse{at: at}
	var err error
	cfg := l.load()
	opts, err := redis.ParseURL(cfg.Redis.URL.Reveal())
	if err != nil {
		l.Fatal(err)
	}
	opts.MaxRetries = -1
	l.redis = redis.NewClient(opts)
	l.app, err = New(l.ctx, Options{Config: cfg, Clock: l.town, Listen: "127.0.0.1:0", Telegram: l.api.URL, Discord: l.api.URL, Stripe: l.api.URL,
		Offline: true, Manual: true, Redis: l.redis, HTTP: &http.Client{Transport: l.fuse, Timeout: 10 * time.Second}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		l.Fatal(err)
	}
	l.app.DB.Watch(func(step string) error { return l.fuse.step(step) })
	l.fuse.mu.Lock()
	l.fuse.steps, l.fuse.names = 0, nil // what New did is not on the way
	l.fuse.mu.Unlock()
	l.redis.AddHook(l.fuse)
	if err := l.app.Serve(l.ctx); err != nil {
		l.Fatal(err)
	}
	address := l.app.Addr()
	l.behind.Store(&address)
}

// end throws the program away.
func (l *lives) end() {
	l.behind.Store(nil)
	l.app.Close()
	l.redis.Close()
}

// again starts the program anew where it has died.
func (l *lives) again() bool {
	if !l.fuse.blown() {
		return false
	}
	l.end()
	l.begin(0)
	return true
}

// insist does something until it is done by a program that is alive.
func (l *lives) insist(what string, do func() error) {
	l.Helper()
	for range 5 {
		err := do()
		if l.again() {
			continue
		}
		if err != nil {
			l.Errorf("%s: %v", what, err)
		}
		return
	}
	l.Fatalf("%s: it dies again and again", what)
}

// rest lets the webhooks arrive and does all work there is. What was left half
// done when the program died is taken up again when its lease ends.
func (l *lives) rest() {
	l.Helper()
	for range 4 {
		l.insist("rest", func() error {
			err := l.stripe.Rest(l.ctx)
			if err == nil {
				_, err = l.app.Rest(l.ctx)
			}
			return err
		})
		l.ahead.Add(int64(70 * time.Second))
	}
}

// once does what can be done once: where the program died over it, it may say
// that it has been done.
func (l *lives) once(what string, do func() error) {
	l.Helper()
	died := false
	l.insist(what, func() error {
		err := do()
		if died && errors.Is(err, checkout.ErrState) {
			return nil
		}
		died = l.fuse.blown()
		return err
	})
}

// journey is a way from a quote to a refund, by which the order comes to a
// state. It returns the order, and what the member must have been told of it, in
// these words.
type journey struct {
	name   string
	state  string
	before func(l *lives, c *customer, goods string) // what happened in good days, by one order
	walk   func(l *lives, c *customer, goods string) (order string, told []string)
}

var journeys = []journey{
	{"pay page", "cancelled", nil, func(l *lives, c *customer, goods string) (string, []string) {
		c.say("/start")
		token, screen := c.order(goods)
		if token == "" {
			l.Errorf("no order: %s", screen)
			return "", nil
		}
		l.pay(l.page(token), "4242424242424242")
		l.rest()
		o := l.orderOf(token)
		l.insist("cancel", func() error { return l.app.Checkout.CancelPaid(l.ctx, "staff", commerce.OrderID(o)) })
		l.rest()
		return o, []string{"is paid", "cancelled"}
	}},
	{"kept card", "cancelled", func(l *lives, c *customer, goods string) {
		c.say("/start")
		c.press("keepcard on")
		token, screen := c.order(goods)
		if token == "" {
			l.Fatalf("no order: %s", screen)
		}
		l.pay(l.page(token), "4242424242424242")
		l.rest()
		if err := l.app.Checkout.CancelPaid(l.ctx, "staff", commerce.OrderID(l.orderOf(token))); err != nil {
			l.Fatal(err)
		}
		l.rest()
	}, func(l *lives, c *customer, goods string) (string, []string) {
		confirmation := c.press("buy " + goods)
		pay := payWith.FindStringSubmatch(confirmation)
		if pay == nil {
			l.Errorf("no confirmation: %s", confirmation)
			return "", nil
		}
		c.press(pay[1])
		l.rest()
		var o string
		l.insist("find", func() error {
			return l.app.DB.Read(l.ctx, func(tx *database.Tx) error {
				return tx.Row(`SELECT o.id FROM orders o JOIN accounts a ON a.member_id = o.member_id WHERE a.account = $1 ORDER BY o.created_at DESC LIMIT 1`,
					fmt.Sprint(c.id)).Scan(&o)
			})
		})
		l.insist("cancel", func() error { return l.app.Checkout.CancelPaid(l.ctx, "staff", commerce.OrderID(o)) })
		l.rest()
		return o, []string{"Thank you!", "cancelled"}
	}},
	{"invoice in the chat", "cancelled", nil, func(l *lives, c *customer, goods string) (string, []string) {
		c.say("/start")
		token, _ := c.order(goods)
		if token == "" {
			l.Error("no order")
			return "", nil
		}
		o := l.orderOf(token)
		invoice := c.press("invoice " + o)
		payload := invoicePayload.FindStringSubmatch(invoice)
		if payload == nil {
			l.Errorf("no invoice: %s", invoice)
			return o, nil
		}
		bill := `"currency":"EUR","total_amount":700,"invoice_payload":"` + payload[1] + `"`
		if answer := c.deliver(c.update(fmt.Sprintf(`"pre_checkout_query":{"id":"%d",%s,%s}`, c.id, c.from(), bill))); !strings.Contains(answer, `"ok":true`) {
			l.Errorf("it may not be paid: %s", answer)
			return o, nil
		}
		c.deliver(c.update(fmt.Sprintf(`"message":{"message_id":6,%s,%s,"date":1,"successful_payment":{%s,"telegram_payment_charge_id":"tg%d","provider_payment_charge_id":"%s"}}`,
			c.from(), c.chat(), bill, c.id, l.stripe.Charge(700, "EUR"))))
		l.rest()
		l.insist("cancel", func() error { return l.app.Checkout.CancelPaid(l.ctx, "staff", commerce.OrderID(o)) })
		l.rest()
		return o, []string{"Thank you!", "cancelled"}
	}},
	{"return", "shipped", nil, func(l *lives, c *customer, goods string) (string, []string) {
		c.say("/start")
		token, _ := c.order(goods)
		if token == "" {
			l.Error("no order")
			return "", nil
		}
		l.pay(l.page(token), "4242424242424242")
		l.rest()
		o := commerce.OrderID(l.orderOf(token))
		l.once("ship", func() error { return l.app.Checkout.Ship(l.ctx, "staff", o, "T1") })
		member, id := commerce.MemberID(""), fulfilment.ReturnID("")
		l.insist("ask", func() error {
			order, err := l.app.Checkout.Orders().Get(l.ctx, o)
			if err != nil {
				return err
			}
			member = order.Member
			if err := l.app.Checkout.AskReturn(l.ctx, member, o, checkout.Asking{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}, Reason: "broken"}); err != nil && !errors.Is(err, checkout.ErrState) {
				return err
			}
			f, err := l.app.Checkout.Fulfilment(l.ctx, order)
			if err == nil && len(f.Returns) != 1 {
				err = fmt.Errorf("%d returns", len(f.Returns))
			}
			if err == nil {
				id = f.Returns[0].ID
			}
			return err
		})
		l.once("approve", func() error { return l.app.Checkout.ApproveReturn(l.ctx, "staff", nil, id, false) })
		l.once("arrived", func() error { return l.app.Checkout.ReturnArrived(l.ctx, "staff", nil, id, map[int64]bool{0: true}) })
		l.once("end", func() error { return l.app.Checkout.EndReturn(l.ctx, "staff", nil, id, payments.WayCard, true) })
		l.rest()
		return string(o), []string{"is paid", "on its way", "You can send this back", "has arrived", "Your return is done"}
	}},
}

var (
	payWith        = regexp.MustCompile(`"callback_data":"(pay [^"]+)"`)
	invoicePayload = regexp.MustCompile(`"payload":"([^"]+)"`)
)

func (l *lives) orderOf(token string) (id string) {
	l.Helper()
	o, err := l.app.Checkout.Orders().ByToken(l.ctx, token)
	if err != nil {
		l.Fatal(err)
	}
	return string(o.ID)
}

// TestCrashPoints lets the program die before and after each write and each
// call to the outside on the way from a quote to a payment to a refund, once at
// each, as a wrapper around the database, Redis and all HTTP finds them. After a
// new start and some rest the order is where it would be, the money went and
// came once, and the member knows.
func TestCrashPoints(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		for _, j := range journeys {
			t.Run(engine+"/"+j.name, func(t *testing.T) { crashes(t, databasetest.Migrated(t, engine), j) })
		}
	}
}

func crashes(t *testing.T, url string, j journey) {
	began := time.Now()
	w := newTown(t, url, "ticket,Ticket,true,T,shopify,100000,7.00,false,active\n", &http.Client{Timeout: 5 * time.Second})
	l := &lives{town: w}
	w.revive = l.again
	text, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	w.write("souk.yaml", strings.Replace(string(text), "username: canary_bot", `username: canary_bot, provider_token: "${PROVIDER}"`, 1))
	l.begin(0)
	defer func() { l.end() }()
	db := w.open()
	ticket, err := variant(db, "ticket")
	if err != nil {
		t.Fatal(err)
	}
	walk := func(id int64, at int) (died string) {
		c, orders := w.customer(id), int64(1)
		if j.before != nil {
			orders++
			j.before(l, c, ticket)
		}
		l.fuse.mu.Lock()
		l.fuse.steps, l.fuse.at, l.fuse.names = 0, at, nil
		l.fuse.mu.Unlock()
		blown := l.fuse
		order, told := j.walk(l, c, ticket)
		l.fuse.mu.Lock()
		l.fuse.at = 0
		l.fuse.mu.Unlock()
		l.check(db, id, order, j.state, orders, told)
		if t.Failed() {
			t.Fatalf("died at step %d: %s", at, blown.where)
		}
		return blown.where
	}
	walk(1000, 0)
	points := l.fuse.steps
	run := torture.N(8, points)
	ran, kinds := 0, map[string]int{}
	for i := range run {
		at := 1 + (i*points+int(torture.Seed(t)))/run
		if torture.Full() && run == points {
			at = i + 1
		}
		died := walk(int64(1001+i), at)
		if died == "" {
			continue // this time it took fewer steps
		}
		ran++
		kinds[kindOf(died)]++
	}
	if ran < run*9/10 {
		t.Errorf("it died at %d of %d points only", ran, run)
	}
	torture.Figure(t, "%d points on the way from quote to paid to refunded (%s): died at %d of them (%s), all came to rest as they should; %s",
		points, j.name, ran, strings.Trim(fmt.Sprint(kinds), "map[]"), time.Since(began).Round(time.Second))
}

// kindOf is what a point is, without what it says.
func kindOf(step string) string {
	_, what, _ := strings.Cut(step, " ")
	word, _, _ := strings.Cut(what, " ")
	switch word {
	case "redis":
		return "redis"
	case "GET", "POST":
		return "http"
	case "BEGIN", "COMMIT":
		return "transactions"
	}
	return "statements"
}

// check holds one order against Stripe, the books and what its member was told.
func (l *lives) check(db *database.DB, member int64, order, want string, all int64, told []string) {
	l.Helper()
	if broken, cash, err := checkout.Audit(l.ctx, db); err != nil || len(broken) > 0 || cash["EUR"] != l.stripe.Captured("")-l.stripe.Refunded("") {
		l.Errorf("audit: %v, %v, cash %v", broken, err, cash)
	}
	for _, twice := range l.stripe.Twice() {
		l.Error(twice)
	}
	if order == "" {
		return
	}
	var state string
	var total, orders, held, invoices int64
	if err := db.Read(l.ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT state, total FROM orders WHERE id = $1`, order).Scan(&state, &total); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM orders WHERE member_id = (SELECT member_id FROM orders WHERE id = $1)`, order).Scan(&orders); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM payments WHERE order_id = $1 AND kind = 'invoice'`, order).Scan(&invoices); err != nil {
			return err
		}
		return tx.Row(`SELECT SUM(held) FROM stock`).Scan(&held)
	}); err != nil {
		l.Fatal(err)
	}
	if state != want || orders != all || held != 0 {
		l.Errorf("the order is %s, %d orders, %d units held", state, orders, held)
	}
	if in, out := l.stripe.Captured(""), l.stripe.Refunded(""); invoices > 0 && in != out { // Stripe does not know which order an invoice is of
		l.Errorf("captured %d, refunded %d", in, out)
	}
	if in, out, n := l.stripe.Captured(order), l.stripe.Refunded(order), l.stripe.Captures(order); invoices == 0 && (in != total || out != total || n != 1) {
		l.Errorf("captured %d in %d, refunded %d of %d", in, n, out, total)
	}
	for _, words := range told {
		found := false
		for _, m := range l.telegram.Messages(member, member) {
			found = found || strings.Contains(m.Text, words)
		}
		if !found {
			l.Errorf("the member was not told: %s", words)
		}
	}
}
