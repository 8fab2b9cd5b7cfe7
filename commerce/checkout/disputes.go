package checkout

// The rules of disputes:
//   - An event is a hint: how a dispute stands Stripe is asked, as often as one
//     comes. What is over stays over, whatever comes late.
//   - The bank takes the money at once. The books have it as disputed, against
//     the balance at Stripe; won, it comes back, lost, it is a loss, less what
//     brands get of the sale. The fee comes by the statement.
//   - While it is disputed nothing is refunded: the bank has the money, and
//     Stripe would refuse. An inquiry takes nothing: a refund may end it.
//   - Evidence is sent once, by whoever of the staff presses first, else by the
//     clock a day before its time is over. It is made of what we know anyway.

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/payouts"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
)

// The accounts of disputes.
const (
	disputedMoney rewards.Account = "disputed"                 // with a cardholder's bank
	disputeLoss   rewards.Account = "loss:disputes"            // lost there
	cashDisputes  rewards.Account = rewards.Cash + ":disputes" // what the balance at Stripe lacks by it
	remindBefore                  = 3 * 24 * time.Hour         // the staff, of a dispute nobody has answered
	answerBefore                  = 24 * time.Hour             // we answer it ourselves
)

// ErrDisputed is returned where money should go back whose cardholder's bank
// has taken it already.
var ErrDisputed = &commerce.Error{Kind: commerce.Conflict, Message: "refund.disputed"}

// disputed follows an event to a dispute: it is written down as Stripe says it
// is now, booked, and told to the staff.
func (c *Checkout) disputed(ctx context.Context, h payments.Hint) error {
	p, err := c.captured(ctx, h)
	if err != nil || p.ID == "" {
		return err
	}
	d, err := c.Stripe.Dispute(ctx, h.Object)
	if err != nil {
		return err
	}
	d.Payment, d.Order = p.ID, p.Order
	return c.change(ctx, p.Order, func(tx *database.Tx, o orders.Order) error { return c.keepDispute(tx, o, d) })
}

func (c *Checkout) keepDispute(tx *database.Tx, o orders.Order, d payments.Dispute) error {
	now := c.Clock.Now()
	before, err := payments.KeepDispute(tx, d, now)
	if err != nil || before.Over() {
		return err
	}
	if before.ID == "" || before.Inquiry() && !d.Inquiry() {
		tx.After(func() { c.Log.Error("a payment is disputed", "order", o.ID, "dispute", d.ID) })
		if err := c.tellDispute(tx, notices.StaffDispute, o, d); err != nil {
			return err
		}
	}
	if !d.Inquiry() {
		if _, err := rewards.Post(tx, now, moved("dispute:"+d.ID, "dispute", d.Order, disputedMoney, cashDisputes, d.Amount)); err != nil {
			return err
		}
		if err := c.holdPayouts(tx, d.Order); err != nil {
			return err
		}
	}
	switch d.State {
	case payments.DisputeWon:
		if _, err := rewards.Post(tx, now, moved("dispute:won:"+d.ID, "dispute won", d.Order, cashDisputes, disputedMoney, d.Amount)); err != nil {
			return err
		}
		return c.tellDispute(tx, notices.StaffDisputeWon, o, d)
	case payments.DisputeLost:
		if _, err := rewards.Post(tx, now, moved("dispute:lost:"+d.ID, "dispute lost", d.Order, disputeLoss, disputedMoney, d.Amount)); err != nil {
			return err
		}
		p, err := payments.Get(tx, d.Payment)
		if err != nil {
			return err
		}
		all := d.Amount.Amount >= p.Left().Amount
		if err := c.unearned(tx, o, Returned{ID: d.ID, Value: d.Amount, All: all}); err != nil {
			return err
		}
		if err := c.lessen(tx, o, d.ID, payments.Giveback{}, d.Amount, all); err != nil {
			return err
		}
		return c.tellDispute(tx, notices.StaffDisputeLost, o, d)
	}
	return nil
}

