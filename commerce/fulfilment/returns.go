package fulfilment

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
)

// ReturnState is where a return stands.
//
//	asked    → the member wants to send something back; the staff decides
//	approved → they may; the parcel is on its way. An exchange holds its units
//	denied   → they may not, or it never came; they were told why
//	arrived  → the goods are back; the staff looks at them
//	done     → the money went back, or the exchange became an order
type ReturnState string

const (
	Asked    ReturnState = "asked"
	Approved ReturnState = "approved"
	Denied   ReturnState = "denied"
	Arrived  ReturnState = "arrived"
	Done     ReturnState = "done"
)

// Reasons are why people send things back, in the order in which they are
// offered.
var Reasons = []string{"broken", "wrong", "different", "mind", "other"}

// ReturnID is the id of a return.
type ReturnID string

// Return is goods of one brand that a member sends back.
type Return struct {
	ID        ReturnID
	Order     commerce.OrderID
	Brand     commerce.BrandID
	Member    commerce.MemberID
	State     ReturnState
	Reason    string             // one of Reasons
	Words     string             // the member's own
	Photo     string             // its hash in media, "" for none
	Answer    string             // why it was denied
	Exchange  commerce.VariantID // what they get instead, "" for the money
	Hold      commerce.HoldID    // keeps it for them
	Exchanged commerce.OrderID   // the order it became
	Way       string             // card or credit, once done
	Items     []Item
	AskedAt   time.Time
	DecidedAt time.Time
	ArrivedAt time.Time
	DoneAt    time.Time
}

// ErrNoReturn is returned where there is no such return, or not for the asker.
var ErrNoReturn = &commerce.Error{Kind: commerce.NotFound, Message: "return.none"}

// Ask writes a new return down, with all but State and the later times given.
// It returns ErrGone where its units were not sent or are claimed already.
func Ask(tx *database.Tx, r Return) error {
	if _, err := tx.Exec(`INSERT INTO returns (id, order_id, brand_id, member_id, state, reason, words, photo, exchange, asked_at)
		VALUES ($1, $2, $3, $4, 'asked', $5, $6, $7, $8, $9)`, r.ID, r.Order, r.Brand, r.Member, r.Reason, r.Words, r.Photo, r.Exchange,
		commerce.Micros(r.AskedAt)); err != nil {
		return err
	}
	for _, it := range r.Items {
		if err := moved(tx.Exec(`UPDATE fulfilments SET claimed = claimed + $3 WHERE order_id = $1 AND position = $2
			AND claimed + $3 <= shipped AND dropped + refunded + $3 <= bought`, r.Order, it.Position, it.Quantity)); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO return_lines (return_id, position, quantity) VALUES ($1, $2, $3)`, r.ID, it.Position, it.Quantity); err != nil {
			return err
		}
	}
	return nil
}

// Approve, Deny, Arrive and Finish take a return from one state to the next and
// report whether they did: of two at once, one does.
func Approve(tx *database.Tx, r Return, hold commerce.HoldID, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE returns SET state = 'approved', hold_id = $2, decided_at = $3 WHERE id = $1 AND state = 'asked'`,
		r.ID, hold, commerce.Micros(at))
	return n == 1, err
}

// Deny lets the units be claimed again.
func Deny(tx *database.Tx, r Return, answer string, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE returns SET state = 'denied', answer = $2, decided_at = $3 WHERE id = $1 AND state IN ('asked', 'approved')`,
		r.ID, answer, commerce.Micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	for _, it := range r.Items {
		if _, err := tx.Exec(`UPDATE fulfilments SET claimed = claimed - $3 WHERE order_id = $1 AND position = $2`, r.Order, it.Position, it.Quantity); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Arrive notes which of the goods are back on the shelf.
func Arrive(tx *database.Tx, r Return, restocked map[int64]bool, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE returns SET state = 'arrived', arrived_at = $2 WHERE id = $1 AND state = 'approved'`, r.ID, commerce.Micros(at))
	if err != nil || n == 0 {
		return false, err
	}
	for _, it := range r.Items {
		if !restocked[it.Position] {
			continue
		}
		if _, err := tx.Exec(`UPDATE return_lines SET restocked = 1 WHERE return_id = $1 AND position = $2`, r.ID, it.Position); err != nil {
			return false, err
		}
	}
	return true, nil
}

