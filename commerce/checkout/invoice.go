package checkout

// This file pays an order by an invoice in the chat. Its rules are those of
// commerce/payments/telegram.go; what they mean for an order is:
//   - Whether somebody may pay is decided when Telegram asks, from the order,
//     its hold and the prices as they are then. A yes keeps the order for ten
//     minutes and closes every other way to pay for as long.
//   - Where an order needs a parcel, the invoice asks where to send it, and the
//     order becomes what was chosen there: in the transaction that says yes, and
//     only if the total is the one that was shown.
//   - Money that was told is taken, whatever was said before: it becomes the
//     goods if they are free, else it goes back.

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// Why an invoice is not paid. Each message says what to do.
var (
	// ErrPinned: somebody was just told that they may pay the order's invoice.
	// Argument Time: for how long nothing else can be done with it.
	ErrPinned = &commerce.Error{Kind: commerce.Conflict, Message: "invoice.pinned"}
	// ErrInvoiceOver: the order cannot be paid by this invoice any more.
	ErrInvoiceOver = &commerce.Error{Kind: commerce.Conflict, Message: "invoice.over"}
	// ErrInvoicePaid: it has been paid already.
	ErrInvoicePaid = &commerce.Error{Kind: commerce.Conflict, Message: "invoice.paid"}
	// ErrInvoiceOther: it is another member's.
	ErrInvoiceOther = &commerce.Error{Kind: commerce.Conflict, Message: "invoice.other"}
	// ErrInvoiceChanged: a price is not what the invoice says any more.
	ErrInvoiceChanged = &commerce.Error{Kind: commerce.Conflict, Message: "invoice.changed"}
	// ErrInvoiceAgain: the question had its answer, and that was no.
	ErrInvoiceAgain = &commerce.Error{Kind: commerce.Conflict, Message: "invoice.again"}
)

func pinned(until, now time.Time) error {
	return ErrPinned.With("Time", max(until.Sub(now), time.Minute))
}

// Invoice is what a chat shows to have an order paid there.
type Invoice struct {
	Payment commerce.PaymentID
	Lines   []payments.Line // what they sum to is due, before a Way is chosen
	Asks    bool            // the chat asks where to send it, and for the ways
}

// Way is a way to send all parcels of an order: what its lines add to the
// goods. One option of each brand.
type Way struct {
	ID    string
	Names []string
	Lines []payments.Line
	quote pricing.Quote
}

// Invoice begins to have a pending order paid in the chat. The same invoice is
// returned until it is paid or given up. It returns ErrState, ErrPinned, or
// the errors of closing what was begun in another way.
func (c *Checkout) Invoice(ctx context.Context, o orders.Order) (Invoice, error) {
	if o.State != orders.Pending || o.Later() || !c.Clock.Now().Before(o.ExpiresAt) {
		return Invoice{}, ErrState.With("state", string(o.State))
	}
	p, err := c.begin(ctx, o, payments.Payment{Kind: payments.KindInvoice})
	if err != nil {
		return Invoice{}, err
	}
	if p.ID == "" {
		return Invoice{}, ErrState
	}
	var i payments.Invoice
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		if err := payments.Issue(tx, p.ID, asks(o) && !c.taxAsked(o)); err != nil {
			return err
		}
		if i, err = payments.InvoiceOf(tx, p.ID); err != nil {
			return err
		}
		if i.Pinned(c.Clock.Now()) {
			return pinned(i.PinnedUntil, c.Clock.Now())
		}
		return nil
	})
	if err != nil {
		return Invoice{}, err
	}
	shown := Invoice{Payment: p.ID, Lines: due(o), Asks: i.Asks}
	if i.Asks {
		shown.Lines = slices.DeleteFunc(due(orders.Order{Lines: goodsOf(o)}), func(l payments.Line) bool { return l.Amount.IsZero() })
	}
	return shown, nil
}

