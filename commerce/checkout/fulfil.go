package checkout

// The rules of what is sent:
//   - A parcel holds goods of one brand. It is packed, then shipped, then
//     delivered; the member is told of each, once.
//   - The order is shipped when everything that has to be sent is.
//   - What was packed can be taken back by the staff until it is sent, what was
//     not by the member too.

import (
	"context"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

// Ship marks all that is left of a paid order as sent; the member is told.
// Tracking may be empty. Again with the same order it changes the tracking only,
// and tells nobody. It returns ErrState where the order is not paid.
func (c *Checkout) Ship(ctx context.Context, actor string, id commerce.OrderID, tracking string) error {
	return c.Send(ctx, actor, id, Sending{Tracking: tracking})
}

// Sending is what of an order is packed or sent.
type Sending struct {
	Brands   []commerce.BrandID // whose goods; nil for all
	Items    []fulfilment.Item  // which of them, nil for all that is left
	Tracking string
	Pack     bool // packed only
	Once     bool // not at all where SentBefore, and nothing that was sent is changed
}

// ErrSentBefore is returned for what shall be sent once and was.
var ErrSentBefore = &commerce.Error{Kind: commerce.Conflict, Message: "import.already"}

// SentBefore reports whether goods are in parcels of the order that were sent
// with the same tracking; where no goods are named the tracking
// alone says so.
func SentBefore(parcels []fulfilment.Parcel, s Sending) bool {
	sent := slices.DeleteFunc(slices.Clone(parcels), func(p fulfilment.Parcel) bool {
		return p.State == fulfilment.Packed || p.Tracking != s.Tracking || !mine(s.Brands, p.Brand)
	})
	if s.Items == nil {
		return s.Tracking != "" && len(sent) > 0
	}
	for _, it := range s.Items { // each brand's are in a parcel of their own
		if !slices.ContainsFunc(sent, func(p fulfilment.Parcel) bool {
			return slices.ContainsFunc(p.Items, func(in fulfilment.Item) bool { return in.Position == it.Position })
		}) {
			return false
		}
	}
	return true
}

// Send packs goods of a paid order and, unless s.Pack is set, marks them as
// sent, with what was packed before where s.Items is nil. Of an order that is
// all sent it changes the tracking. It returns ErrState where the order is not
// paid, fulfilment.ErrGone where goods were packed or sent by somebody else.
func (c *Checkout) Send(ctx context.Context, actor string, id commerce.OrderID, s Sending) error {
	return c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.State != orders.Paid && o.State != orders.Shipped {
			return ErrState.With("state", string(o.State))
		}
		earlier, err := fulfilment.Parcels(tx, id)
		if err != nil {
			return err
		}
		if s.Once && SentBefore(earlier, s) {
			return ErrSentBefore
		}
		made, err := c.pack(tx, o, s)
		if err != nil {
			return err
		}
		if s.Pack {
			for _, p := range made {
				if err := c.tellOf(tx, notices.ParcelPacked, o, "parcel", string(p.ID), o.Member); err != nil {
					return err
				}
			}
			return nil
		}
		sent := made
		if s.Items == nil {
			for _, p := range earlier {
				if p.State == fulfilment.Packed && mine(s.Brands, p.Brand) {
					sent = append(sent, p)
				}
			}
		}
		if s.Once && len(sent) == 0 {
			return ErrState.With("state", string(o.State))
		}
		return c.sent(tx, actor, o, earlier, sent, s)
	})
}

// ShipParcel marks a packed parcel as sent, or changes the tracking of one that
// was. It returns fulfilment.ErrGone where there is no such parcel any more.
func (c *Checkout) ShipParcel(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ParcelID, tracking string) error {
	return c.parcel(ctx, of, id, func(tx *database.Tx, o orders.Order, p fulfilment.Parcel) error {
		if p.State != fulfilment.Packed {
			return fulfilment.Track(tx, id, tracking)
		}
		if o.State != orders.Paid {
			return ErrState.With("state", string(o.State))
		}
		earlier, err := fulfilment.Parcels(tx, o.ID)
		if err != nil {
			return err
		}
		return c.sent(tx, actor, o, earlier, []fulfilment.Parcel{p}, Sending{Brands: of, Tracking: tracking, Items: p.Items})
	})
}

// Deliver marks a parcel that was sent as delivered; the member is told unless
// they said so themselves.
func (c *Checkout) Deliver(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ParcelID) error {
	return c.parcel(ctx, of, id, func(tx *database.Tx, o orders.Order, p fulfilment.Parcel) error {
		return c.delivered(tx, actor, o, p, true)
	})
}

