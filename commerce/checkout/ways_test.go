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
	// begin makes ready to pay, and returns how the member then pays: it reports
	// whether money was taken. Errors are only those nobody should meet.
	begin func(w *world, b checkout.Buyer, o orders.Order) (pay func() (taken bool, err error))
}

var ways = []way{
	{payments.KindSession, func(w *world, _ checkout.Buyer, o orders.Order) func() (bool, error) {
		page := w.page(o)
		return func() (bool, error) {
			out, err := w.stripe.Pay(page, visa)
			if errors.Is(err, stripe.ErrClosed) {
				return false, nil
			}
			return err == nil && out.Status == "paid", err
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