// Finish notes how a return ended: the way its money went, or the order its
// exchange became.
func Finish(tx *database.Tx, r Return, way string, exchanged commerce.OrderID, at time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE returns SET state = 'done', way = $2, exchange_id = $3, done_at = $4 WHERE id = $1 AND state = 'arrived'`,
		r.ID, way, exchanged, commerce.Micros(at))
	return n == 1, err
}

// OneReturn returns a return, or ErrNoReturn.
func OneReturn(tx *database.Tx, id ReturnID) (Return, error) {
	list, err := returns(tx, "id = $1", id)
	if err == nil && len(list) == 0 {
		err = ErrNoReturn
	}
	if err != nil {
		return Return{}, err
	}
	return list[0], nil
}

// ReturnsOf lists an order's returns, oldest first.
func ReturnsOf(tx *database.Tx, order commerce.OrderID) ([]Return, error) {
	return returns(tx, "order_id = $1", order)
}

// OpenReturns lists up to n returns that wait for the staff or for their goods,
// oldest first, of the brands (nil for all).
func OpenReturns(tx *database.Tx, brands []commerce.BrandID, n int) (list []Return, err error) {
	all, err := returns(tx, "state <> 'denied' AND done_at = $1", 0)
	for _, r := range all {
		if len(list) < n && owned(brands, r.Brand) {
			list = append(list, r)
		}
	}
	return list, err
}

func owned(brands []commerce.BrandID, b commerce.BrandID) bool {
	for _, one := range brands {
		if one == b {
			return true
		}
	}
	return brands == nil
}

func returns(tx *database.Tx, where string, arg any) (list []Return, err error) {
	err = tx.Rows(`SELECT id, order_id, brand_id, member_id, state, reason, words, photo, answer, exchange, hold_id, exchange_id, way,
		asked_at, decided_at, arrived_at, done_at FROM returns WHERE `+where+` ORDER BY asked_at, id`, []any{arg}, func(scan func(...any) error) error {
		var r Return
		var asked, decided, arrived, done int64
		err := scan(&r.ID, &r.Order, &r.Brand, &r.Member, &r.State, &r.Reason, &r.Words, &r.Photo, &r.Answer, &r.Exchange, &r.Hold,
			&r.Exchanged, &r.Way, &asked, &decided, &arrived, &done)
		r.AskedAt, r.DecidedAt, r.ArrivedAt, r.DoneAt = commerce.FromMicros(asked), commerce.FromMicros(decided), commerce.FromMicros(arrived), commerce.FromMicros(done)
		list = append(list, r)
		return err
	})
	for i := range list {
		if err != nil {
			break
		}
		list[i].Items, err = items(tx, `SELECT position, quantity FROM return_lines WHERE return_id = $1 ORDER BY position`, list[i].ID)
	}
	return list, err
}

// Fulfilment is how an order stands beside its money.
type Fulfilment struct {
	Lines   map[int64]Line // by position
	Parcels []Parcel
	Returns []Return
}

// Of reads how an order stands.
func Of(ctx context.Context, db *database.DB, o orders.Order) (f Fulfilment, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		if f.Lines, err = Lines(tx, o.ID); err != nil {
			return err
		}
		if len(f.Lines) == 0 {
			f.Lines = first(o)
		}
		if f.Parcels, err = Parcels(tx, o.ID); err != nil {
			return err
		}
		f.Returns, err = ReturnsOf(tx, o.ID)
		return err
	})
	return f, err
}