// asks reports whether an order's invoice asks where to send it: where a parcel
// is sent for money, and nothing came off that another address could change.
func asks(o orders.Order) bool {
	parcels, goods := false, int64(0)
	for _, l := range o.Lines {
		switch l.Kind {
		case pricing.KindItem:
			goods += l.Amount.Amount
		case pricing.KindShipping:
			parcels = true
		case pricing.KindTax:
		default:
			return false
		}
		if !l.Discount.IsZero() {
			return false
		}
	}
	return parcels && goods > 0
}

func goodsOf(o orders.Order) (lines []orders.Line) {
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem {
			lines = append(lines, l)
		}
	}
	return lines
}

// Ways lists the ways to send the order of an invoice to a country, the ones
// that the brands propose first. It returns the errors of an invoice that
// cannot be paid, and pricing.ErrNoShipping.
func (c *Checkout) Ways(ctx context.Context, m commerce.MemberID, payment commerce.PaymentID, country string) ([]Way, error) {
	var o orders.Order
	err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		_, o, err = c.payable(tx, m, payment)
		return err
	})
	if err != nil {
		return nil, err
	}
	snap, err := c.Catalog.In(ctx, commerce.CommunityID(o.Community))
	if err != nil {
		return nil, err
	}
	return c.ways(snap, o, country)
}

// maxWays is how many joint ways of several brands are computed.
const maxWays = 10

func (c *Checkout) ways(snap *catalog.Snapshot, o orders.Order, country string) ([]Way, error) {
	req, err := request(snap, o, country)
	if err != nil {
		return nil, err
	}
	if c.Gates != nil {
		if err := c.Gates.To(country, products(snap, req.Items)); err != nil {
			return nil, err
		}
	}
	rules := c.Rules()
	offered, err := pricing.Options(req, rules)
	if err != nil {
		return nil, err
	}
	choices := []map[commerce.BrandID]string{{}}
	var brands []commerce.BrandID
	for _, it := range req.Items {
		if len(offered[it.Brand]) == 0 || slices.Contains(brands, it.Brand) {
			continue
		}
		brands = append(brands, it.Brand)
		var more []map[commerce.BrandID]string
		for _, chosen := range choices {
			for _, option := range offered[it.Brand] {
				next := map[commerce.BrandID]string{it.Brand: option.ID}
				for b, id := range chosen {
					next[b] = id
				}
				more = append(more, next)
			}
		}
		choices = more[:min(len(more), maxWays)]
	}
	var list []Way
	for _, chosen := range choices {
		req.Shipping = chosen
		w := Way{}
		if w.quote, err = pricing.Compute(req, rules); err != nil {
			return nil, err
		}
		var ids []string
		for _, b := range brands {
			ids = append(ids, string(b), chosen[b])
		}
		w.ID = commerce.PublicID(append(ids, "way")...)
		for _, l := range w.quote.Lines {
			if l.Kind == pricing.KindShipping {
				w.Names = append(w.Names, l.Label)
			}
			if l.Kind == pricing.KindShipping || l.Kind == pricing.KindTax && !l.Amount.IsZero() {
				w.Lines = append(w.Lines, payments.Line{Name: l.Label, Amount: l.Amount})
			}
		}
		list = append(list, w)
	}
	return list, nil
}

// request is what an order asks for, at the prices as they are now. It returns
// ErrInvoiceChanged where that is not what was agreed.
func request(snap *catalog.Snapshot, o orders.Order, country string) (pricing.Request, error) {
	goods := goodsOf(o)
	var cart []live.CartLine
	for _, l := range goods {
		cart = append(cart, live.CartLine{Variant: l.Variant, Quantity: l.Quantity, Pick: l.Pick, Creator: l.Creator, Seen: l.Unit})
	}
	req := pricing.Request{Items: items(snap, cart), Country: country}
	if len(req.Items) != len(goods) {
		return req, ErrInvoiceChanged
	}
	for i, it := range req.Items {
		if o.Claim != "" {
			req.Items[i].Unit = goods[i].Unit // a claim holds at its price
		} else if it.Unit != goods[i].Unit {
			return req, ErrInvoiceChanged
		}
	}
	return req, nil
}

