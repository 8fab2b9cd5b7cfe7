package database_test

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// shelf is a member with an order, its hold, a payment and a balance.
const shelf = `
INSERT INTO members (id, name, locale, created_at) VALUES ('m', 'Ann', 'en', 0);
INSERT INTO brands (id, name) VALUES ('b', 'B');
INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
	VALUES ('p', 'b', 'p', 'P', '', '', '', '', '', '', '', 0, 0, 0);
INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position) VALUES ('v', 'p', '', '', '', '', 100, 'EUR', 0);
INSERT INTO stock (variant_id, on_hand, free, held, sold) VALUES ('v', 3, 1, 1, 1);
INSERT INTO holds (id, member_id, state, expires_at, created_at) VALUES ('h', 'm', 'held', 0, 0);
INSERT INTO hold_lines (hold_id, variant_id, quantity, counted) VALUES ('h', 'v', 1, 1);
INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, created_at, expires_at)
	VALUES ('o', 1, 'm', 'pending', 'EUR', 100, 'q', 'h', 't', 'en', 'telegram', 'tg', 0, 0);
INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, session, created_at) VALUES ('p1', 'o', 1, 'paid', 'k1', 100, 'EUR', 'cs_1', 0);
INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, session, created_at) VALUES ('p2', 'o', 2, 'void', 'k2', 100, 'EUR', 'cs_2', 0);
INSERT INTO refunds (id, order_id, payment_id, state, reason, key, amount, currency, due_at, created_at) VALUES ('r1', 'o', 'p1', 'due', 'staff', 'rk1', 100, 'EUR', 0, 0);
INSERT INTO stripe_inbox (event_id, type, object, received_at, due_at) VALUES ('evt_1', 'x', 'cs_1', 0, 0);
INSERT INTO notices (id, kind, member_id, args, once, state, due_at, created_at) VALUES ('n1', 'x', 'm', '{}', 'once', 'due', 0, 0);
INSERT INTO postings (id, at, memo) VALUES ('capture:p1', 0, '');
INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ('capture:p1', 0, 'cash:stripe', 100, 'EUR');
INSERT INTO balances (account, currency, free, held) VALUES ('credit:m', 'EUR', 5, 5);
INSERT INTO balance_holds (order_id, account, currency, amount) VALUES ('o', 'credit:m', 'EUR', 5);
INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, created_at, expires_at, once)
	VALUES ('o3', 3, 'm', 'pending', 'EUR', 100, 'q', 'h', 't3', 'en', 'telegram', 'tg', 0, 0, 'press');
INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, session, created_at) VALUES ('p3', 'o3', 1, 'open', 'k3', 100, 'EUR', 'cs_3', 0);
INSERT INTO invoices (payment_id, asks, receipt, charge) VALUES ('p3', 0, 'rc', 'ch_1');
INSERT INTO cards (id, member_id, customer, method, brand, last4, expires, preferred, added_at) VALUES ('c', 'm', 'cus_1', 'pm_1', 'Visa', '4242', '2030-12', 1, 0);
INSERT INTO promotions (id, kind, name) VALUES ('x', 'code', 'x');
INSERT INTO promotions (id, kind, name) VALUES ('y', 'code', 'y');
INSERT INTO promotion_uses (order_id, promotion_id, member_id, code, state, created_at) VALUES ('o', 'x', 'm', 'ONCE', 'held', 0);
INSERT INTO giftcards (id, order_id, buyer, amount, currency, state, code_hash, issued_at) VALUES ('g', 'o', 'm', 100, 'EUR', 'issued', 'hash', 0);
INSERT INTO takings (order_id, value, card) VALUES ('o', 100, 60);
INSERT INTO creator_payouts (id, member_id, account, currency, amount, state, key, due_at, created_at) VALUES ('cp', 'm', 'acct_1', 'EUR', 80, 'due', 'ck1', 0, 0);
INSERT INTO earning_debts (member_id, currency, owed) VALUES ('m', 'EUR', 1);
INSERT INTO payouts (id, order_id, payment_id, brand_id, account, currency, amount, state, key, due_at, created_at) VALUES ('po', 'o', 'p1', 'b', 'acct_1', 'EUR', 80, 'held', 'tk1', 0, 0);
INSERT INTO payout_refunds (id, payout_id, amount) VALUES ('r1:po', 'po', 10);
INSERT INTO payout_reversals (id, payout_id, amount, state, key, due_at, created_at) VALUES ('r1:po', 'po', 10, 'due', 'vk1', 0, 0);
INSERT INTO givebacks (id, order_id, value, card, currency, way, state, reason, actor, created_at) VALUES ('r1', 'o', 50, 50, 'EUR', 'card', 'due', 'staff', 's', 0);
INSERT INTO fulfilments (order_id, position, bought, packed, shipped) VALUES ('o', 0, 3, 2, 1);
INSERT INTO papers (id, kind, brand_id, year, seq, number, order_id, posting_id, currency, net, tax, seller, issued_at)
	VALUES ('i', 'invoice', 'b', 2026, 1, 'B-1', 'o', 'capture:p1', 'EUR', 84, 16, '{}', 0);
INSERT INTO stripe_txns (id, type, source, payment, amount, fee, currency, source_amount, source_currency, created_at)
	VALUES ('txn_1', 'charge', 'ch_1', 'pi_1', 100, 2, 'EUR', 100, 'EUR', 0);
INSERT INTO allotments (id, variant_id, quantity) VALUES ('drop:d', 'v', 1);
INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, created_at) VALUES ('d', 'd', 'b', 'open', '{}', 0, 0, 0);
INSERT INTO drop_units (drop_id, variant_id, position, units) VALUES ('d', 'v', 0, 1);
INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at) VALUES ('e', 'd', 'm', 'v', 1, 'waits', '', '', 0);
INSERT INTO earning_rules (version, rules, since) VALUES ('1', '{}', 0);
INSERT INTO earnings (id, order_id, position, creator_id, member_id, label, why, version, base, currency, ppm, points, worth, state, at, due_at)
	VALUES ('x', 'o', 0, 'c', 'm', '', 'last', '1', 100, 'EUR', 100000, 10, 119, 'pending', 0, 0);
INSERT INTO waitlist (id, variant_id, member_id, place, state, created_at) VALUES ('w', 'v', 'm', 1, 'waits', 0)`