// Arrived marks all parcels of a member's order that were sent as delivered:
// they say so. It returns orders.ErrNotFound for another's order.
func (c *Checkout) Arrived(ctx context.Context, m commerce.MemberID, id commerce.OrderID) error {
	return c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.Member != m {
			return orders.ErrNotFound
		}
		list, err := fulfilment.Parcels(tx, id)
		for _, p := range list {
			if err == nil {
				err = c.delivered(tx, "member", o, p, false)
			}
		}
		return err
	})
}

func (c *Checkout) delivered(tx *database.Tx, actor string, o orders.Order, p fulfilment.Parcel, tell bool) error {
	ok, err := fulfilment.Deliver(tx, p.ID, c.Clock.Now())
	if err != nil || !ok {
		return err
	}
	if tell {
		if err := c.tellOf(tx, notices.ParcelDelivered, o, "parcel", string(p.ID), o.Member); err != nil {
			return err
		}
	}
	if c.Delivered != nil {
		if err := c.Delivered(tx, o, p); err != nil {
			return err
		}
	}
	return orders.Record(tx, o.ID, c.Clock.Now(), "delivered", actor)
}

func (c *Checkout) parcel(ctx context.Context, of []commerce.BrandID, id fulfilment.ParcelID, fn func(*database.Tx, orders.Order, fulfilment.Parcel) error) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := fulfilment.OneParcel(tx, id)
		if err != nil {
			return err
		}
		if !mine(of, p.Brand) {
			return fulfilment.ErrGone
		}
		o, err := orders.Load(tx, "id = $1", p.Order)
		if err != nil {
			return err
		}
		return fn(tx, o, p)
	})
}

// pack makes a parcel for each brand of what is named, or of all that is left.
func (c *Checkout) pack(tx *database.Tx, o orders.Order, s Sending) (made []fulfilment.Parcel, err error) {
	lines, err := fulfilment.Begin(tx, o)
	if err != nil {
		return nil, err
	}
	items := s.Items
	if items == nil {
		for i, l := range o.Lines {
			if n := lines[int64(i)].ToPack(); l.Kind == pricing.KindItem && n > 0 && mine(s.Brands, l.Brand) {
				items = append(items, fulfilment.Item{Position: int64(i), Quantity: n})
			}
		}
	}
	for _, it := range items {
		if it.Position < 0 || it.Position >= int64(len(o.Lines)) || it.Quantity <= 0 {
			return nil, fulfilment.ErrGone
		}
		l := o.Lines[it.Position]
		if l.Kind != pricing.KindItem || !mine(s.Brands, l.Brand) {
			return nil, fulfilment.ErrGone
		}
		at := slices.IndexFunc(made, func(p fulfilment.Parcel) bool { return p.Brand == l.Brand })
		if at < 0 {
			at = len(made)
			made = append(made, fulfilment.Parcel{ID: fulfilment.ParcelID(c.IDs.ID()), Order: o.ID, Brand: l.Brand, PackedAt: c.Clock.Now()})
		}
		made[at].Items = append(made[at].Items, it)
	}
	for _, p := range made {
		if err := fulfilment.Pack(tx, p); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// sent marks parcels as sent, and the order where nothing is left to send.
func (c *Checkout) sent(tx *database.Tx, actor string, o orders.Order, earlier, list []fulfilment.Parcel, s Sending) error {
	now := c.Clock.Now()
	if s.Tracking != "" || len(list) > 0 {
		if err := orders.SetTracking(tx, o.ID, s.Tracking); err != nil {
			return err
		}
	}
	if len(list) == 0 { // all sent before: another tracking
		for _, p := range earlier {
			if s.Tracking != "" && p.State == fulfilment.Shipped && mine(s.Brands, p.Brand) {
				if err := fulfilment.Track(tx, p.ID, s.Tracking); err != nil {
					return err
				}
			}
		}
	}
	for _, p := range list {
		if ok, err := fulfilment.Ship(tx, p, s.Tracking, now); err != nil || !ok {
			return err
		}
	}
	before := slices.ContainsFunc(earlier, func(p fulfilment.Parcel) bool { return p.State != fulfilment.Packed })
	state, err := c.allSent(tx, actor, o)
	switch {
	case err != nil:
		return err
	case state != o.State && !before:
		return c.tell(tx, notices.OrderShipped, o, o.Member) // all at once
	}
	for _, p := range list {
		if state == o.State { // else its move is recorded
			if err := orders.Record(tx, o.ID, now, "parcel sent", actor); err != nil {
				return err
			}
		}
		if err := c.tellOf(tx, notices.ParcelShipped, o, "parcel", string(p.ID), o.Member); err != nil {
			return err
		}
	}
	return nil
}

// allSent makes a paid order shipped where nothing is left to send, and returns
// the state it is in then. One of which nothing was sent, because all of it was
// refunded before, stays paid: nobody is told that it is on its way.
func (c *Checkout) allSent(tx *database.Tx, actor string, o orders.Order) (orders.State, error) {
	if o.State != orders.Paid {
		return o.State, nil
	}
	lines, err := fulfilment.Begin(tx, o)
	if err != nil {
		return o.State, err
	}
	sent := int64(0)
	for _, l := range lines {
		if o.Lines[l.Position].Kind != pricing.KindItem {
			continue
		}
		if l.Shipped+l.Dropped < l.Bought {
			return o.State, nil
		}
		sent += l.Shipped
	}
	if sent == 0 {
		return o.State, nil
	}
	_, err = orders.Move(tx, o.ID, orders.Paid, orders.Shipped, c.Clock.Now(), actor)
	return orders.Shipped, err
}

// arrivals takes parcels that were sent long ago for delivered, without a word.
func (c *Checkout) arrivals(ctx context.Context) (n int, err error) {
	after := c.policy().Arrives
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		ids, err := fulfilment.Overdue(tx, c.Clock.Now().Add(-after), batch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p, err := fulfilment.OneParcel(tx, id)
			if err != nil {
				return err
			}
			o, err := orders.Load(tx, "id = $1", p.Order)
			if err != nil {
				return err
			}
			if err := c.delivered(tx, "clock", o, p, false); err != nil {
				return err
			}
		}
		n = len(ids)
		return nil
	})
	return n, err
}

