package checkout

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/stock"
)

// Ship marks a paid order as sent; the member is told. Tracking may be empty.
// Again with the same order it changes the tracking only, and tells nobody.
// It returns ErrState where the order is not paid.
func (c *Checkout) Ship(ctx context.Context, actor string, id commerce.OrderID, tracking string) error {
	return c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.State != orders.Paid && o.State != orders.Shipped {
			return ErrState.With("state", string(o.State))
		}
		if tracking != "" || o.State == orders.Paid {
			if err := orders.SetTracking(tx, id, tracking); err != nil {
				return err
			}
		}
		if o.State == orders.Shipped {
			return nil
		}
		if _, err := orders.Move(tx, id, orders.Paid, orders.Shipped, c.Clock.Now(), actor); err != nil {
			return err
		}
		return c.tell(tx, notices.OrderShipped, o, o.Member)
	})
}

// CancelPaid takes back an order that was not sent yet: its units are free
// again, the money goes back in full. It returns ErrState otherwise.
func (c *Checkout) CancelPaid(ctx context.Context, actor string, id commerce.OrderID) error {
	return c.undo(ctx, actor, id, orders.Cancelled, "cancelled")
}

// Refund gives the money of a paid or sent order back in full. Units that were
// not sent are free again. It returns ErrState otherwise.
func (c *Checkout) Refund(ctx context.Context, actor string, id commerce.OrderID) error {
	return c.undo(ctx, actor, id, orders.Refunded, "staff")
}

func (c *Checkout) undo(ctx context.Context, actor string, id commerce.OrderID, to orders.State, reason string) error {
	return c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.State == to {
			return nil // done already: a second tap
		}
		if o.State != orders.Paid && (o.State != orders.Shipped || to == orders.Cancelled) {
			return ErrState.With("state", string(o.State))
		}
		return c.undone(tx, actor, o, to, reason)
	})
}

// undone takes a paid or sent order back and writes its refund down.
func (c *Checkout) undone(tx *database.Tx, actor string, o orders.Order, to orders.State, reason string) error {
	if o.State == orders.Paid {
		if err := stock.Return(tx, o.Hold); err != nil {
			return err
		}
		tx.After(c.Stock.Forget)
	}
	if _, err := orders.Move(tx, o.ID, o.State, to, c.Clock.Now(), actor); err != nil {
		return err
	}
	attempts, err := payments.OfOrder(tx, o.ID)
	if err != nil {
		return err
	}
	for _, p := range attempts {
		if p.State == payments.StatePaid {
			if _, err := payments.AddRefund(tx, payments.Refund{ID: commerce.RefundID(c.IDs.ID()), Payment: p.ID, Reason: reason, CreatedAt: c.Clock.Now()}); err != nil {
				return err
			}
			tx.After(c.nudge)
			return nil
		}
	}
	return c.tell(tx, toldOf(to), o, o.Member) // it cost nothing: no refund will tell
}

func toldOf(s orders.State) string {
	if s == orders.Cancelled {
		return notices.OrderCancelled
	}
	return notices.OrderRefunded
}

func (c *Checkout) change(ctx context.Context, id commerce.OrderID, fn func(*database.Tx, orders.Order) error) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		o, err := orders.Load(tx, "id = $1", id)
		if err != nil {
			return err
		}
		return fn(tx, o)
	})
}
