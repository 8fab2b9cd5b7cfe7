// Package orders keeps orders: what a member agreed to, and what has happened
// to it since. The lines and the total of an order never change.
//
// It knows the states and which may follow which, and refuses the rest; it
// moves neither money nor stock, that is commerce/checkout. Start at Move.
package orders

import (
	"context"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/pricing"
)

// State is where an order stands.
type State string

const (
	Pending   State = "pending"   // the hold lives, somebody can pay
	Closing   State = "closing"   // the hold is over, Stripe is asked to close what is payable
	Lapsed    State = "lapsed"    // nothing was paid, nothing can be any more
	Paid      State = "paid"      // captured once, the units are sold
	Shipped   State = "shipped"   // on its way
	Cancelled State = "cancelled" // taken back before it was sent, the money returned
	Refunded  State = "refunded"  // the money returned
)

// follows lists which states may come after which. A lapsed order becomes paid
// when money came late and the goods are still free, and refunded when they
// are not.
var follows = map[State][]State{
	Pending: {Closing, Paid, Lapsed},
	Closing: {Paid, Lapsed},
	Lapsed:  {Paid, Refunded},
	Paid:    {Shipped, Cancelled, Refunded},
	Shipped: {Refunded},
}

// ErrNotFound is returned where there is no such order, or not for the asker.
var ErrNotFound = &commerce.Error{Kind: commerce.NotFound, Message: "order.none"}

// Address is where an order goes, as it was when it was placed.
type Address struct {
	Name, Street, City, Postcode, Country string
}

// Order is what a member agreed to.
type Order struct {
	ID        commerce.OrderID
	Number    int64 // what people call it: eight digits
	Member    commerce.MemberID
	State     State
	Total     commerce.Money
	Quote     string // digest of the quote agreed to
	Hold      commerce.HoldID
	Token     string // of the pay link; whoever has it may pay and sees the confirmation
	Locale    string
	Community string
	Platform  string
	Bot       string
	Address   Address
	Tracking  string
	Once      string // the confirmation it came from, "" for none: one order each
	Direct    bool   // bought past the cart, which stays as it is
	Claim     string // the entry of a drop it was placed on, "" for none
	Lines     []Line
	Steps     []Step    // what it may come to cost, the highest first; none is paid at once
	HeldAt    time.Time // when its card was authorised
	CreatedAt time.Time
	ExpiresAt time.Time // end of the hold
	PaidAt    time.Time
	ShippedAt time.Time
	ClosedAt  time.Time
}

// Line is one line of an order, as it was quoted.
type Line struct {
	Kind     pricing.Kind
	Label    string
	Detail   string
	Brand    commerce.BrandID
	Product  commerce.ProductID
	Variant  commerce.VariantID
	SKU      string
	Pick     commerce.PickID
	Creator  commerce.CreatorID
	Quantity int64
	Unit     commerce.Money
	Amount   commerce.Money
	Included commerce.Money
	Discount commerce.Money // share of the order's discounts that falls on this line
	Ref      string         // of a discount or a tender: what it comes from
}

// NumberOf derives the number people call an order from its id. Two orders may
// meet in it: the database refuses the second, which is then placed with
// another id.
func NumberOf(id commerce.OrderID) int64 {
	return 10_000_000 + int64(crc32.ChecksumIEEE([]byte(id))%90_000_000)
}

// Lines takes over the lines of a quote.
func Lines(q pricing.Quote) []Line {
	lines := make([]Line, len(q.Lines))
	for i, l := range q.Lines {
		lines[i] = Line{Kind: l.Kind, Label: l.Label, Detail: l.Detail, Brand: l.Brand,
			Quantity: l.Quantity, Unit: l.Unit, Amount: l.Amount, Included: l.Included, Discount: l.Discount, Ref: l.Ref}
		if it := l.Item; it != nil {
			lines[i].Product, lines[i].Variant, lines[i].SKU = it.Product, it.Variant, it.SKU
			lines[i].Pick, lines[i].Creator = it.Pick, it.Creator
		}
	}
	return lines
}

// Create writes a new order.
func Create(tx *database.Tx, o Order, actor string) error {
	steps, err := writeSteps(o.Steps)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO orders (id, number, member_id, state, currency, total, quote, hold_id, token, locale, community,
		platform, bot, name, street, city, postcode, country, created_at, expires_at, direct, once, claim, steps)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)`,
		o.ID, o.Number, o.Member, o.State, o.Total.Currency, o.Total.Amount, o.Quote, o.Hold, o.Token, o.Locale, o.Community,
		o.Platform, o.Bot, o.Address.Name, o.Address.Street, o.Address.City, o.Address.Postcode, o.Address.Country,
		commerce.Micros(o.CreatedAt), commerce.Micros(o.ExpiresAt), flag(o.Direct), o.Once, o.Claim, steps)
	if err != nil {
		return fmt.Errorf("create order: %w", err)
	}
	if err := writeLines(tx, o); err != nil {
		return fmt.Errorf("create order: %w", err)
	}
	return Record(tx, o.ID, o.CreatedAt, string(o.State), actor)
}

func writeLines(tx *database.Tx, o Order) error {
	for i, l := range o.Lines {
		if _, err := tx.Exec(`INSERT INTO order_lines (order_id, position, kind, label, detail, brand_id, product_id, variant_id, sku,
			pick_id, creator_id, quantity, unit, amount, included, discount, ref)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
			o.ID, i, l.Kind, l.Label, l.Detail, l.Brand, l.Product, l.Variant, l.SKU, l.Pick, l.Creator,
			l.Quantity, l.Unit.Amount, l.Amount.Amount, l.Included.Amount, l.Discount.Amount, l.Ref); err != nil {
			return err
		}
	}
	return nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Move takes an order from one state to the next and reports whether it did:
