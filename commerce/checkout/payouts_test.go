package checkout_test

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payouts"
)

// TestAuditSeesPayouts: a payout that went its way is right to the audit, and
// each way in which it can be wrong is seen.
func TestAuditSeesPayouts(t *testing.T) {
	each(t, func(w *world) {
		o := w.bought(visa)
		p := payouts.Payout{ID: "x1", Order: o.ID, Brand: "acme", Account: "acct_a", Amount: commerce.Money{Amount: 1000, Currency: "EUR"}, CreatedAt: w.clock.Now(), Due: w.clock.Now()}
		write := func(do func(tx *database.Tx) error) {
			w.Helper()
			w.must(w.db.Write(w.ctx, do))
		}
		write(func(tx *database.Tx) error {
			if err := tx.Row(`SELECT id FROM payments WHERE order_id = $1 AND state = 'paid'`, o.ID).Scan(&p.Payment); err != nil {
				return err
			}
			_, err := payouts.Add(tx, p)
			return err
		})
		reduce := func(refund commerce.RefundID, amount int64) {
			write(func(tx *database.Tx) error {
				_, err := payouts.Reduce(tx, p, string(refund), commerce.Money{Amount: amount, Currency: "EUR"}, w.clock.Now())
				return err
			})
		}
		reduce("before", 300)
		write(func(tx *database.Tx) error {
			_, err := payouts.Due(tx, w.clock.Now(), 1)
			return err
		})
		reduce("meanwhile", 200)
		write(func(tx *database.Tx) error {
			_, err := payouts.Done(tx, "x1", "tr_1", w.clock.Now())
			return err
		})
		reduce("after", 100)
		w.invariants()
		for _, c := range []struct{ wrong, right, want string }{
			{`UPDATE payout_refunds SET amount = 301 WHERE amount = 300`, `UPDATE payout_refunds SET amount = 300 WHERE amount = 301`, "1 payouts count other refunds"},
			{`UPDATE payouts SET asked = 701`, `UPDATE payouts SET asked = 700`, "1 transfers less what is taken back"},
			{`UPDATE payout_reversals SET amount = 101 WHERE amount = 100`, `UPDATE payout_reversals SET amount = 100 WHERE amount = 101`, "1 transfers less what is taken back"},
			{`UPDATE payments SET amount = amount - 1000`, `UPDATE payments SET amount = amount + 1000`, "1 brands get more than a payment took"},
		} {
			exec := func(text string) {
				write(func(tx *database.Tx) error {
					_, err := tx.Exec(text)
					return err
				})
			}
			exec(c.wrong)
			broken, _, err := checkout.Audit(w.ctx, w.db)
			if err != nil || !strings.Contains(strings.Join(broken, "\n"), c.want) {
				t.Errorf("%s: audit says %q, %v", c.wrong, broken, err)
			}
			exec(c.right)
		}
	})
}