// payable reads an invoice and its order, or says why it cannot be paid.
func (c *Checkout) payable(tx *database.Tx, m commerce.MemberID, payment commerce.PaymentID) (i payments.Invoice, o orders.Order, err error) {
	if i, err = payments.InvoiceOf(tx, payment); err != nil {
		if errors.Is(err, payments.ErrUnknown) {
			err = ErrInvoiceOver
		}
		return i, o, err
	}
	if o, err = orders.Load(tx, "id = $1", i.Order); err != nil {
		return i, o, err
	}
	if m, err = members.Current(tx, m); err != nil {
		return i, o, err
	}
	now := c.Clock.Now()
	switch {
	case o.Member != m:
		return i, o, ErrInvoiceOther
	case o.State == orders.Paid || o.State == orders.Shipped:
		return i, o, ErrInvoicePaid
	case o.State != orders.Pending || !now.Before(o.ExpiresAt) || i.State != payments.StateOpen:
		return i, o, ErrInvoiceOver
	case i.Pinned(now):
		return i, o, pinned(i.PinnedUntil, now)
	}
	return i, o, nil
}

// Approval is a question whether somebody may pay an invoice now.
type Approval struct {
	Question string // the same when it is asked again
	Payment  commerce.PaymentID
	Member   commerce.MemberID
	Total    commerce.Money
	Way      string           // with an invoice that asks
	Address  *members.Address // likewise, as it was typed
	Locale   string
}

