package app

// What is worth an alert. docs/operations.md says for each what it means and
// what to do. The numbers from the database are of the whole shop: every
// process of it tells the same ones.

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// metrics are the numbers of the program, beside those of the door.
type metrics struct {
	registry   *prometheus.Registry
	registered *prometheus.GaugeVec
	endpoint   prometheus.Gauge
	config     prometheus.Gauge
	broken     prometheus.Gauge
	audited    prometheus.Gauge
}

func newMetrics(a *App) *metrics {
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		registered: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "souk_bot_registered",
			Help: "1 once the platform knows where this shop is and what can be typed, by bot."}, []string{"bot", "platform"}),
		endpoint: gauge("souk_stripe_endpoint_ready", "1 once Stripe's webhook endpoint was seen to be as it must be."),
		config:   gauge("souk_config_accepted", "1 while the configuration as it lies there is the one that is used, 0 after one was refused."),
		broken:   gauge("souk_audit_broken", "Truths about money and goods that did not hold when they were last checked. Anything but 0 is an emergency."),
		audited:  gauge("souk_audit_timestamp_seconds", "When the truths about money and goods were last checked, in Unix time; 0 for never."),
	}
	m.config.Set(1)
	m.registry.MustRegister(m.registered, m.endpoint, m.config, m.broken, m.audited, &backlog{app: a},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// audit checks what must always hold about money and goods.
func (a *App) audit(ctx context.Context) error {
	broken, _, err := checkout.Audit(ctx, a.DB)
	if err != nil {
		return err
	}
	a.metrics.broken.Set(float64(len(broken)))
	a.metrics.audited.Set(float64(a.Clock.Now().Unix()))
	for _, b := range broken {
		a.Log.Error("money and goods do not add up: stop selling and keep a copy of the database", "broken", b)
	}
	return nil
}

// backlog asks the database what waits, when somebody wants to know.
type backlog struct {
	app *App

	mu      sync.Mutex
	at      time.Time
	err     error
	notices notices.Backlog
	money   payments.Backlog
	orders  orders.Backlog
}

// fresh is how long an answer of the database is told again: several may ask,
// and none of them is to be a load.
const fresh = 5 * time.Second

var (
	databaseUp = prometheus.NewDesc("souk_database_up", "1 where the database answers.", nil, nil)
	redisUp    = prometheus.NewDesc("souk_redis_up", "1 where Redis answers.", nil, nil)

	noticesIn     = prometheus.NewDesc("souk_notices", "Notices, by state: due and sending are on their way, unread wait for the member's next visit, dead were given up.", []string{"state"}, nil)
	noticesOldest = prometheus.NewDesc("souk_notices_oldest_seconds", "How long the oldest notice has waited that could have been sent.", nil, nil)
	ordersIn      = prometheus.NewDesc("souk_orders", "Orders, by state: pending can be paid, closing wait for Stripe, paid are to be sent.", []string{"state"}, nil)
	ordersOverdue = prometheus.NewDesc("souk_orders_overdue_seconds", "How long ago the oldest hold ended whose goods are not free again.", nil, nil)
	eventsDue     = prometheus.NewDesc("souk_stripe_inbox", "Events of Stripe that are not worked off.", nil, nil)
	eventsOldest  = prometheus.NewDesc("souk_stripe_inbox_oldest_seconds", "How long ago the oldest of them came.", nil, nil)
	refundsIn     = prometheus.NewDesc("souk_refunds", "Refunds, by state: due are to be made, failed need a person.", []string{"state"}, nil)
	refundsOldest = prometheus.NewDesc("souk_refunds_oldest_seconds", "How long the oldest refund that is due has been owed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (b *backlog) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{databaseUp, redisUp, noticesIn, noticesOldest, ordersIn, ordersOverdue, eventsDue, eventsOldest, refundsIn, refundsOldest} {
		out <- d
	}
}

// Collect implements prometheus.Collector. Where the database does not answer
// it says so, and nothing else about it: an old number would hide what is wrong.
func (b *backlog) Collect(out chan<- prometheus.Metric) {
	tell := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	tell(redisUp, truth(b.app.Live.Ping(ctx) == nil))

	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.app.Clock.Now()
	if b.at.IsZero() || b.err != nil || now.Sub(b.at) >= fresh || now.Before(b.at) {
		b.err, b.at = b.count(ctx, now), now
	}
	tell(databaseUp, truth(b.err == nil))
	if b.err != nil {
		if !errors.Is(b.err, context.Canceled) {
			b.app.Log.Warn("metrics: the database does not answer", "err", b.err)
		}
		return
	}
	since := func(t time.Time) float64 {
		if t.IsZero() || t.After(now) {
			return 0
		}
		return now.Sub(t).Seconds()
	}
	tell(noticesIn, float64(b.notices.Due), "due")
	tell(noticesIn, float64(b.notices.Sending), "sending")
	tell(noticesIn, float64(b.notices.Unread), "unread")
	tell(noticesIn, float64(b.notices.Dead), "dead")
	tell(noticesOldest, since(b.notices.Oldest))
	tell(ordersIn, float64(b.orders.Pending), "pending")
	tell(ordersIn, float64(b.orders.Closing), "closing")
	tell(ordersIn, float64(b.orders.Paid), "paid")
	tell(ordersOverdue, since(b.orders.Overdue))
	tell(eventsDue, float64(b.money.Events))
	tell(eventsOldest, since(b.money.OldestEvent))
	tell(refundsIn, float64(b.money.Refunds), "due")
	tell(refundsIn, float64(b.money.Failed), "failed")
	tell(refundsOldest, since(b.money.OldestRefund))
}

func (b *backlog) count(ctx context.Context, now time.Time) error {
	return b.app.DB.Read(ctx, func(tx *database.Tx) (err error) {
		if b.notices, err = notices.CountBacklog(tx, now); err != nil {
			return err
		}
		if b.money, err = payments.CountBacklog(tx); err != nil {
			return err
		}
		b.orders, err = orders.CountBacklog(tx)
		return err
	})
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