// Fulfilment returns how an order's goods stand.
func (c *Checkout) Fulfilment(ctx context.Context, o orders.Order) (fulfilment.Fulfilment, error) {
	return fulfilment.Of(ctx, c.DB, o)
}

// CancelMine takes back an order for its member, before any of it was packed.
// It returns ErrState otherwise, orders.ErrNotFound for another's order.
func (c *Checkout) CancelMine(ctx context.Context, m commerce.MemberID, id commerce.OrderID) error {
	return c.change(ctx, id, func(tx *database.Tx, o orders.Order) error {
		if o.Member != m {
			return orders.ErrNotFound
		}
		list, err := fulfilment.Parcels(tx, id)
		switch {
		case err != nil:
			return err
		case o.State == orders.Cancelled:
			return nil
		case o.State != orders.Paid || len(list) > 0:
			return ErrState.With("state", string(o.State))
		}
		return c.undone(tx, "member", o, orders.Cancelled, "cancelled")
	})
}

// CancelPaid takes back an order of which nothing was sent yet: its units are
// free again, the money goes back in full. It returns ErrState otherwise.
func (c *Checkout) CancelPaid(ctx context.Context, actor string, id commerce.OrderID) error {
	return c.undo(ctx, actor, id, orders.Cancelled, "cancelled")
}

// Refund gives all that is left of the money of a paid or sent order back.
// Units that were not sent are free again. It returns ErrState otherwise.
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
		if to == orders.Cancelled {
			lines, err := fulfilment.Lines(tx, id)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if l.Shipped > 0 {
					return ErrState.With("state", string(o.State))
				}
			}
		}
		return c.undone(tx, actor, o, to, reason)
	})
}

// undone takes a paid or sent order back and writes its refund down.
func (c *Checkout) undone(tx *database.Tx, actor string, o orders.Order, to orders.State, reason string) error {
	t, err := takings(tx, o)
	if err != nil {
		return err
	}
	if err := c.empty(tx, o); err != nil {
		return err
	}
	if _, err := orders.Move(tx, o.ID, o.State, to, c.Clock.Now(), actor); err != nil {
		return err
	}
	if err := c.sampleBack(tx, o, o.State == orders.Paid); err != nil {
		return err
	}
	o.State = to
	if t.Left() == 0 {
		return c.tellBack(tx, o, payments.Giveback{Actor: actor}) // it cost nothing, or all of it went back before
	}
	_, err = c.give(tx, actor, o, Giving{Amount: commerce.Money{Amount: t.Left(), Currency: o.Total.Currency}, Reason: reason, Seen: -1})
	return err
}

// empty gives back the units of an order that were not sent.
func (c *Checkout) empty(tx *database.Tx, o orders.Order) error {
	if o.State != orders.Paid {
		return nil
	}
	tx.After(c.Stock.Forget)
	if err := fulfilment.Unpack(tx, o.ID); err != nil {
		return err
	}
	lines, err := fulfilment.Lines(tx, o.ID)
	if err != nil {
		return err
	}
	sent := int64(0)
	for _, l := range lines {
		sent += l.Shipped
	}
	if sent == 0 {
		return stock.Return(tx, o.Hold)
	}
	for _, l := range lines {
		if n := l.ToPack(); n > 0 && o.Lines[l.Position].Kind == pricing.KindItem {
			if err := c.drop(tx, o, fulfilment.Item{Position: l.Position, Quantity: n}); err != nil {
				return err
			}
		}
	}
	return nil
}

// mine reports whether a brand is among those that somebody acts for.
func mine(brands []commerce.BrandID, b commerce.BrandID) bool {
	return brands == nil || slices.Contains(brands, b)
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
