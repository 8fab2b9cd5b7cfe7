package drops

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// This file counts what a drop brought, for its brand: how many were reached,
// looked, claimed, paid and kept it, and what is left of the money. Numbers only,
// never who.

// Funnel is how many were left at each step.
type Funnel struct {
	Groups  int64 // that were told
	Members int64 // who were told in private
	Tap     int64 // different members who looked at the drop, or pressed a button of it
	Claim   int64 // who took part
	Pay     int64 // units that were paid
	Keep    int64 // of them, those that were neither cancelled, refunded nor sent back
}

// Part is the funnel of a platform, a chat or a creator.
type Part struct {
	Kind string // platform, chat or creator
	Name string // of the platform; the creator's id; of a chat the bot
	Chat string // "" for what was done in private
	Funnel
}

// Demand is who waits for a variant in the shop.
type Demand struct {
	Variant commerce.VariantID
	Asked   int64 // since the drop was announced
	Waiting int64 // now
}

// Earned is the money of a drop in one currency.
type Earned struct {
	Currency   string
	Revenue    int64 // goods, without tax and parcel
	Returns    int64 // of it, what went back
	Fees       int64 // of Stripe, as far as its statement is read
	Commission int64 // that the shop keeps of what brands with an account get
}

// Left is the revenue after all of that.
func (e Earned) Left() commerce.Money {
	return commerce.Money{Amount: e.Revenue - e.Returns - e.Fees - e.Commission, Currency: e.Currency}
}

// Money makes an amount of the currency.
func (e Earned) Money(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: e.Currency} }

// Report is what a drop brought.
type Report struct {
	Drop    Drop
	Funnel           // of all
	Parts   []Part   // platforms, then chats, then creators
	NoShows int64    // who had a unit and did not pay in time
	Demand  []Demand // of the drop's variants
	Earned  []Earned
}

// keptIt is of an entry whose unit its buyer kept.
const keptIt = `EXISTS (SELECT 1 FROM orders o WHERE o.id = e.order_id AND o.state IN ('paid', 'shipped'))
	AND NOT EXISTS (SELECT 1 FROM returns r WHERE r.order_id = e.order_id AND r.state IN ('arrived', 'done'))`

// inDrop is of an order that was placed on an entry of a drop, $1, and paid.
const inDrop = `SELECT e.order_id FROM drop_entries e WHERE e.drop_id = $1 AND e.state = 'sold'`

// Report counts what a drop brought. platform names the platform of a bot.
func (d *Drops) Report(ctx context.Context, id commerce.DropID, platform func(bot string) string) (r Report, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		r = Report{}
		if r.Drop, err = load(tx, id); err != nil {
			return err
		}
		parts := map[Part]*Funnel{}
		of := func(kind, name, chat string) *Funnel {
			key := Part{Kind: kind, Name: name, Chat: chat}
			if parts[key] == nil {
				parts[key] = &Funnel{}
			}
			return parts[key]
		}
		for _, count := range []func() error{
			func() error { return told(tx, id, platform, &r.Funnel, of) },
			func() error { return tapped(tx, id, &r.Funnel, of) },
			func() error { return tookPart(tx, id, platform, &r, of) },
			func() error { return byCreator(tx, id, of) },
			func() (err error) { r.Demand, err = demand(tx, r.Drop); return err },
			func() (err error) { r.Earned, err = earned(tx, id); return err },
		} {
			if err := count(); err != nil {
				return fmt.Errorf("figures of drop %s: %w", id, err)
			}
		}
		for key, f := range parts {
			key.Funnel = *f
			r.Parts = append(r.Parts, key)
		}
		rank := map[string]int{"platform": 0, "chat": 1, "creator": 2}
		slices.SortFunc(r.Parts, func(a, b Part) int {
			if n := rank[a.Kind] - rank[b.Kind]; n != 0 {
				return n
			}
			return strings.Compare(a.Name+"\x00"+a.Chat, b.Name+"\x00"+b.Chat)
		})
		return nil
	})
	return r, err
}