// holdPayouts keeps what brands get of an order back as long as one of its
// disputes is open.
func (c *Checkout) holdPayouts(tx *database.Tx, o commerce.OrderID) error {
	list, err := payments.DisputesOf(tx, o)
	if err != nil {
		return err
	}
	open := slices.ContainsFunc(list, func(d payments.Dispute) bool { return !d.Over() && !d.Inquiry() })
	return payouts.Disputed(tx, o, open)
}

func (c *Checkout) tellDispute(tx *database.Tx, kind string, o orders.Order, d payments.Dispute) error {
	about := d.ID
	if d.Inquiry() { // one that becomes a dispute is told again
		about += ":inquiry"
	}
	for _, m := range c.staffOf(o) {
		if err := c.tellOf(tx, kind, o, "dispute", about, m); err != nil {
			return err
		}
	}
	return nil
}

// undisputed returns ErrDisputed where the money of an order is with a
// cardholder's bank, or has been lost to it.
func undisputed(tx *database.Tx, o commerce.OrderID) error {
	list, err := payments.DisputesOf(tx, o)
	for _, d := range list {
		if d.State != payments.DisputeWon && !d.Inquiry() {
			return ErrDisputed
		}
	}
	return err
}

// Disputes lists up to n disputes of all brands: the open ones first, the most
// urgent first.
func (c *Checkout) Disputes(ctx context.Context, n int) (list []payments.Dispute, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = payments.Disputes(tx, n)
		return err
	})
	return list, err
}

// Dispute returns a dispute, or payments.ErrUnknown.
func (c *Checkout) Dispute(ctx context.Context, id string) (d payments.Dispute, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		d, err = payments.OneDispute(tx, id)
		return err
	})
	return d, err
}

// DisputeOf returns the newest dispute of an order, or payments.ErrUnknown.
func (c *Checkout) DisputeOf(ctx context.Context, o commerce.OrderID) (d payments.Dispute, err error) {
	err = c.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := payments.DisputesOf(tx, o)
		if err == nil && len(list) == 0 {
			err = payments.ErrUnknown
		}
		if err == nil {
			d = list[len(list)-1]
		}
		return err
	})
	return d, err
}

// Answer sends the evidence of a dispute, once: whoever comes later gets
// ErrState. After an error it can be sent again. That it was sent is written
// down when Stripe has said so: sending twice does no harm, since Stripe takes
// it once, and not sending does.
func (c *Checkout) Answer(ctx context.Context, actor, id string) error {
	d, err := c.Dispute(ctx, id)
	if err != nil {
		return err
	}
	if !d.Answerable(c.Clock.Now()) {
		return ErrState.With("state", d.State)
	}
	e, err := c.Evidence(ctx, d)
	if err != nil {
		return err
	}
	now, err := c.Stripe.Answer(ctx, id, e)
	if err != nil {
		no := err // it may take none since it has some: how does it stand?
		if payments.Ambiguous(err) {
			return err
		}
		if now, err = c.Stripe.Dispute(ctx, id); err != nil || now.State == d.State {
			return no
		}
	}
	now.Payment, now.Order = d.Payment, d.Order
	first := false
	err = c.change(ctx, d.Order, func(tx *database.Tx, o orders.Order) error {
		if first, err = payments.AnswerDispute(tx, id, actor, c.Clock.Now()); err != nil {
			return err
		}
		return c.keepDispute(tx, o, now)
	})
	if err == nil && !first {
		err = ErrState.With("state", now.State)
	}
	return err
}

