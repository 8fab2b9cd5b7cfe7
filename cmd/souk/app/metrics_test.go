package app

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
)

type ticking struct{ at atomic.Int64 }

func (c *ticking) Now() time.Time { return time.Unix(c.at.Load(), 0).UTC() }

// gathered is what somebody who asks is told, as name{label,…}.
func gathered(t *testing.T, m *metrics) map[string]float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "souk_") {
			continue
		}
		for _, one := range f.GetMetric() {
			name := strings.TrimPrefix(f.GetName(), "souk_")
			for _, l := range one.GetLabel() {
				name += "," + l.GetValue()
			}
			got[name] = one.GetGauge().GetValue()
		}
	}
	return got
}

func TestMetrics(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		mini := miniredis.RunT(t)
		client := redis.NewClient(&redis.Options{Addr: mini.Addr(), MaxRetries: -1})
		t.Cleanup(func() { client.Close() })
		now := &ticking{}
		now.at.Store(10_000)
		a := &App{Options: Options{Clock: now, Log: slog.New(slog.DiscardHandler)}, DB: db, Live: live.New(client, now)}
		a.metrics = newMetrics(a)
		want := map[string]float64{
			"database_up": 1, "redis_up": 1, "config_accepted": 1, "stripe_endpoint_ready": 0, "audit_broken": 0, "audit_timestamp_seconds": 0,
			"notices,due": 0, "notices,sending": 0, "notices,unread": 0, "notices,dead": 0, "notices_oldest_seconds": 0,
			"orders,pending": 0, "orders,closing": 0, "orders,paid": 0, "orders_overdue_seconds": 0,
			"stripe_inbox": 0, "stripe_inbox_oldest_seconds": 0, "refunds,due": 0, "refunds,failed": 0, "refunds_oldest_seconds": 0,
		}
		expect := func(what string) {
			t.Helper()
			if diff := cmp.Diff(want, gathered(t, a.metrics)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}
		expect("nothing has happened")

		if err := db.Write(t.Context(), fill); err != nil {
			t.Fatal(err)
		}
		expect("the database is not asked again at once")
		now.at.Add(5)
		for name, value := range map[string]float64{
			"notices,due": 5, "notices,unread": 1, "notices,dead": 1, "notices_oldest_seconds": 705,
			"orders,pending": 1, "orders,closing": 1, "orders,paid": 1, "orders_overdue_seconds": 405,
			"stripe_inbox": 2, "stripe_inbox_oldest_seconds": 205, "refunds,due": 1, "refunds,failed": 1, "refunds_oldest_seconds": 105,
		} {
			want[name] = value
		}
		expect("work has piled up")

		// The rows do not fit one another: the audit sees that.
		if err := a.audit(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := gathered(t, a.metrics)
		if got["audit_broken"] == 0 || got["audit_timestamp_seconds"] != 10_005 {
			t.Errorf("audit: %v, at %v", got["audit_broken"], got["audit_timestamp_seconds"])
		}

		mini.Close()
		db.Close()
		now.at.Add(5)
		got = gathered(t, a.metrics)
		if _, old := got["notices,due"]; old || got["database_up"] != 0 || got["redis_up"] != 0 {
			t.Errorf("with nobody there: %v", got)
		}
		if err := a.audit(context.Background()); err == nil {
			t.Error("an audit without a database")
		}
	})
}

// fill writes what waits, in all states: seconds are those before 10,000.
func fill(tx *database.Tx) error {
	second := int64(time.Second / time.Microsecond)
	for _, q := range []struct {
		query string
		args  []any
	}{
		{`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', '', '', 1)`, nil},
		{`INSERT INTO holds (id, member_id, state, expires_at, created_at) VALUES ('h', 'ann', 'held', 1, 1)`, nil},
		{`INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, created_at, expires_at) VALUES
			('o1', 1, 'ann', 'pending', 'EUR', 0, '', 'h', '1', '', '', '', 1, $1), ('o2', 2, 'ann', 'closing', 'EUR', 0, '', 'h', '2', '', '', '', 1, $2),
			('o3', 3, 'ann', 'paid', 'EUR', 0, '', 'h', '3', '', '', '', 1, 1), ('o4', 4, 'ann', 'lapsed', 'EUR', 0, '', 'h', '4', '', '', '', 1, 1)`,
			[]any{10_900 * second, 9_600 * second}},
		{`INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, created_at) VALUES
			('p1', 'o3', 1, 'void', 'k1', 1, 'EUR', 1), ('p2', 'o3', 2, 'void', 'k2', 1, 'EUR', 1), ('p3', 'o3', 3, 'void', 'k3', 1, 'EUR', 1)`, nil},
		{`INSERT INTO refunds (id, order_id, payment_id, state, reason, key, amount, currency, due_at, created_at) VALUES
			('r1', 'o3', 'p1', 'due', '', 'k1', 1, 'EUR', 1, $1), ('r2', 'o3', 'p2', 'failed', '', 'k2', 1, 'EUR', 1, 1), ('r3', 'o3', 'p3', 'done', '', 'k3', 1, 'EUR', 1, 1)`,
			[]any{9_900 * second}},
		{`INSERT INTO stripe_inbox (event_id, type, object, received_at, done_at, due_at) VALUES ('e1', '', '', $1, 0, 1), ('e2', '', '', $2, 0, 1), ('e3', '', '', 1, 1, 1)`,
			[]any{9_800 * second, 9_900 * second}},
		// One was tried and is due later, one is for later, one is sent, one waits to be read.
		{`INSERT INTO notices (id, kind, args, once, state, tries, due_at, created_at) VALUES
			('n1', '', '{}', '1', 'due', 5, $1, $2), ('n2', '', '{}', '2', 'due', 0, $1, 1), ('n3', '', '{}', '3', 'due', 0, $3, 1),
			('n4', '', '{}', '4', 'sent', 1, 1, 1), ('n5', '', '{}', '5', 'unread', 1, 1, 1), ('n6', '', '{}', '6', 'dead', 1, 1, 1), ('n7', '', '{}', '7', 'read', 1, 1, 1)`,
			[]any{10_600 * second, 9_300 * second, 9_950 * second}},
		// One is of many and has not had its turn; one waits for its member's quiet hours.
		{`INSERT INTO notices (id, kind, args, once, state, rank, due_at, created_at) VALUES ('n9', '', '{}', '9', 'due', 2, 1, 1)`, nil},
		{`INSERT INTO notices (id, kind, args, once, state, tries, problem, due_at, created_at) VALUES ('n8', '', '{}', '8', 'due', 1, 'quiet hours', $1, 1)`, []any{10_600 * second}},
	} {
		if _, err := tx.Exec(q.query, q.args...); err != nil {
			return err
		}
	}
	return nil
}