// false where it was not in that state any more, or may not go there. Of two
// who try at once, one wins.
func Move(tx *database.Tx, id commerce.OrderID, from, to State, now time.Time, actor string) (bool, error) {
	if !may(from, to) {
		return false, fmt.Errorf("an order cannot go from %s to %s", from, to)
	}
	stamp := map[State]string{Paid: "paid_at", Shipped: "shipped_at", Lapsed: "closed_at", Cancelled: "closed_at", Refunded: "closed_at"}[to]
	set := ""
	if stamp != "" {
		set = ", " + stamp + " = $4"
	}
	args := []any{id, from, to}
	if set != "" {
		args = append(args, commerce.Micros(now))
	}
	n, err := tx.Exec(`UPDATE orders SET state = $3`+set+` WHERE id = $1 AND state = $2`, args...)
	if err != nil || n == 0 {
		return false, err
	}
	if to != Closing && to != Paid {
		if err := forgetErased(tx, id); err != nil {
			return false, err
		}
	}
	return true, Record(tx, id, now, string(to), actor)
}

func may(from, to State) bool {
	for _, s := range follows[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Record appends to what has happened to an order.
func Record(tx *database.Tx, id commerce.OrderID, now time.Time, event, actor string) error {
	_, err := tx.Exec(`INSERT INTO order_events (order_id, seq, at, event, actor)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4 FROM order_events WHERE order_id = $1`, id, commerce.Micros(now), event, actor)
	return err
}

// Amend brings a pending order to what its member has chosen instead: where
// and how it is sent, with the lines and the total that follow. It reports
// false where the order is not pending any more.
func Amend(tx *database.Tx, o Order, now time.Time, actor string) (bool, error) {
	n, err := tx.Exec(`UPDATE orders SET total = $2, quote = $3, name = $4, street = $5, city = $6, postcode = $7, country = $8
		WHERE id = $1 AND state = 'pending' AND currency = $9`, o.ID, o.Total.Amount, o.Quote,
		o.Address.Name, o.Address.Street, o.Address.City, o.Address.Postcode, o.Address.Country, o.Total.Currency)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.Exec(`DELETE FROM order_lines WHERE order_id = $1`, o.ID); err != nil {
		return false, err
	}
	if err := writeLines(tx, o); err != nil {
		return false, fmt.Errorf("amend order: %w", err)
	}
	return true, Record(tx, o.ID, now, "amended", actor)
}

// Keep moves the end of a pending order's hold back, if it is before until. It
// reports false where the order is not pending any more.
func Keep(tx *database.Tx, id commerce.OrderID, until time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE orders SET expires_at = CASE WHEN expires_at < $2 THEN $2 ELSE expires_at END
		WHERE id = $1 AND state = 'pending'`, id, commerce.Micros(until))
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(`UPDATE holds SET expires_at = $2 WHERE expires_at < $2 AND id = (SELECT hold_id FROM orders WHERE id = $1)`,
		id, commerce.Micros(until))
	return err == nil, err
}

// SetTracking notes where the parcel can be followed.
func SetTracking(tx *database.Tx, id commerce.OrderID, tracking string) error {
	_, err := tx.Exec(`UPDATE orders SET tracking = $2 WHERE id = $1`, id, strings.TrimSpace(tracking))
	return err
}

// Orders reads orders.
type Orders struct{ db *database.DB }

// New makes an Orders on a database.
func New(db *database.DB) *Orders { return &Orders{db} }

// Get returns an order, or ErrNotFound.
func (s *Orders) Get(ctx context.Context, id commerce.OrderID) (Order, error) {
	return s.one(ctx, "id = $1", id)
}

// ByToken returns the order of a pay link, or ErrNotFound.
func (s *Orders) ByToken(ctx context.Context, token string) (Order, error) {
	return s.one(ctx, "token = $1", token)
}

// ByNumber returns the order people call by a number, or ErrNotFound.
func (s *Orders) ByNumber(ctx context.Context, number int64) (Order, error) {
	return s.one(ctx, "number = $1", number)
}

func (s *Orders) one(ctx context.Context, where string, arg any) (o Order, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		o, err = Load(tx, where, arg)
		return err
	})
	return o, err
}