// told counts the groups and members to whom the drop was announced.
func told(tx *database.Tx, id commerce.DropID, platform func(string) string, all *Funnel, of func(kind, name, chat string) *Funnel) error {
	if err := tx.Rows(`SELECT DISTINCT p.bot, p.chat FROM drop_posts p JOIN notices n ON n.id = p.notice_id WHERE p.drop_id = $1 AND n.state = 'sent'`, []any{id},
		func(scan func(...any) error) error {
			var bot, chat string
			err := scan(&bot, &chat)
			all.Groups++
			of("platform", platform(bot), "").Groups++
			of("chat", bot, chat).Groups++
			return err
		}); err != nil {
		return err
	}
	return tx.Rows(`SELECT t.bot, COUNT(*) FROM drop_tellings t JOIN notices n ON n.id = t.notice_id
		WHERE t.drop_id = $1 AND n.state IN ('sent', 'read') GROUP BY t.bot`, []any{id},
		func(scan func(...any) error) error {
			var bot string
			var n int64
			err := scan(&bot, &n)
			all.Members += n
			of("platform", platform(bot), "").Members += n
			of("chat", bot, "").Members += n
			return err
		})
}

// tapped adds the taps that CountTaps has counted.
func tapped(tx *database.Tx, id commerce.DropID, all *Funnel, of func(kind, name, chat string) *Funnel) error {
	return tx.Rows(`SELECT scope, taps FROM drop_taps WHERE drop_id = $1`, []any{id}, func(scan func(...any) error) error {
		var scope string
		var n int64
		if err := scan(&scope, &n); err != nil {
			return err
		}
		kind, name, _ := strings.Cut(scope, ":")
		switch kind {
		case "":
			all.Tap = n
		case "chat":
			bot, chat, _ := strings.Cut(name, ":")
			of(kind, bot, chat).Tap = n
		default:
			of(kind, name, "").Tap = n
		}
		return nil
	})
}

// tookPart counts entries by where they came from: a group that was told, or in
// private.
func tookPart(tx *database.Tx, id commerce.DropID, platform func(string) string, r *Report, of func(kind, name, chat string) *Funnel) error {
	return tx.Rows(`SELECT w.bot, w.chat, COUNT(*), SUM(w.sold), SUM(w.kept), SUM(w.lapsed) FROM (
		SELECT e.bot, CASE WHEN EXISTS (SELECT 1 FROM drop_posts p WHERE p.drop_id = e.drop_id AND p.bot = e.bot AND p.chat = e.chat) THEN e.chat ELSE '' END AS chat,
			CASE WHEN e.state = 'sold' THEN 1 ELSE 0 END AS sold, CASE WHEN e.state = 'sold' AND `+keptIt+` THEN 1 ELSE 0 END AS kept,
			CASE WHEN e.state = 'lapsed' THEN 1 ELSE 0 END AS lapsed
		FROM drop_entries e WHERE e.drop_id = $1) w GROUP BY w.bot, w.chat`, []any{id}, func(scan func(...any) error) error {
		var bot, chat string
		var f Funnel
		var lapsed int64
		err := scan(&bot, &chat, &f.Claim, &f.Pay, &f.Keep, &lapsed)
		r.NoShows += lapsed
		for _, to := range []*Funnel{&r.Funnel, of("platform", platform(bot), ""), of("chat", bot, chat)} {
			to.Claim, to.Pay, to.Keep = to.Claim+f.Claim, to.Pay+f.Pay, to.Keep+f.Keep
		}
		return err
	})
}

