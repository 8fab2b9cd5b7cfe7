package checkout_test

import (
	"encoding/json"
	"errors"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

// way is a kind of payment, as the tests of faults use each of them.
type way struct {
	kind payments.Kind
	// begin makes ready to pay, and returns how the member then pays.
	begin func(w *world, b checkout.Buyer, o orders.Order) (pay func() (took, error))
}

// took is what came of paying.
type took struct {
	money bool
	tell  func() error // has the shop hear of it, where that is not Stripe's to do
}

var ways = []way{
	{payments.KindSession, func(w *world, _ checkout.Buyer, o orders.Order) func() (took, error) {
		page := w.page(o)
		return func() (took, error) {
			out, err := w.stripe.Pay(page, visa)
			if errors.Is(err, stripe.ErrClosed) {
				return took{}, nil
			}
			return took{money: err == nil && out.Status == "paid"}, err
		}
	}},
	{payments.KindInvoice, func(w *world, b checkout.Buyer, o orders.Order) func() (took, error) {
		tg := w.invoice(b, o)
		return func() (took, error) {
			if err := tg.approve(); commerce.KindOf(err) == commerce.Conflict {
				return took{}, nil // it is over: nothing is taken
			} else if err != nil {
				return took{}, err
			}
			r := tg.receipt()
			return took{true, func() error { return w.shop.InvoicePaid(w.ctx, r) }}, nil
		}
	}},
}

// eventsByOrder are Stripe's events since the given number of them, by the
// order they speak of.
func (w *world) eventsByOrder(since int) map[commerce.OrderID][]payments.Event {
	w.Helper()
	all := map[commerce.OrderID][]payments.Event{}
	for _, e := range w.stripe.Events()[since:] {
		var object struct {
			ID       string            `json:"id"`
			Order    string            `json:"client_reference_id"`
			Metadata map[string]string `json:"metadata"`
		}
		w.must(json.Unmarshal(e.Data.Object, &object))
		if object.Order == "" {
			object.Order = object.Metadata["order"]
		}
		id := commerce.OrderID(object.Order)
		all[id] = append(all[id], payments.Event{ID: e.ID, Type: e.Type, Object: object.ID})
	}
	return all
}