// TestRefused tries what must never be past every rule of the program: the
// database itself refuses it.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ name, statement string }{
		{"two places of one member on a waitlist", `INSERT INTO waitlist (id, variant_id, member_id, place, state, created_at) VALUES ('w2', 'v', 'm', 2, 'waits', 0)`},
		{"one place of two on a waitlist", `INSERT INTO waitlist (id, variant_id, member_id, place, state, created_at) VALUES ('w2', 'v', 'm', 1, 'left', 0)`},
		{"oversell", `UPDATE stock SET free = -1, sold = 3`},
		{"units that do not add up", `UPDATE stock SET free = 2`},
		{"less than nothing held", `UPDATE stock SET held = -1, free = 3`},
		{"less than nothing sold", `UPDATE stock SET sold = -1, free = 3`},
		{"a hold of nothing", `UPDATE hold_lines SET quantity = 0`},
		{"one variant twice in a hold", `INSERT INTO hold_lines (hold_id, variant_id, quantity, counted) VALUES ('h', 'v', 1, 1)`},
		{"more set aside than there is", `UPDATE allotments SET quantity = -1`},
		{"more claimed than there is", `UPDATE drop_units SET claimed = 2`},
		{"more sold than there is", `UPDATE drop_units SET sold = 2`},
		{"two places of one member", `INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at) VALUES ('e2', 'd', 'm', 'v', 2, 'waits', '', '', 0)`},
		{"two orders of one number", `INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, created_at, expires_at)
			VALUES ('o2', 1, 'm', 'pending', 'EUR', 100, 'q', 'h', 't2', 'en', 'telegram', 'tg', 0, 0)`},
		{"two orders behind one pay link", `INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, platform, bot, created_at, expires_at)
			VALUES ('o2', 2, 'm', 'pending', 'EUR', 100, 'q', 'h', 't', 'en', 'telegram', 'tg', 0, 0)`},
		{"a total below zero", `UPDATE orders SET total = -1`},
		{"an order in a state that is none", `UPDATE orders SET state = 'nearly paid'`},
		{"two captures of one order", `UPDATE payments SET state = 'paid' WHERE id = 'p2'`},
		{"one idempotency key for two payments", `UPDATE payments SET key = 'k1' WHERE id = 'p2'`},
		{"one session for two payments", `UPDATE payments SET session = 'cs_1' WHERE id = 'p2'`},
		{"one attempt twice", `UPDATE payments SET attempt = 1 WHERE id = 'p2'`},
		{"one idempotency key for two refunds", `INSERT INTO refunds (id, order_id, payment_id, state, reason, key, amount, currency, due_at, created_at)
			VALUES ('r2', 'o', 'p1', 'due', 'staff', 'rk1', 100, 'EUR', 0, 0)`},
		{"a refund of nothing", `UPDATE refunds SET amount = 0`},
		{"one event twice", `INSERT INTO stripe_inbox (event_id, type, object, received_at, due_at) VALUES ('evt_1', 'x', 'cs_1', 0, 0)`},
		{"the same told twice", `INSERT INTO notices (id, kind, member_id, args, once, state, due_at, created_at) VALUES ('n2', 'x', 'm', '{}', 'once', 'due', 0, 0)`},
		{"one cause booked twice", `INSERT INTO postings (id, at, memo) VALUES ('capture:p1', 0, '')`},
		{"one line of the books twice", `INSERT INTO entries (posting_id, line, account, amount, currency) VALUES ('capture:p1', 0, 'cash:stripe', 100, 'EUR')`},
		{"a balance below zero", `UPDATE balances SET free = -1`},
		{"less than nothing held of a balance", `UPDATE balances SET held = -1`},
		{"a balance held for nothing", `UPDATE balance_holds SET amount = 0`},
		{"a balance held twice for one order", `INSERT INTO balance_holds (order_id, account, currency, amount) VALUES ('o', 'credit:m', 'EUR', 5)`},
		{"a second payout of a brand for one order", `INSERT INTO payouts (id, order_id, payment_id, brand_id, account, currency, amount, state, key, due_at, created_at) VALUES ('po2', 'o', 'p1', 'b', 'acct_1', 'EUR', 80, 'held', 'tk2', 0, 0)`},
		{"one idempotency key for two transfers", `INSERT INTO payouts (id, order_id, payment_id, brand_id, account, currency, amount, state, key, due_at, created_at) VALUES ('po2', 'o', 'p1', 'b2', 'acct_1', 'EUR', 80, 'held', 'tk1', 0, 0)`},
		{"refunds of more than a payout", `UPDATE payouts SET less = 81`},
		{"a transfer of more than a payout", `UPDATE payouts SET asked = 81`},
		{"one idempotency key for two payouts of creators", `INSERT INTO creator_payouts (id, member_id, account, currency, amount, state, key, due_at, created_at) VALUES ('cp2', 'm', 'acct_1', 'EUR', 80, 'due', 'ck1', 0, 0)`},
		{"more of a creator's payout taken back than was paid", `UPDATE creator_payouts SET reversed = 81`},
		{"a creator's payout sent without a transfer", `UPDATE creator_payouts SET state = 'sent'`},
		{"a creator who owes less than nothing", `UPDATE earning_debts SET owed = -1`},
		{"a payout sent without a transfer", `UPDATE payouts SET state = 'sent'`},
		{"one refund taken twice of a payout", `INSERT INTO payout_refunds (id, payout_id, amount) VALUES ('r1:po', 'po', 10)`},
		{"one idempotency key for two reversals", `INSERT INTO payout_reversals (id, payout_id, amount, state, key, due_at, created_at) VALUES ('r2:po', 'po', 10, 'due', 'vk1', 0, 0)`},
		{"two orders of one press", `UPDATE orders SET once = 'press' WHERE id = 'o'`},
		{"two ways to pay at once", `INSERT INTO payments (id, order_id, attempt, state, key, amount, currency, session, created_at) VALUES ('p4', 'o3', 2, 'creating', 'k4', 100, 'EUR', 'cs_4', 0)`},
		{"a charge without a receipt", `UPDATE invoices SET receipt = ''`},
		{"one receipt for two invoices", `INSERT INTO invoices (payment_id, asks, receipt) VALUES ('p2', 0, 'rc')`},
		{"one charge for two invoices", `INSERT INTO invoices (payment_id, asks, receipt, charge) VALUES ('p2', 0, 'rc2', 'ch_1')`},
		{"one card kept twice", `INSERT INTO cards (id, member_id, customer, method, brand, last4, expires, preferred, added_at) VALUES ('c2', 'm', 'cus_1', 'pm_1', 'Visa', '4242', '2030-12', 0, 0)`},
		{"two cards proposed first", `INSERT INTO cards (id, member_id, customer, method, brand, last4, expires, preferred, added_at) VALUES ('c2', 'm', 'cus_1', 'pm_2', 'Visa', '4242', '2030-12', 1, 0)`},
		{"a promotion used less than never", `UPDATE promotions SET used = -1`},
		{"one promotion twice in an order", `INSERT INTO promotion_uses (order_id, promotion_id, member_id, state, created_at) VALUES ('o', 'x', 'm', 'held', 0)`},
		{"a code that serves once in two orders", `INSERT INTO promotion_uses (order_id, promotion_id, member_id, code, state, created_at) VALUES ('o3', 'y', 'm', 'ONCE', 'used', 0)`},
		{"two gift cards of one order", `INSERT INTO giftcards (id, order_id, buyer, amount, currency, state, issued_at) VALUES ('g2', 'o', 'm', 100, 'EUR', 'issued', 0)`},
		{"one code for two gift cards", `INSERT INTO giftcards (id, order_id, buyer, amount, currency, state, code_hash, issued_at) VALUES ('g2', 'o3', 'm', 100, 'EUR', 'issued', 'hash', 0)`},
		{"a gift card redeemed by nobody", `UPDATE giftcards SET state = 'redeemed'`},
		{"a gift card of nothing", `UPDATE giftcards SET amount = 0`},
		{"more refunded than captured", `UPDATE payments SET refunded = 101 WHERE id = 'p1'`},
		{"more given back than was taken", `UPDATE takings SET back = 101`},
		{"more given back to the card than it paid", `UPDATE takings SET back_card = 61`},
		{"more samples promised than there are", `INSERT INTO briefs (id, brand_id, product_id, variant_id, words, asks, days, lasts, followers, units, taken, state, made_at, made_by)
			VALUES ('x', 'b', 'p', 'v', '', 'any', 1, 1, 0, 1, 2, 'open', 0, '')`},
		{"more points taken back than were earned", `UPDATE earnings SET back = 11`},
		{"a line that earns its creator twice", `INSERT INTO earnings (id, order_id, position, creator_id, member_id, label, why, version, base, currency, ppm, points, worth, state, at, due_at)
			VALUES ('y', 'o', 0, 'c', 'm', '', 'last', '1', 100, 'EUR', 100000, 10, 119, 'pending', 0, 0)`},
		{"a giveback of nothing", `UPDATE givebacks SET value = 0, card = 0`},
		{"a giveback of which the card has more than all", `UPDATE givebacks SET card = 51`},
		{"more packed than bought", `UPDATE fulfilments SET packed = 4`},
		{"more sent than packed", `UPDATE fulfilments SET shipped = 3`},
		{"more claimed than sent", `UPDATE fulfilments SET claimed = 2`},
		{"more units refunded than bought", `UPDATE fulfilments SET refunded = 4`},
		{"more units back than sold", `UPDATE hold_lines SET returned = 2`},
		{"one number for two invoices", `INSERT INTO papers (id, kind, brand_id, year, seq, number, order_id, posting_id, currency, net, tax, seller, issued_at)
			VALUES ('i2', 'invoice', 'b', 2026, 1, 'B-1', 'o3', 'other', 'EUR', 84, 16, '{}', 0)`},
		{"two invoices of one sale", `INSERT INTO papers (id, kind, brand_id, year, seq, number, order_id, posting_id, currency, net, tax, seller, issued_at)
			VALUES ('i2', 'invoice', 'b', 2026, 2, 'B-2', 'o', 'capture:p1', 'EUR', 84, 16, '{}', 0)`},
		{"one movement of the balance twice", `INSERT INTO stripe_txns (id, type, source, payment, amount, fee, currency, source_amount, source_currency, created_at)
			VALUES ('txn_1', 'charge', 'ch_1', 'pi_1', 100, 2, 'EUR', 100, 'EUR', 0)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) {
				must(t, db.Write(t.Context(), func(tx *database.Tx) error {
					for _, s := range strings.Split(shelf, ";\n") {
						if _, err := tx.Exec(s); err != nil {
							return err
						}
					}
					return nil
				}))
				err := db.Write(t.Context(), func(tx *database.Tx) error {
					_, err := tx.Exec(c.statement)
					return err
				})
				if err == nil {
					t.Error("the database took it")
				} else if text := strings.ToLower(err.Error()); !strings.Contains(text, "constraint") {
					t.Errorf("it failed by something else: %v", err)
				}
			})
		})
	}
}