// byCreator counts the followers of each creator who recommends the product; who
// follows two counts for both.
func byCreator(tx *database.Tx, id commerce.DropID, of func(kind, name, chat string) *Funnel) error {
	var creators []string
	if err := tx.Rows(`SELECT DISTINCT k.creator_id FROM picks k JOIN pick_items i ON i.pick_id = k.id JOIN variants v ON v.product_id = i.product_id
		JOIN drop_units u ON u.variant_id = v.id AND u.drop_id = $1 WHERE k.archived = 0`, []any{id}, func(scan func(...any) error) error {
		var c string
		err := scan(&c)
		creators = append(creators, c)
		return err
	}); err != nil {
		return err
	}
	for _, c := range creators {
		f := of("creator", c, "")
		if err := tx.Row(`SELECT COUNT(*) FROM drop_tellings t JOIN notices n ON n.id = t.notice_id JOIN follows w ON w.member_id = t.member_id AND w.creator_id = $2
			WHERE t.drop_id = $1 AND n.state IN ('sent', 'read')`, id, c).Scan(&f.Members); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*), COALESCE(SUM(CASE WHEN e.state = 'sold' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN e.state = 'sold' AND `+keptIt+` THEN 1 ELSE 0 END), 0)
			FROM drop_entries e JOIN follows w ON w.member_id = e.member_id AND w.creator_id = $2 WHERE e.drop_id = $1`, id, c).Scan(&f.Claim, &f.Pay, &f.Keep); err != nil {
			return err
		}
	}
	return nil
}

// demand counts who waits for the drop's variants in the shop.
func demand(tx *database.Tx, drop Drop) (list []Demand, err error) {
	for _, u := range drop.Units {
		one := Demand{Variant: u.Variant}
		if err := tx.Row(`SELECT COALESCE(SUM(CASE WHEN w.created_at >= d.created_at THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN w.state = 'waits' THEN 1 ELSE 0 END), 0)
			FROM waitlist w JOIN drops d ON d.id = $2 WHERE w.variant_id = $1`, u.Variant, drop.ID).Scan(&one.Asked, &one.Waiting); err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}

// earned sums the money of the drop's orders: revenue and what went back of it as
// the books have it, fees as Stripe's statement does, and what the shop keeps as
// the payouts do.
func earned(tx *database.Tx, id commerce.DropID) ([]Earned, error) {
	by := map[string]*Earned{}
	add := func(query string, to func(e *Earned, n int64)) error {
		return tx.Rows(query, []any{id}, func(scan func(...any) error) error {
			var currency string
			var n int64
			err := scan(&currency, &n)
			if by[currency] == nil {
				by[currency] = &Earned{Currency: currency}
			}
			to(by[currency], n)
			return err
		})
	}
	const books = `SELECT n.currency, SUM(n.amount) FROM postings p JOIN entries n ON n.posting_id = p.id
		WHERE p.order_id <> '' AND p.order_id IN (` + inDrop + `) AND n.account LIKE 'revenue:%' AND n.amount `
	for _, part := range []struct {
		query string
		to    func(e *Earned, n int64)
	}{
		{books + `< 0 GROUP BY n.currency`, func(e *Earned, n int64) { e.Revenue = -n }},
		{books + `> 0 GROUP BY n.currency`, func(e *Earned, n int64) { e.Returns = n }},
		{`SELECT t.currency, SUM(t.fee) FROM payments y JOIN stripe_txns t ON t.payment = y.intent AND t.payment <> ''
			WHERE y.intent <> '' AND y.order_id IN (` + inDrop + `) GROUP BY t.currency`, func(e *Earned, n int64) { e.Fees = n }},
		{`SELECT y.currency, SUM(y.amount - y.refunded - (o.amount - o.less)) FROM payouts o JOIN payments y ON y.id = o.payment_id
			WHERE o.order_id IN (` + inDrop + `) GROUP BY y.currency`, func(e *Earned, n int64) { e.Commission = n }},
	} {
		if err := add(part.query, part.to); err != nil {
			return nil, err
		}
	}
	var list []Earned
	for _, currency := range slices.Sorted(maps.Keys(by)) {
		list = append(list, *by[currency])
	}
	return list, nil
}
