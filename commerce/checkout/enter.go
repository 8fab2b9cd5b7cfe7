package checkout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
)

// Entry is what a pay link leads to.
type Entry struct {
	Order    orders.Order
	Redirect string // Stripe's page, while the order can be paid
}

// sessionLife is how long Stripe would take money for a session. It must be at
// least 30 minutes from when Stripe hears of it, so this leaves a repeat of
// the call time; at the end of the hold we close the session ourselves.
const sessionLife = time.Hour

// Enter opens a pay link: it returns where to pay while the hold lives, else
// how the order stands. It makes at most one payable session of an order, in
// however many places the link is opened. It returns orders.ErrNotFound, or
// the errors of Stripe.
func (c *Checkout) Enter(ctx context.Context, token string) (Entry, error) {
	o, err := c.orders.ByToken(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	if o.State != orders.Pending || o.Held() || !c.Clock.Now().Before(o.ExpiresAt) {
		return Entry{Order: o}, nil
	}
	if url, err := c.asked(ctx, o); err != nil || url != "" {
		return Entry{Order: o, Redirect: url}, err
	}
	customer, err := c.customer(ctx, o.Member)
	if err != nil {
		return Entry{Order: o}, err
	}
	p, err := c.begin(ctx, o, payments.Payment{Kind: payments.KindSession, Customer: customer})
	if err != nil || p.ID == "" {
		return Entry{Order: o}, err
	}
	if p.State != payments.StateOpen {
		if p, err = c.open(ctx, o, p); err != nil {
			return Entry{Order: o}, err
		}
	}
	return Entry{Order: o, Redirect: p.URL}, nil
}

// begin is start for one way to pay: a payment begun in another way is closed
// first, so that never two can be paid. The hold stays. Where the other turns
// out to be paid the zero Payment is returned.
func (c *Checkout) begin(ctx context.Context, o orders.Order, want payments.Payment) (payments.Payment, error) {
	for range 3 {
		p, err := c.start(ctx, o, want)
		if err != nil || p.ID == "" || p.Kind == want.Kind && (p.Method == want.Method || p.Kind == payments.KindSession) {
			return p, err
		}
		if err := c.closePayment(ctx, o, p); err != nil {
			return payments.Payment{}, err
		}
	}
	return payments.Payment{}, ErrClosing
}

// start stores that Stripe is about to be asked for money, or returns the
// payment that is open already; none where the order has left pending.
func (c *Checkout) start(ctx context.Context, o orders.Order, want payments.Payment) (p payments.Payment, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		p = payments.Payment{}
		now, err := orders.Load(tx, "id = $1", o.ID)
		if err != nil || now.State != orders.Pending {
			return err
		}
		p, err = payments.Start(tx, payments.Payment{ID: commerce.PaymentID(c.IDs.ID()), Order: o.ID, Kind: want.Kind, Amount: o.Total,
			Customer: want.Customer, Method: want.Method, CreatedAt: c.Clock.Now()})
		return err
	})
	return p, err
}

// open asks Stripe for the session of a payment, with the key stored before:
// asked again, Stripe returns the same session.
func (c *Checkout) open(ctx context.Context, o orders.Order, p payments.Payment) (payments.Payment, error) {
	s, err := c.Stripe.Open(ctx, c.session(o, p))
	if err != nil {
		if !payments.Ambiguous(err) {
			// Stripe did not make it and says so: this attempt is over.
			if _, err := c.void(ctx, p.ID); err != nil {
				return p, err
			}
			if p.Customer != "" && errors.Is(err, payments.ErrUnknown) {
				c.dropCustomer(ctx, o.Member, p.Customer) // deleted by hand: the next try makes another
			}
		}
		return p, err
	}
	opened := false
	err = c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		opened, err = payments.Opened(tx, p.ID, s)
		return err
	})
	if err != nil {
		return p, err
	}
	if !opened { // given up meanwhile: nobody may pay it
		_, err := c.Stripe.Expire(ctx, s.ID)
		return p, err
	}
	p.State, p.Session, p.URL = payments.StateOpen, s.ID, s.URL
	return p, nil
}

// session is built from what is stored alone, so that a repeat is the same.
func (c *Checkout) session(o orders.Order, p payments.Payment) payments.Checkout {
	link := c.PayLink(o)
	s := payments.Checkout{Order: o.ID, Number: o.Number, Payment: p.ID, Key: p.Key, Total: o.Total,
		Success: link + "/done", Cancel: link + "/back", Expires: p.CreatedAt.Add(sessionLife), Locale: o.Locale, Customer: p.Customer, Later: o.Later()}
	s.Lines = due(o)
	return s
}

// due writes what of an order is due by card, as its lines with what came off
// them; in one line where part of it is paid some other way: Stripe's page has
// no lines below zero.
func due(o orders.Order) (list []payments.Line) {
	for _, l := range o.Lines {
		if l.Kind.Tender() && !l.Amount.IsZero() {
			return []payments.Line{{Name: fmt.Sprintf("Order %d", o.Number), Amount: o.Total}}
		}
		amount := l.Amount
		amount.Amount -= l.Discount.Amount
		if amount.Amount <= 0 && l.Kind != pricing.KindItem {
			continue // a discount, whose shares are in the others, or what costs nothing
		}
		detail := l.Detail
		if l.Kind == pricing.KindShipping {
			detail = "" // bare numbers of days, which only the chat has the words for
		}
		list = append(list, payments.Line{Name: l.Label, Detail: detail, Amount: amount, Quantity: l.Quantity})
	}
	return list
}

func (c *Checkout) void(ctx context.Context, id commerce.PaymentID) (ok bool, err error) {
	err = c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		ok, err = payments.Void(tx, id)
		return err
	})
	return ok, err
}
