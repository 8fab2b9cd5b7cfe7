package drops_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

func (w *world) seed(statements ...string) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		for _, q := range statements {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// bought writes the order of a claim as checkout would: 30.00 with 4.79 of tax in
// it, of which Stripe keeps 0.50.
func (w *world) bought(o string, e drops.Entry) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		for _, q := range []string{
			`INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, created_at, expires_at, claim)
				SELECT $1, (SELECT COUNT(*) FROM orders) + 1, 'm1', 'paid', 'EUR', 3000, '', id, $1, '', '', '', 0, 0, $2 FROM holds WHERE id = 'h' || SUBSTR($1, 2)`,
		} {
			if _, err := tx.Exec(q, o, e.ID); err != nil {
				return err
			}
		}
		for _, q := range []string{
			`INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, intent, created_at) VALUES ('p' || $1, $1, 1, 'paid', $1, 3000, 'EUR', 'pi_' || $1, 0)`,
			`INSERT INTO stripe_txns (id, type, source, payment, amount, fee, currency, source_amount, source_currency, created_at)
				VALUES ('txn_' || $1, 'charge', 'ch', 'pi_' || $1, 3000, 50, 'EUR', 3000, 'EUR', 0)`,
			`INSERT INTO postings (id, at, order_id, memo) VALUES ('capture:' || $1, 0, $1, 'sale')`,
			`INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ('capture:' || $1, 0, 'cash:stripe', 3000, 'EUR')`,
			`INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ('capture:' || $1, 1, 'revenue:b', -2521, 'EUR')`,
			`INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ('capture:' || $1, 2, 'tax:b', -479, 'EUR')`,
			`INSERT INTO payouts (id, order_id, payment_id, brand_id, account, currency, amount, state, key, due_at, created_at)
				VALUES ('y' || $1, $1, 'p' || $1, 'b', 'acct', 'EUR', 2700, 'held', $1, 0, 0)`,
		} {
			if _, err := tx.Exec(q, o); err != nil {
				return err
			}
		}
		return nil
	})
}

// back writes that the money of an order went back.
func (w *world) back(o string) {
	w.Helper()
	w.seed(`INSERT INTO postings (id, at, order_id, memo) VALUES ('refund:`+o+`', 0, '`+o+`', 'refund')`,
		`INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ('refund:`+o+`', 0, 'revenue:b', 2521, 'EUR')`,
		`UPDATE payments SET refunded = 3000 WHERE order_id = '`+o+`'`, `UPDATE payouts SET less = 2700 WHERE order_id = '`+o+`'`)
}

