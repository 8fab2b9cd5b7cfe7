package orders

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

const columns = `SELECT id, number, member_id, state, currency, total, quote, hold_id, token, locale, community, platform, bot,
	name, street, city, postcode, country, tracking, created_at, expires_at, paid_at, shipped_at, closed_at, direct, once, claim, steps, held_at FROM orders`

// Load reads one order with its lines inside a transaction, by a condition on
// its columns with $1 for arg. It returns ErrNotFound.
func Load(tx *database.Tx, where string, arg any) (Order, error) {
	list, err := load(tx, ` WHERE `+where, arg)
	if err != nil {
		return Order{}, err
	}
	if len(list) == 0 {
		return Order{}, ErrNotFound
	}
	return list[0], nil
}

func load(tx *database.Tx, tail string, args ...any) ([]Order, error) {
	var list []Order
	err := tx.Rows(columns+tail, args, func(scan func(...any) error) error {
		var o Order
		var created, expires, paid, shipped, closed, direct, held int64
		var steps string
		err := scan(&o.ID, &o.Number, &o.Member, &o.State, &o.Total.Currency, &o.Total.Amount, &o.Quote, &o.Hold, &o.Token, &o.Locale,
			&o.Community, &o.Platform, &o.Bot, &o.Address.Name, &o.Address.Street, &o.Address.City, &o.Address.Postcode,
			&o.Address.Country, &o.Tracking, &created, &expires, &paid, &shipped, &closed, &direct, &o.Once, &o.Claim, &steps, &held)
		if err == nil {
			o.Steps, err = readSteps(steps)
		}
		o.Direct, o.HeldAt = direct == 1, commerce.FromMicros(held)
		o.CreatedAt, o.ExpiresAt = commerce.FromMicros(created), commerce.FromMicros(expires)
		o.PaidAt, o.ShippedAt, o.ClosedAt = commerce.FromMicros(paid), commerce.FromMicros(shipped), commerce.FromMicros(closed)
		list = append(list, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read orders: %w", err)
	}
	for i := range list {
		if err := lines(tx, &list[i]); err != nil {
			return nil, fmt.Errorf("read order lines: %w", err)
		}
	}
	return list, nil
}

func lines(tx *database.Tx, o *Order) error {
	return tx.Rows(`SELECT kind, label, detail, brand_id, product_id, variant_id, sku, pick_id, creator_id, quantity, unit, amount, included, discount, ref
		FROM order_lines WHERE order_id = $1 ORDER BY position`, []any{o.ID}, func(scan func(...any) error) error {
		var l Line
		err := scan(&l.Kind, &l.Label, &l.Detail, &l.Brand, &l.Product, &l.Variant, &l.SKU, &l.Pick, &l.Creator,
			&l.Quantity, &l.Unit.Amount, &l.Amount.Amount, &l.Included.Amount, &l.Discount.Amount, &l.Ref)
		for _, m := range []*commerce.Money{&l.Unit, &l.Amount, &l.Included, &l.Discount} {
			m.Currency = o.Total.Currency
		}
		o.Lines = append(o.Lines, l)
		return err
	})
}

// OfMember returns a member's orders, newest first, without those that lapsed
// unpaid. The cursor is "" for the first page.
func (s *Orders) OfMember(ctx context.Context, m commerce.MemberID, cursor string, n int) (commerce.Page[Order], error) {
	return s.page(ctx, `member_id = $1 AND state <> 'lapsed'`, []any{m}, cursor, n)
}

// OfBrands returns the orders in one of the states that hold goods of one of
// the brands (nil for all), newest first.
func (s *Orders) OfBrands(ctx context.Context, brands []commerce.BrandID, states []State, cursor string, n int) (commerce.Page[Order], error) {
	var args []any
	place := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	in := []string{}
	for _, st := range states {
		in = append(in, place(st))
	}
	where := `state IN (` + strings.Join(in, ", ") + `)`
	if brands != nil {
		in = []string{"''"}
		for _, b := range brands {
			in = append(in, place(b))
		}
		where += ` AND EXISTS (SELECT 1 FROM order_lines l WHERE l.order_id = orders.id AND l.kind = 'item' AND l.brand_id IN (` + strings.Join(in, ", ") + `))`
	}
	return s.page(ctx, where, args, cursor, n)
}

// page reads n orders before the cursor, which is the time and id of the last
// order seen: new orders at the head move nothing.
func (s *Orders) page(ctx context.Context, where string, args []any, cursor string, n int) (p commerce.Page[Order], err error) {
	if at, id, ok := readCursor(cursor); ok {
		where += fmt.Sprintf(` AND (created_at < $%d OR (created_at = $%d AND id < $%d))`, len(args)+1, len(args)+1, len(args)+2)
		args = append(args, at, id)
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		p = commerce.Page[Order]{}
		list, err := load(tx, fmt.Sprintf(` WHERE %s ORDER BY created_at DESC, id DESC LIMIT %d`, where, n+1), args...)
		if len(list) > n {
			list = list[:n]
			p.Next = strconv.FormatInt(commerce.Micros(list[n-1].CreatedAt), 36) + "z" + string(list[n-1].ID)
		}
		p.Items = list
		return err
	})
	return p, err
}

// readCursor takes apart what page made: the time in base 36, whose first 10
// digits last beyond the year 3000, a z, and the id.
func readCursor(cursor string) (at int64, id string, ok bool) {
	if len(cursor) < 12 || cursor[10] != 'z' {
		return 0, "", false
	}
	at, err := strconv.ParseInt(cursor[:10], 36, 64)
	return at, cursor[11:], err == nil
}

// BoughtFrom returns from which brands a member has bought something since a
// time, that they have not had undone. What they got for free is not bought.
func (s *Orders) BoughtFrom(ctx context.Context, m commerce.MemberID, since time.Time) (list []commerce.BrandID, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT DISTINCT l.brand_id FROM orders o JOIN order_lines l ON l.order_id = o.id
			WHERE o.member_id = $1 AND o.created_at >= $2 AND o.state IN ('paid', 'shipped') AND o.once NOT LIKE 'sample:%' AND l.brand_id <> '' ORDER BY l.brand_id`, []any{m, commerce.Micros(since)}, func(scan func(...any) error) error {
			var b commerce.BrandID
			err := scan(&b)
			list = append(list, b)
			return err
		})
	})
	return list, err
}
