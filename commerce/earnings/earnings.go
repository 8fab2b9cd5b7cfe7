// Package earnings knows what creators earn from what is bought because of
// them, and why: each line of a paid order that a pick or a code brought is a
// receipt of its own.
//
// It decides by the version of the rules that the order was placed under, and
// is told by checkout what is paid and what goes back, inside the transaction
// that does it (checkout.Earnings). It shows nothing. Start at Sold.
package earnings

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
)

// State is how an earning stands.
type State string

const (
	Pending   State = "pending"   // what was bought can still be sent back
	Available State = "available" // the points are in the wallet
	Back      State = "back"      // all of it went back with the goods
	Lost      State = "lost"      // its creator was erased before
)

// Why says by which rule somebody was credited.
type Why string

const (
	LastTap  Why = "last"    // theirs was the pick it was put into the cart from
	LastSeen Why = "tap"     // theirs was the pick that was opened last
	FirstTap Why = "first"   // theirs was the pick that was opened first
	Shared   Why = "split"   // theirs was one of the picks that were opened
	Brought  Why = "brought" // they brought the buyer in, whose first order it is
	ByCode   Why = "code"    // nobody recommended it, and their code was used
	Decided  Why = "decided" // the staff decided that it is theirs (objections.go)
)

// Earning is what one line of an order brought to one creator: the receipt that
// creator, buyer and staff read.
type Earning struct {
	ID       string
	Order    commerce.OrderID
	Position int64
	Creator  commerce.CreatorID
	Member   commerce.MemberID
	Pick     commerce.PickID
	Label    string // of the line
	Why      Why
	Version  string         // of the rules
	Base     commerce.Money // what the line brought, net of tax, shipping and discounts
	PPM      int64          // the rate
	Points   int64
	Back     int64  // of the points
	Cut      int64  // of Back: what decisions took
	Unit     string // what Points and Back are: points, or the minor units of a currency
	Payout   string // that took it along, "" for none
	State    State
	At       time.Time
	Due      time.Time // pending: when it is looked at again

	worth, returned commerce.Money

	cutBack, cutReturned int64 // Back and what was returned, when it was decided about
}

// Left is what remains of the points.
func (e Earning) Left() int64 { return e.Points - e.Back }

// Money reports whether it was earned in money.
func (e Earning) Money() bool { return e.Unit != rewards.PointsCurrency }

// of is an amount in the unit of an earning.
func (e Earning) of(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: e.Unit} }

// Config is what an Earnings is connected to.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	Rules func() Rules // as they are now

	Creators *creators.Creators
	Taps     func(ctx context.Context, m commerce.MemberID) ([]live.Tapped, error) // the picks a member opened; nil for none

	// Admins are the people who decide about receipts, each with all their
	// accounts; it must not need the database. Nil for nobody.
	Admins func() [][]commerce.MemberID

	// Kept returns from when on nothing of an order comes back any more, the
	// zero time where that is not known yet.
	Kept func(tx *database.Tx, o orders.Order) (time.Time, error)
}

// Earnings writes and reads what creators earn.
type Earnings struct {
	Config
	typed *cache.Cache[commerce.MemberID, commerce.CreatorID] // codes, to show them
}

// New makes an Earnings.
func New(cfg Config) *Earnings {
	return &Earnings{cfg, cache.New[commerce.MemberID, commerce.CreatorID](typedSize, typedTime, cfg.Clock)}
}

// Whose code somebody has typed in another process is shown after that.
const (
	typedSize = 20_000
	typedTime = 30 * time.Second
)

// ErrUnknown is returned where there is no such receipt, or not for the asker.
var ErrUnknown = &commerce.Error{Kind: commerce.NotFound, Message: "earning.none"}

const columns = `id, order_id, position, creator_id, member_id, pick_id, label, why, version, base, currency, ppm, points, worth, returned, back, state, at, due_at, unit, payout, cut, cut_back, cut_returned`

func where(tx *database.Tx, where string, args ...any) (list []Earning, err error) {
	err = tx.Rows(`SELECT `+columns+` FROM earnings WHERE `+where, args, func(scan func(...any) error) error {
		var e Earning
		var at, due int64
		err := scan(&e.ID, &e.Order, &e.Position, &e.Creator, &e.Member, &e.Pick, &e.Label, &e.Why, &e.Version, &e.Base.Amount, &e.Base.Currency,
			&e.PPM, &e.Points, &e.worth.Amount, &e.returned.Amount, &e.Back, &e.State, &at, &due, &e.Unit, &e.Payout, &e.Cut, &e.cutBack, &e.cutReturned)
		e.worth.Currency, e.returned.Currency = e.Base.Currency, e.Base.Currency
		e.At, e.Due = commerce.FromMicros(at), commerce.FromMicros(due)
		list = append(list, e)
		return err
	})
	return list, err
}

// OfOrder lists who was credited for an order.
func (e *Earnings) OfOrder(ctx context.Context, id commerce.OrderID) (list []Earning, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = where(tx, `order_id = $1 ORDER BY position, creator_id`, id)
		return err
	})
	return list, err
}