// TestReport follows a drop of four units whose figures are counted by hand: 1, 2
// and 3 come from the group on Telegram, 4 from the one on Discord, 5 in private
// there, and 6 only looks. 1 pays and keeps it, 2 sends it back, 3 does not pay, 4
// is refunded, 5 has what 3 let go and has not paid yet.
func TestReport(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 4, 4)
		w.seed(`INSERT INTO creators (id, name, bio, picture, position) VALUES ('mira', 'Mira', '', '', 0), ('noor', 'Noor', '', '', 1)`,
			`INSERT INTO picks (id, creator_id, title, body, created_at, seq) VALUES ('k', 'mira', '', '', 0, 1)`,
			`INSERT INTO pick_items (pick_id, position, product_id) VALUES ('k', 0, 'p')`,
			`INSERT INTO follows (member_id, creator_id, created_at) VALUES ('m1', 'mira', 0), ('m3', 'mira', 0), ('m6', 'noor', 0)`)
		w.drops.Recommend = func(context.Context, commerce.ProductID) []commerce.CreatorID { return []commerce.CreatorID{"mira"} }
		w.opened()
		w.seed(`INSERT INTO notices (id, kind, member_id, args, once, state, due_at, created_at) VALUES ('n1', 'x', 'm1', '{}', 'x1', 'sent', 0, 0), ('n9', 'x', 'm9', '{}', 'x9', 'dead', 0, 0)`,
			`INSERT INTO drop_tellings (drop_id, member_id, bot, notice_id) VALUES ('d', 'm1', 'tg', 'n1'), ('d', 'm9', 'tg', 'n9')`)
		at := map[int]drops.Where{1: {Bot: "tg", Chat: "1"}, 2: {Bot: "tg", Chat: "1"}, 3: {Bot: "tg", Chat: "1"}, 4: {Bot: "dc", Chat: "2"}, 5: {Bot: "dc", Chat: "555"}}
		for i := 1; i <= 5; i++ {
			w.drops.Tapped(drops.Tap{Drop: drop, Member: member(i), Platform: platforms(at[i].Bot), Bot: at[i].Bot, Chat: map[bool]string{true: at[i].Chat}[i < 5]})
			_, err := w.drops.Claim(w.ctx, drop, member(i), jug, at[i])
			w.must(err)
		}
		for range 3 {
			w.drops.Tapped(drops.Tap{Drop: drop, Member: member(6), Platform: "telegram", Bot: "tg"})
			w.drops.Tapped(drops.Tap{Drop: "made up", Member: member(6), Platform: "telegram", Bot: "tg"})
			w.must(w.drops.CountTaps(w.ctx))
		}
		for _, i := range []int{1, 2, 4} {
			o, err := w.order(w.mine(i))
			w.must(err)
			w.bought(string(o.ID), w.mine(i))
			w.sell(o)
		}
		w.back("o2")
		w.seed(`INSERT INTO returns (id, order_id, brand_id, member_id, state, reason, asked_at) VALUES ('r', 'o2', 'b', 'm2', 'done', 'mind', 0), ('r1', 'o1', 'b', 'm1', 'denied', 'mind', 0)`)
		w.back("o3")
		w.seed(`UPDATE orders SET state = 'refunded' WHERE id = 'o3'`)
		w.clock.Wait(11 * time.Minute)
		w.step()
		w.seed(`INSERT INTO waitlist (id, variant_id, member_id, place, state, created_at) VALUES ('w1', 'jug', 'm7', 1, 'waits', 0), ('w2', 'jug', 'm8', 2, 'left', 9999999999999999)`)
		w.redis.FlushAll() // what was counted stays
		w.drops.Tapped(drops.Tap{Drop: drop, Member: member(1), Platform: "telegram", Bot: "tg", Chat: "1"})
		w.must(w.drops.CountTaps(w.ctx))

		have, err := w.drops.Report(w.ctx, drop, platforms)
		w.must(err)
		want := drops.Report{
			Funnel: drops.Funnel{Groups: 2, Members: 1, Tap: 6, Claim: 5, Pay: 3, Keep: 1},
			Parts: []drops.Part{
				{Kind: "platform", Name: "discord", Funnel: drops.Funnel{Groups: 1, Tap: 2, Claim: 2, Pay: 1}},
				{Kind: "platform", Name: "telegram", Funnel: drops.Funnel{Groups: 1, Members: 1, Tap: 4, Claim: 3, Pay: 2, Keep: 1}},
				{Kind: "chat", Name: "dc", Funnel: drops.Funnel{Claim: 1}},
				{Kind: "chat", Name: "dc", Chat: "2", Funnel: drops.Funnel{Groups: 1, Tap: 1, Claim: 1, Pay: 1}},
				{Kind: "chat", Name: "tg", Funnel: drops.Funnel{Members: 1}},
				{Kind: "chat", Name: "tg", Chat: "1", Funnel: drops.Funnel{Groups: 1, Tap: 3, Claim: 3, Pay: 2, Keep: 1}},
				{Kind: "creator", Name: "mira", Funnel: drops.Funnel{Members: 1, Tap: 2, Claim: 2, Pay: 1, Keep: 1}},
			},
			NoShows: 1,
			Demand:  []drops.Demand{{Variant: jug, Asked: 1, Waiting: 1}},
			Earned:  []drops.Earned{{Currency: "EUR", Revenue: 3 * 2521, Returns: 2 * 2521, Fees: 150, Commission: 300}},
		}
		if diff := cmp.Diff(want, have, cmpopts.IgnoreFields(drops.Report{}, "Drop")); diff != "" {
			t.Errorf("-want +have:\n%s", diff)
		}
		if left := have.Earned[0].Left().Amount; left != 2071 {
			t.Errorf("%d are left, want 2071", left)
		}
	})
}

func platforms(bot string) string { return map[string]string{"tg": "telegram", "dc": "discord"}[bot] }

// TestTapsWaitForRedis: while Redis is away nothing is lost and nothing stops.
func TestTapsWaitForRedis(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2).opened()
		w.drops.Tapped(drops.Tap{Drop: drop, Member: member(1), Platform: "telegram", Bot: "tg"})
		w.redis.SetError("away")
		if err := w.drops.CountTaps(w.ctx); err == nil {
			t.Error("counted where nothing counts")
		}
		w.redis.SetError("")
		w.must(w.drops.CountTaps(w.ctx))
		r, err := w.drops.Report(w.ctx, drop, platforms)
		w.must(err)
		if r.Tap != 1 {
			t.Errorf("%d looked, want 1", r.Tap)
		}
	})
}
