package orderlist

// This file sends what a list of shipments names. The rules:
//   - Every row has an outcome, by its line. One that cannot be done leaves all
//     others as they are.
//   - A parcel is sent once, however often and by however many the file is
//     imported: checkout looks for one with the same tracking in the
//     transaction that sends it. What was sent is never changed by an import.

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// Outcome is what became of a row: the end of a text's id, import.sent.
type Outcome string

// What becomes of rows. Those after Untracked are problems.
const (
	Sent      Outcome = "sent"
	Would     Outcome = "would"     // a dry run: it would be sent
	Already   Outcome = "already"   // it was sent before, with this tracking
	Untracked Outcome = "untracked" // the row has no tracking: left alone

	NoNumber    Outcome = "nonumber" // what stands there is no order's number
	Rounded     Outcome = "rounded"  // the tracking was shortened by a spreadsheet
	TooLong     Outcome = "toolong"  // the tracking is too long
	BadQuantity Outcome = "quantity" // what stands there is no quantity
	NoOrder     Outcome = "noorder"  // there is no such order, or not for the asker
	NotOpen     Outcome = "notopen"  // it is not paid, or cancelled, or all of it was sent otherwise
	NoItem      Outcome = "noitem"   // the order has no such SKU
	Gone        Outcome = "gone"     // not as many are left to send
	Failed      Outcome = "failed"   // a fault of ours: again later
)

// Problem reports whether a row needs somebody to look at it.
func (o Outcome) Problem() bool {
	return !slices.Contains([]Outcome{Sent, Would, Already, Untracked}, o)
}

// Done is a row with what became of it.
type Done struct {
	Row
	Outcome Outcome
}

// Desk is where orders are read and sent.
type Desk interface {
	ByNumber(ctx context.Context, number int64) (orders.Order, error)
	Fulfilment(ctx context.Context, o orders.Order) (fulfilment.Fulfilment, error)
	Send(ctx context.Context, actor string, id commerce.OrderID, s checkout.Sending) error
}

// Import is who imports, and what they may.
type Import struct {
	Desk   Desk
	Actor  string
	Brands []commerce.BrandID // whose goods they send; nil for all
	Dry    bool               // only say what would be done

	taken map[commerce.OrderID]map[int64]int64 // in a dry run: units of lines that earlier rows would send
}

// Run sends what the rows name, in their order, and returns each with its
// outcome.
func (im Import) Run(ctx context.Context, rows []Row) []Done {
	im.taken = map[commerce.OrderID]map[int64]int64{}
	done := make([]Done, len(rows))
	parcels, first := map[[2]string][]int{}, [][2]string{}
	for i, r := range rows {
		done[i] = Done{Row: r, Outcome: r.Problem}
		if r.Problem != "" {
			continue
		}
		n, _ := strconv.ParseInt(r.Order, 10, 64)
		key := [2]string{strconv.FormatInt(n, 10), r.Tracking}
		if parcels[key] == nil {
			first = append(first, key)
		}
		parcels[key] = append(parcels[key], i)
	}
	for _, key := range first {
		im.parcel(ctx, key[0], done, parcels[key])
	}
	return done
}

