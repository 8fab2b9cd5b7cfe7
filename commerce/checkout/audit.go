package checkout

import (
	"context"
	"fmt"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// truths are what must hold about money and goods at any moment, each as a
// count of the rows that break it.
var truths = []struct{ broken, count string }{
	{"stock rows do not add up", `SELECT COUNT(*) FROM stock WHERE free + held + sold <> on_hand OR (sold > on_hand AND backorder = 0)`},
	{"variants are held in other numbers than their holds say", `SELECT COUNT(*) FROM stock s WHERE s.held <> (
		SELECT COALESCE(SUM(l.quantity), 0) FROM hold_lines l JOIN holds h ON h.id = l.hold_id
		WHERE l.variant_id = s.variant_id AND l.counted = 1 AND h.state = 'held') + (
		SELECT COALESCE(SUM(a.quantity), 0) FROM allotments a WHERE a.variant_id = s.variant_id)`},
	{"open orders hold nothing", `SELECT COUNT(*) FROM orders o JOIN holds h ON h.id = o.hold_id
		WHERE o.state IN ('pending', 'closing') AND h.state <> 'held'`},
	{"paid orders have no goods", `SELECT COUNT(*) FROM orders o JOIN holds h ON h.id = o.hold_id
		WHERE o.state IN ('paid', 'shipped') AND h.state <> 'sold'`},
	{"ended orders still have goods", `SELECT COUNT(*) FROM orders o JOIN holds h ON h.id = o.hold_id
		WHERE o.state IN ('lapsed', 'cancelled') AND h.state IN ('held', 'sold')`},
	{"orders were captured more than once", `SELECT COUNT(*) FROM (
		SELECT order_id FROM payments WHERE state = 'paid' GROUP BY order_id HAVING COUNT(*) > 1) twice`},
	{"paid orders that cost something have no payment", `SELECT COUNT(*) FROM orders o WHERE o.state IN ('paid', 'shipped') AND o.total > 0
		AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.state = 'paid')`},
	{"captured payments ended in neither goods nor a refund", `SELECT COUNT(*) FROM payments p WHERE p.paid_at <> 0
		AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = p.order_id AND o.state IN ('paid', 'shipped') AND p.state = 'paid')
		AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND (r.state IN ('due', 'done') OR ` + payments.Owing + `))
		AND NOT EXISTS (SELECT 1 FROM givebacks g WHERE g.order_id = p.order_id AND p.state = 'paid' AND g.state <> 'failed'
			AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.id = g.id AND r.state = 'failed'))`},
	{"captured payments are not in the books", `SELECT COUNT(*) FROM payments p WHERE p.paid_at <> 0
		AND NOT EXISTS (SELECT 1 FROM postings b WHERE b.id = 'capture:' || p.id)`},
	{"accounts that can be spent are not what the books say", `SELECT COUNT(*) FROM balances b WHERE b.free + b.held <> (
		SELECT -COALESCE(SUM(e.amount), 0) FROM entries e WHERE e.account = b.account AND e.currency = b.currency)`},
	{"accounts are held in other amounts than their holds say", `SELECT COUNT(*) FROM balances b WHERE b.held <> (
		SELECT COALESCE(SUM(h.amount), 0) FROM balance_holds h WHERE h.account = b.account AND h.currency = b.currency)`},
	{"points by their days are more than the wallet has", `SELECT COUNT(*) FROM (SELECT account, SUM(kept) AS kept FROM points_days GROUP BY account) d
		WHERE d.kept > COALESCE((SELECT b.free + b.held FROM balances b WHERE b.account = d.account AND b.currency = 'PTS'), 0)`},
	{"balances are held for orders that are over", `SELECT COUNT(*) FROM balance_holds h JOIN orders o ON o.id = h.order_id
		WHERE o.state NOT IN ('pending', 'closing')`},
	{"gift cards were not issued for what was paid for them", `SELECT COUNT(*) FROM giftcards g WHERE g.amount <> -(
		SELECT COALESCE(SUM(e.amount), 0) FROM entries e JOIN postings p ON p.id = e.posting_id
		WHERE e.account = 'giftcard:' || g.id AND p.order_id = g.order_id AND p.reverses = '')`},
	{"gift cards have more on them than they were bought for", `SELECT COUNT(*) FROM giftcards g JOIN balances b ON b.account = 'giftcard:' || g.id
		AND b.currency = g.currency WHERE b.free + b.held > g.amount`},
	{"gift cards were spent before anybody redeemed them", `SELECT COUNT(*) FROM giftcards g WHERE g.state = 'issued' AND g.amount <> COALESCE((
		SELECT b.free FROM balances b WHERE b.account = 'giftcard:' || g.id AND b.currency = g.currency), 0)`},
	{"what is left on gift cards and what was spent of them is not what they were bought for", `SELECT COUNT(*) FROM giftcards g WHERE g.state <> 'void' AND g.amount <> COALESCE((
		SELECT b.free + b.held FROM balances b WHERE b.account = 'giftcard:' || g.id AND b.currency = g.currency), 0) + COALESCE((
		SELECT SUM(e.amount) FROM entries e JOIN postings p ON p.id = e.posting_id WHERE e.account = 'giftcard:' || g.id AND p.order_id <> g.order_id), 0)`},
	{"paid orders of a gift card have none", `SELECT COUNT(*) FROM orders o JOIN order_lines l ON l.order_id = o.id AND l.kind = 'gift'
		WHERE o.state = 'paid' AND NOT EXISTS (SELECT 1 FROM giftcards g WHERE g.order_id = o.id AND g.id = l.ref AND g.state <> 'void')`},
	{"discounts are not the sum of their shares", `SELECT COUNT(*) FROM orders o WHERE (
		SELECT COALESCE(SUM(l.discount), 0) FROM order_lines l WHERE l.order_id = o.id) <> -(
		SELECT COALESCE(SUM(l.amount), 0) FROM order_lines l WHERE l.order_id = o.id AND l.kind = 'discount')`},
	{"orders could be paid in two ways at once", `SELECT COUNT(*) FROM (
		SELECT order_id FROM payments WHERE state IN ('creating', 'open') GROUP BY order_id HAVING COUNT(*) > 1) twice`},
	{"orders were let go while their invoice was pinned", `SELECT COUNT(*) FROM invoices i JOIN payments p ON p.id = i.payment_id
		JOIN orders o ON o.id = p.order_id WHERE o.state = 'lapsed' AND o.closed_at < i.pinned_until`},
	{"invoices were paid without a receipt", `SELECT COUNT(*) FROM payments p WHERE p.kind = 'invoice' AND p.paid_at <> 0
		AND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.payment_id = p.id AND i.receipt <> '')`},
	{"payments gave back more than they captured", `SELECT COUNT(*) FROM payments p WHERE p.amount < (
		SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.payment_id = p.id AND r.state <> 'failed')`},
	{"payments count other refunds than they have", `SELECT COUNT(*) FROM payments p WHERE p.refunded <> (
		SELECT COALESCE(SUM(r.amount), 0) FROM refunds r WHERE r.payment_id = p.id AND r.state <> 'failed')`},
	{"takings count other givebacks than they have", `SELECT COUNT(*) FROM takings t WHERE t.back <> (
		SELECT COALESCE(SUM(g.value), 0) FROM givebacks g WHERE g.order_id = t.order_id AND g.state <> 'failed')`},
	{"givebacks that are done are not in the books", `SELECT COUNT(*) FROM givebacks g WHERE g.state = 'done'
		AND NOT EXISTS (SELECT 1 FROM postings b WHERE b.id = 'refund:' || g.id)`},
	{"lines are packed in other numbers than their parcels say", `SELECT COUNT(*) FROM fulfilments f WHERE EXISTS (SELECT 1 FROM parcels p WHERE p.order_id = f.order_id)
		AND f.packed <> (SELECT COALESCE(SUM(l.quantity), 0) FROM parcels p JOIN parcel_lines l ON l.parcel_id = p.id
		WHERE p.order_id = f.order_id AND l.position = f.position)`},
	{"more units were packed than bought", `SELECT COUNT(*) FROM fulfilments f JOIN order_lines l ON l.order_id = f.order_id AND l.position = f.position
		WHERE l.kind = 'item' AND (f.bought <> l.quantity OR f.packed + f.dropped > l.quantity)`},
	{"lines are claimed in other numbers than their returns say", `SELECT COUNT(*) FROM fulfilments f WHERE f.claimed <> (
		SELECT COALESCE(SUM(l.quantity), 0) FROM returns r JOIN return_lines l ON l.return_id = r.id
		WHERE r.order_id = f.order_id AND l.position = f.position AND r.state <> 'denied')`},
	{"shipped orders have units that were not sent", `SELECT COUNT(*) FROM orders o JOIN fulfilments f ON f.order_id = o.id
		JOIN order_lines l ON l.order_id = f.order_id AND l.position = f.position
		WHERE o.state = 'shipped' AND l.kind = 'item' AND f.shipped + f.dropped < f.bought`},
	{"returns are done without a refund or another order", `SELECT COUNT(*) FROM returns r JOIN takings t ON t.order_id = r.order_id WHERE r.state = 'done'
		AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = r.exchange_id)
		AND NOT EXISTS (SELECT 1 FROM givebacks g WHERE g.return_id = r.id) AND t.back < t.value`},
	{"exchanges that wait hold nothing", `SELECT COUNT(*) FROM returns r JOIN holds h ON h.id = r.hold_id
		WHERE r.exchange <> '' AND r.state IN ('approved', 'arrived') AND h.state <> 'held'`},
	{"payouts count other refunds than they have", `SELECT COUNT(*) FROM payouts p WHERE p.less <> (
		SELECT COALESCE(SUM(r.amount), 0) FROM payout_refunds r WHERE r.payout_id = p.id)`},
	{"transfers less what is taken back are not what brands get", `SELECT COUNT(*) FROM payouts p WHERE p.state = 'sent' AND p.amount - p.less <> p.asked - (
		SELECT COALESCE(SUM(r.amount), 0) FROM payout_reversals r WHERE r.payout_id = p.id)`},
	{"brands get more than a payment took", `SELECT COUNT(*) FROM payments y WHERE y.amount < (
		SELECT COALESCE(SUM(p.amount), 0) FROM payouts p WHERE p.payment_id = y.id)`},
	{"disputes are not in the books", `SELECT COUNT(*) FROM disputes d WHERE d.state NOT LIKE 'warning%' AND d.state <> 'charge_refunded' AND (
		NOT EXISTS (SELECT 1 FROM postings b WHERE b.id = 'dispute:' || d.id)
		OR d.state IN ('won', 'lost') AND NOT EXISTS (SELECT 1 FROM postings b WHERE b.id = 'dispute:' || d.state || ':' || d.id))`},
	{"promotions were used more often than was counted", `SELECT COUNT(*) FROM promotions p WHERE p.used < (
		SELECT COUNT(*) FROM promotion_uses u WHERE u.promotion_id = p.id AND u.state IN ('held', 'used'))`},
	{"promotions are held for orders that are over", `SELECT COUNT(*) FROM promotion_uses u JOIN orders o ON o.id = u.order_id
		WHERE u.state = 'held' AND o.state NOT IN ('pending', 'closing')`},
	{"discounts of orders were not taken", `SELECT COUNT(*) FROM order_lines l JOIN orders o ON o.id = l.order_id
		WHERE l.kind = 'discount' AND o.state IN ('pending', 'closing', 'paid', 'shipped') AND NOT EXISTS (SELECT 1 FROM promotion_uses u
		WHERE u.order_id = l.order_id AND u.state <> 'back' AND (l.ref = u.promotion_id OR l.ref = u.promotion_id || ':' || u.code))`},
	{"codes that serve once serve two orders", `SELECT COUNT(*) FROM (SELECT u.code FROM promotion_uses u
		WHERE u.code <> '' AND u.state <> 'back' GROUP BY u.code HAVING COUNT(*) > 1) twice`},
	{"drops count other claims than there are", `SELECT COUNT(*) FROM drop_units u WHERE u.claimed <> (SELECT COUNT(*) FROM drop_entries e
		WHERE e.drop_id = u.drop_id AND e.variant_id = u.variant_id AND e.pool = u.community_id AND e.state = 'won') OR u.sold <> (SELECT COUNT(*) FROM drop_entries e
		WHERE e.drop_id = u.drop_id AND e.variant_id = u.variant_id AND e.pool = u.community_id AND e.state = 'sold')`},
	{"drops have other units than are set aside for them", `SELECT COUNT(*) FROM (SELECT drop_id, variant_id, SUM(units) AS units, SUM(sold) AS sold
		FROM drop_units GROUP BY drop_id, variant_id) u JOIN drops d ON d.id = u.drop_id
		WHERE d.state IN ('announced', 'open', 'closed') AND u.units - u.sold - (SELECT COUNT(*) FROM drop_entries e
		WHERE e.drop_id = u.drop_id AND e.variant_id = u.variant_id AND e.state = 'won' AND e.order_id <> '') <> COALESCE((
		SELECT a.quantity FROM allotments a WHERE a.id = 'drop:' || u.drop_id AND a.variant_id = u.variant_id), 0)`},
	{"orders on a unit of a drop are not its order", `SELECT COUNT(*) FROM orders o JOIN drop_entries e ON e.id = o.claim
		WHERE o.state IN ('pending', 'closing') AND (e.state <> 'won' OR e.order_id <> o.id)`},
	{"members on a waitlist are kept other units than are set aside for them", `SELECT COUNT(*) FROM waitlist w WHERE
		(CASE WHEN w.state = 'kept' AND w.order_id = '' THEN 1 ELSE 0 END) <> COALESCE((
		SELECT SUM(a.quantity) FROM allotments a WHERE a.id = 'wait:' || w.id), 0)`},
	{"units are set aside for nobody on a waitlist", `SELECT COUNT(*) FROM allotments a WHERE a.id LIKE 'wait:%' AND a.quantity > 0
		AND NOT EXISTS (SELECT 1 FROM waitlist w WHERE a.id = 'wait:' || w.id AND a.variant_id = w.variant_id AND w.state = 'kept')`},
	{"orders on a unit of a waitlist are not its order", `SELECT COUNT(*) FROM orders o JOIN waitlist w ON o.claim = 'wait:' || w.id
		WHERE o.state IN ('pending', 'closing') AND (w.state <> 'kept' OR w.order_id <> o.id)`},
	{"members who joined hold no authorisation", `SELECT COUNT(*) FROM orders o WHERE o.state = 'pending' AND o.held_at > 0
		AND (o.steps = '' OR NOT EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id AND p.state = 'open' AND p.intent <> ''))
		AND EXISTS (SELECT 1 FROM drop_entries e JOIN drops d ON d.id = e.drop_id WHERE e.order_id = o.id AND d.state = 'open' AND d.closes_at < o.expires_at)`},
	{"members of one drop paid other prices than its close reached", `SELECT COUNT(*) FROM orders o JOIN drop_entries e ON e.id = o.claim JOIN drops d ON d.id = e.drop_id
		JOIN order_lines l ON l.order_id = o.id AND l.kind = 'item' WHERE o.steps <> '' AND o.state IN ('paid', 'shipped') AND l.unit <> d.reached`},
	{"authorisations are captured though no price was reached", `SELECT COUNT(*) FROM payments p JOIN orders o ON o.id = p.order_id JOIN drop_entries e ON e.id = o.claim
		JOIN drops d ON d.id = e.drop_id WHERE p.capture = 1 AND d.reached <= 0`},
	{"creators wait for other points than the books say", `SELECT COUNT(*) FROM balances b WHERE b.account LIKE 'commission:%' AND b.free + b.held <> COALESCE((
		SELECT SUM(e.points - e.back) FROM earnings e WHERE 'commission:' || e.member_id = b.account AND e.unit = b.currency AND e.state = 'pending'), 0)`},
	{"what creators can be paid is not what they earned, were paid and owe", `SELECT COUNT(*) FROM balances b WHERE b.account LIKE 'earned:%' AND b.free + b.held <> COALESCE((
		SELECT SUM(e.points - e.back) FROM earnings e WHERE 'earned:' || e.member_id = b.account AND e.unit = b.currency AND e.state IN ('available', 'back')), 0) - COALESCE((
		SELECT SUM(p.amount - p.reversed) FROM creator_payouts p WHERE 'earned:' || p.member_id = b.account AND p.currency = b.currency AND p.state <> 'failed'), 0) + COALESCE((
		SELECT d.owed FROM earning_debts d WHERE 'earned:' || d.member_id = b.account AND d.currency = b.currency), 0)
		AND NOT EXISTS (SELECT 1 FROM members m WHERE 'earned:' || m.id = b.account AND m.erased_at <> 0)`},
	{"payouts of creators are not in the books", `SELECT COUNT(*) FROM creator_payouts p WHERE p.state = 'sent' AND NOT EXISTS (SELECT 1 FROM postings b WHERE b.id = 'creatorpay:sent:' || p.id)`},
	{"earnings are not in the books", `SELECT COUNT(*) FROM earnings e WHERE NOT EXISTS (SELECT 1 FROM postings p WHERE p.id = 'earned:' || e.id)`},
	{"creators earn from what went back", `SELECT COUNT(*) FROM earnings e JOIN takings t ON t.order_id = e.order_id WHERE e.state = 'pending' AND t.back = t.value
		AND NOT EXISTS (SELECT 1 FROM givebacks g WHERE g.order_id = e.order_id AND g.state = 'due')`},
	{"creators earn from what they bought themselves", `SELECT COUNT(*) FROM earnings e JOIN orders o ON o.id = e.order_id WHERE e.state = 'pending' AND e.member_id = o.member_id`},
	{"samples cost something", `SELECT COUNT(*) FROM orders o WHERE o.once LIKE 'sample:%' AND (o.total <> 0
		OR EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = o.id AND l.amount <> 0)
		OR EXISTS (SELECT 1 FROM postings p WHERE p.order_id = o.id) OR EXISTS (SELECT 1 FROM payments p WHERE p.order_id = o.id))`},
	{"samples are promised in other numbers than were chosen", `SELECT COUNT(*) FROM briefs b WHERE b.taken <> (
		SELECT COUNT(*) FROM bids x WHERE x.brief_id = b.id AND x.given = 1) OR b.waits <> (SELECT COUNT(*) FROM bids x WHERE x.brief_id = b.id AND x.state = 'waits')`},
	{"samples are promised that are not set aside", `SELECT COUNT(*) FROM briefs b WHERE b.counted = 1 AND (CASE WHEN b.state = 'open' THEN b.units - b.taken ELSE 0 END)
		+ (SELECT COUNT(*) FROM bids x WHERE x.brief_id = b.id AND x.state = 'chosen') <> COALESCE((
		SELECT a.quantity FROM allotments a WHERE a.id = 'brief:' || b.id AND a.variant_id = b.variant_id), 0)`},
	{"orders are not the sum of their lines", `SELECT COUNT(*) FROM orders o WHERE o.total <> (
		SELECT COALESCE(SUM(l.amount), 0) FROM order_lines l WHERE l.order_id = o.id)`},
	{"series of invoices have gaps", `SELECT COUNT(*) FROM paper_series s WHERE s.last <> (
		SELECT COUNT(*) FROM papers p WHERE p.brand_id = s.brand_id AND p.year = s.year)`},
	{"invoices and credit notes are not what the books say", `SELECT COUNT(*) FROM papers p WHERE
		(CASE WHEN p.kind = 'invoice' THEN p.net ELSE -p.net END) <> (SELECT -COALESCE(SUM(e.amount), 0) FROM entries e WHERE e.posting_id = p.posting_id
			AND e.currency = p.currency AND e.account IN ('revenue:' || p.brand_id, 'shipping:' || p.brand_id))
		OR (CASE WHEN p.kind = 'invoice' THEN p.tax ELSE -p.tax END) <> (SELECT -COALESCE(SUM(e.amount), 0) FROM entries e WHERE e.posting_id = p.posting_id
			AND e.currency = p.currency AND e.account = 'tax:' || p.brand_id)`},
}

// Audit checks what must hold about money and goods, and returns what does
// not, in words; and the cash the books say Stripe holds, by currency, to be
// compared with what it captured less what it refunded.
func Audit(ctx context.Context, db *database.DB) (broken []string, cash map[string]int64, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		broken = nil
		for _, t := range truths {
			var n int64
			if err := tx.Row(t.count).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				broken = append(broken, fmt.Sprintf("%d %s", n, t.broken))
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	wrong, err := rewards.Check(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range wrong {
		broken = append(broken, "posting "+id+" does not sum to zero")
	}
	balances, err := rewards.Balances(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	sums := map[string]commerce.Money{}
	cash = map[string]int64{}
	for _, b := range balances {
		if sums[b.Amount.Currency], err = sums[b.Amount.Currency].Add(b.Amount); err != nil {
			return nil, nil, err
		}
		if b.Account == rewards.Cash {
			cash[b.Amount.Currency] = b.Amount.Amount
		}
	}
	for cur, sum := range sums {
		if sum.Amount != 0 {
			broken = append(broken, "the books are off by "+sum.String()+" in "+cur)
		}
	}
	return broken, cash, nil
}