// Approve decides whether somebody may pay. Where it returns nil they may, and
// the order is kept for payments.PinTime. It returns the errors of an invoice
// that cannot be paid, and those of members.ParseAddress.
func (c *Checkout) Approve(ctx context.Context, a Approval) error {
	var community commerce.CommunityID
	err := c.DB.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT o.community FROM payments p JOIN orders o ON o.id = p.order_id WHERE p.id = $1`, a.Payment).Scan(&community)
		if errors.Is(err, database.ErrNone) {
			err = nil // said below
		}
		return err
	})
	if err != nil {
		return err
	}
	snap, err := c.Catalog.In(ctx, community)
	if err != nil {
		return err
	}
	var no error
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		no = nil
		now := c.Clock.Now()
		earlier, asked, err := payments.Answered(tx, a.Question)
		if err != nil {
			return err
		}
		if asked {
			if !earlier.Yes || now.Sub(earlier.AskedAt) > payments.AnswerTime {
				no = ErrInvoiceAgain
			}
			return nil
		}
		i, o, err := c.payable(tx, a.Member, a.Payment)
		if err == nil {
			err = c.pin(tx, snap, a, i, o)
		}
		if kind := commerce.KindOf(err); err != nil && kind != commerce.Conflict && kind != commerce.Invalid && kind != commerce.NotFound {
			return err
		}
		if no = err; errors.Is(err, ErrInvoiceOver) && i.ID == "" {
			return nil // nothing of ours to write it down with
		}
		return payments.Answer(tx, payments.Question{ID: a.Question, Payment: a.Payment, AskedAt: now, Yes: err == nil})
	})
	if err != nil {
		return err
	}
	return no
}

// pin makes the order what was agreed to, and keeps it.
func (c *Checkout) pin(tx *database.Tx, snap *catalog.Snapshot, a Approval, i payments.Invoice, o orders.Order) error {
	now := c.Clock.Now()
	if i.Asks {
		chosen, err := c.chosen(snap, a, o)
		if err != nil {
			return err
		}
		if chosen.Total != a.Total {
			return ErrInvoiceChanged
		}
		// An error of the database is not one the member is told: the transaction
		// that lost is run again.
		if ok, err := orders.Amend(tx, chosen, now, "member"); err != nil {
			return err
		} else if !ok {
			return ErrInvoiceOver
		}
	} else if _, err := request(snap, o, o.Address.Country); err != nil {
		return err
	} else if o.Total != a.Total {
		return ErrInvoiceChanged
	}
	kept, err := orders.Keep(tx, o.ID, now.Add(payments.PinTime))
	if err != nil {
		return err
	}
	ok, err := payments.Pin(tx, i.ID, a.Total, now)
	if err != nil {
		return err
	}
	if !ok || !kept { // payable has just seen that it can be: two at once, and the other won
		return commerce.Errorf(commerce.Internal, "invoice.over", "invoice %s changed while it was pinned", i.ID)
	}
	return nil
}

// chosen is the order as the member has chosen it in the chat.
func (c *Checkout) chosen(snap *catalog.Snapshot, a Approval, o orders.Order) (orders.Order, error) {
	if a.Address == nil {
		return o, ErrInvoiceChanged
	}
	address, err := members.ParseAddress(*a.Address, a.Locale)
	if err != nil {
		return o, err
	}
	list, err := c.ways(snap, o, address.Country)
	if err != nil {
		return o, err
	}
	at := slices.IndexFunc(list, func(w Way) bool { return w.ID == a.Way })
	if at < 0 {
		return o, ErrInvoiceChanged
	}
	q := list[at].quote
	o.Address, o.Lines, o.Total, o.Quote = orders.Address(address), orders.Lines(q), q.Total, q.Digest()
	return o, nil
}

// InvoicePaid takes a payment that Telegram tells of. What it says is believed, for
// it came with the bot's secret, and credited once, however often it is told.
func (c *Checkout) InvoicePaid(ctx context.Context, r payments.Receipt) error {
	now, spare := c.Clock.Now(), commerce.PaymentID(c.IDs.ID())
	var order commerce.OrderID
	err := c.taken(ctx, taking{r.Charge, r.Amount, func(tx *database.Tx) (payments.Payment, error) {
		p, err := payments.Credit(tx, r, spare, now)
		if errors.Is(err, payments.ErrUnknown) {
			tx.After(func() { c.Log.Error("a payment of an invoice that is not ours: it needs a person", "receipt", r.ID) })
			return payments.Payment{}, nil
		}
		order = p.Order
		return p, err
	}})
	if err != nil || order == "" {
		return err
	}
	return c.closeOthers(ctx, order)
}

// closeOthers closes what else of an order can still be paid: money that came
// later than the pin can find another way open. What cannot be closed now is
// logged; money that arrives on it goes back.
func (c *Checkout) closeOthers(ctx context.Context, id commerce.OrderID) error {
	o, err := c.orders.Get(ctx, id)
	if err != nil {
		return err
	}
	var attempts []payments.Payment
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		attempts, err = payments.OfOrder(tx, id)
		return err
	}); err != nil {
		return err
	}
	for _, p := range attempts {
		if !p.Live() {
			continue
		}
		if err := c.closePayment(ctx, o, p); err != nil {
			c.Log.Warn("a paid order can still be paid elsewhere", "order", id, "payment", p.ID, "err", err)
		}
	}
	return nil
}

// closeInvoice gives up an invoice, unless it may be paid at this moment.
func (c *Checkout) closeInvoice(ctx context.Context, p payments.Payment) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		now := c.Clock.Now()
		over, err := payments.VoidInvoice(tx, p.ID, now)
		if err != nil || over {
			return err
		}
		i, err := payments.InvoiceOf(tx, p.ID)
		if err != nil {
			return err
		}
		return pinned(i.PinnedUntil, now)
	})
}

// unpinned returns ErrPinned while an order's invoice may be paid.
func (c *Checkout) unpinned(tx *database.Tx, id commerce.OrderID) error {
	now := c.Clock.Now()
	until, err := payments.PinnedUntil(tx, id, now)
	if err != nil || until.IsZero() {
		return err
	}
	return pinned(until, now)
}
