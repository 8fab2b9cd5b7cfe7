package app

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/soukchat/souk/bots/staff"
	"github.com/soukchat/souk/cmd/souk/orderlist"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/orders"
)

// sheets is what spreadsheets read and write, for the staff in the chat: the
// same as `souk orders` does.
type sheets struct{ *App }

func (a sheets) Orders(ctx context.Context, list []orders.Order, brands []commerce.BrandID) ([]byte, error) {
	return a.write(ctx, list, brands, orderlist.CSV)
}

func (a sheets) PickList(ctx context.Context, list []orders.Order, brands []commerce.BrandID) ([]byte, error) {
	return a.write(ctx, list, brands, orderlist.PickList)
}

func (a sheets) write(ctx context.Context, list []orders.Order, brands []commerce.BrandID, with func(io.Writer, []orderlist.Sale, ...commerce.BrandID) error) ([]byte, error) {
	sales, err := orderlist.Gather(ctx, a.DB, list)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = with(&b, sales, brands...)
	return b.Bytes(), err
}

// Ship marks as sent what a pasted list names.
func (a sheets) Ship(ctx context.Context, actor string, brands []commerce.BrandID, text string) (list []staff.Shipped, err error) {
	rows, err := orderlist.ReadShipments(strings.NewReader(text))
	if err != nil {
		return nil, commerce.Errorf(commerce.Invalid, "import.unread", "a list of shipments: %w", err)
	}
	im := orderlist.Import{Desk: orderlist.NewDesk(a.Checkout), Actor: actor, Brands: brands}
	for _, d := range im.Run(ctx, rows) {
		list = append(list, staff.Shipped{Line: d.Line, Order: d.Order, Outcome: string(d.Outcome), Problem: d.Outcome.Problem()})
	}
	return list, nil
}