// Evidence is what can be said against a dispute: what was ordered, when it was
// agreed to, where it was sent, how it can be followed, and what the member was
// told in the chat, with the times.
func (c *Checkout) Evidence(ctx context.Context, d payments.Dispute) (e payments.Evidence, err error) {
	o, err := c.orders.Get(ctx, d.Order)
	if err != nil {
		return e, err
	}
	f, err := fulfilment.Of(ctx, c.DB, o)
	if err != nil {
		return e, err
	}
	var goods []string
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem {
			goods = append(goods, strings.TrimSpace(fmt.Sprintf("%d × %s %s", l.Quantity, l.Label, l.Detail)))
		}
	}
	e.Product = strings.Join(goods, "\n")
	e.Name = o.Address.Name
	e.Address = strings.Join(members.Address(o.Address).Lines("en"), "\n")
	at := func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
	story := []string{fmt.Sprintf("Order %d was placed and agreed to by the member in their %s chat on %s, and paid on %s.", o.Number, o.Platform, at(o.CreatedAt), at(o.PaidAt))}
	var tracks []string
	for _, p := range f.Parcels {
		if !p.ShippedAt.IsZero() {
			story = append(story, fmt.Sprintf("Parcel %d was sent on %s%s.", p.Number, at(p.ShippedAt), tracked(p.Tracking)))
			if e.ShippedOn == "" {
				e.ShippedOn = p.ShippedAt.UTC().Format(time.DateOnly)
			}
			if p.Tracking != "" {
				tracks = append(tracks, p.Tracking)
			}
		}
		if !p.DeliveredAt.IsZero() {
			story = append(story, fmt.Sprintf("Parcel %d was delivered on %s.", p.Number, at(p.DeliveredAt)))
		}
	}
	e.Tracking = strings.Join(tracks, ", ")
	for _, r := range f.Returns {
		story = append(story, fmt.Sprintf("A return was asked for on %s; it is %s.", at(r.AskedAt), r.State))
	}
	told, err := notices.ToldOf(ctx, c.DB, o.Member, "order", string(o.ID))
	for _, n := range told {
		if said, ok := saidOf[n.Kind]; ok { // not what they were told as staff
			story = append(story, fmt.Sprintf("On %s the member was told in the chat: %s.", at(n.At), said))
		}
	}
	if len(told) == 0 {
		story = append(story, "What was told in the chat is not known any more.")
	}
	days := c.policy().Days
	if fulfilment.InUnion(o.Address.Country) {
		days = max(days, 14)
	}
	e.Policy = fmt.Sprintf("Goods can be returned within %d days; the member sees that, and asks for a return, under the order in the chat.", days)
	e.Story = strings.Join(story, "\n")
	return e, err
}

func tracked(tracking string) string {
	if tracking == "" {
		return ""
	}
	return ", tracking " + tracking
}

// saidOf is what notices say, for a bank to read.
var saidOf = map[string]string{
	notices.OrderPaid: "the order is paid", notices.OrderShipped: "the order is on its way", notices.ParcelPacked: "a parcel is packed",
	notices.ParcelShipped: "a parcel is on its way", notices.ParcelDelivered: "a parcel has been delivered", notices.RefundPart: "a part of the money goes back",
	notices.ReturnApproved: "the return is approved", notices.ReturnDenied: "the return is not approved, and why", notices.ReturnArrived: "the return has arrived",
	notices.ReturnDone: "the return is done",
}

// answers reminds the staff of disputes that nobody has answered, and answers
// them itself a day before it is too late; once a minute is often enough.
func (c *Checkout) answers(ctx context.Context) (int, error) {
	now := c.Clock.Now()
	c.mu.Lock()
	early := now.Sub(c.answeredAt) < longest
	if !early {
		c.answeredAt = now
	}
	c.mu.Unlock()
	if early {
		return 0, nil
	}
	var due []payments.Dispute
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		due, err = payments.Unanswered(tx, now.Add(remindBefore), batch)
		return err
	}); err != nil {
		return 0, err
	}
	for _, d := range due {
		if !d.Answerable(now) {
			continue
		}
		if err := c.change(ctx, d.Order, func(tx *database.Tx, o orders.Order) error { return c.tellDispute(tx, notices.StaffDisputeSoon, o, d) }); err != nil {
			return 0, err
		}
		if d.DueAt.Sub(now) > answerBefore {
			continue
		}
		if err := c.Answer(ctx, "clock", d.ID); err != nil {
			c.Log.Warn("a dispute is not answered yet", "dispute", d.ID, "err", err)
		}
	}
	return 0, nil // they stay in the list until Stripe has answered: not work that goes on at once
}