// parcel sends one: the rows at the places are all of it.
func (im Import) parcel(ctx context.Context, number string, done []Done, places []int) {
	all := func(o Outcome) {
		for _, i := range places {
			if done[i].Outcome == "" {
				done[i].Outcome = o
			}
		}
	}
	n, _ := strconv.ParseInt(number, 10, 64)
	o, err := im.Desk.ByNumber(ctx, n)
	switch {
	case errors.Is(err, orders.ErrNotFound), err == nil && !im.sees(o):
		all(NoOrder)
		return
	case err != nil:
		all(Failed)
		return
	case o.State != orders.Paid && o.State != orders.Shipped:
		all(NotOpen)
		return
	}
	f, err := im.Desk.Fulfilment(ctx, o)
	if err != nil {
		all(Failed)
		return
	}
	f.Lines = maps.Clone(f.Lines)
	for i, n := range im.taken[o.ID] {
		l := f.Lines[i]
		l.Packed, l.Shipped = l.Packed+n, l.Shipped+n
		f.Lines[i] = l
	}
	s := checkout.Sending{Brands: im.Brands, Tracking: done[places[0]].Tracking, Once: true}
	whole := false
	left := map[int64]int64{}
	for i, l := range f.Lines {
		left[i] = l.ToPack()
	}
	for _, i := range places {
		if done[i].SKU == "" {
			whole = true // one row without SKU: all that is left goes into it
			continue
		}
		items, outcome := im.items(o, done[i].Row, left)
		if outcome != "" {
			done[i].Outcome = outcome
			continue
		}
		s.Items = append(s.Items, items...)
	}
	switch {
	case whole:
		s.Items = nil
	case len(s.Items) == 0:
		return // each of its rows has a problem
	}
	if outcome := im.before(o, f, s); outcome != "" {
		all(outcome)
		return
	}
	if im.Dry {
		im.take(o, f, s)
		all(Would)
		return
	}
	switch err := im.Desk.Send(ctx, im.Actor, o.ID, s); {
	case err == nil:
		all(Sent)
	case errors.Is(err, checkout.ErrSentBefore):
		all(Already)
	case errors.Is(err, fulfilment.ErrGone):
		all(Gone)
	case errors.Is(err, checkout.ErrState):
		all(NotOpen)
	default:
		all(Failed)
	}
}

// take notes what a parcel would hold.
func (im Import) take(o orders.Order, f fulfilment.Fulfilment, s checkout.Sending) {
	if im.taken[o.ID] == nil {
		im.taken[o.ID] = map[int64]int64{}
	}
	for _, it := range s.Items {
		im.taken[o.ID][it.Position] += it.Quantity
	}
	if s.Items == nil {
		for i, l := range f.Lines {
			if im.owns(o.Lines[i].Brand) {
				im.taken[o.ID][i] += l.ToPack()
			}
		}
	}
}

func (im Import) sees(o orders.Order) bool {
	return !o.PaidAt.IsZero() && slices.ContainsFunc(o.Lines, func(l orders.Line) bool { return l.Kind == pricing.KindItem && im.owns(l.Brand) })
}

func (im Import) owns(b commerce.BrandID) bool {
	return im.Brands == nil || slices.Contains(im.Brands, b)
}

// items finds a row's units among what is left of the lines with its SKU.
// Where nothing is left the units bought are named, so that a parcel sent
// before is known again.
func (im Import) items(o orders.Order, r Row, left map[int64]int64) (items []fulfilment.Item, problem Outcome) {
	want, found := r.Quantity, false
	for i, l := range o.Lines {
		if l.Kind != pricing.KindItem || l.SKU != r.SKU || !im.owns(l.Brand) {
			continue
		}
		found = true
		n := left[int64(i)]
		if r.Quantity > 0 {
			n = min(want, l.Quantity)
		} else if n == 0 {
			n = l.Quantity
		}
		if n > 0 {
			items = append(items, fulfilment.Item{Position: int64(i), Quantity: n})
			left[int64(i)] -= min(n, left[int64(i)])
			want -= n
		}
	}
	switch {
	case !found:
		return nil, NoItem
	case r.Quantity > 0 && want > 0:
		return nil, Gone
	}
	return items, ""
}

// before says what would become of a parcel, "" where it can be sent: what
// Send finds out again in its transaction.
func (im Import) before(o orders.Order, f fulfilment.Fulfilment, s checkout.Sending) Outcome {
	if checkout.SentBefore(f.Parcels, s) {
		return Already
	}
	if s.Items == nil {
		for i, l := range f.Lines {
			if o.Lines[i].Kind == pricing.KindItem && im.owns(o.Lines[i].Brand) && l.Bought-l.Dropped > l.Shipped {
				return ""
			}
		}
		return NotOpen
	}
	sum := map[int64]int64{}
	for _, it := range s.Items {
		if sum[it.Position] += it.Quantity; sum[it.Position] > f.Lines[it.Position].ToPack() {
			return Gone
		}
	}
	return ""
}

// NewDesk makes a Desk of a checkout.
func NewDesk(c *checkout.Checkout) Desk { return desk{c} }

type desk struct{ *checkout.Checkout }

func (d desk) ByNumber(ctx context.Context, n int64) (orders.Order, error) {
	return d.Orders().ByNumber(ctx, n)
}
