package app

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/reviews"
)

// openReviews connects reviews with what arrives, and with who works for whom.
func (a *App) openReviews() {
	a.Reviews = reviews.New(reviews.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Staff: a.brandStaff, Told: a.staffOf, Expose: a.Media.Expose, Forget: a.forgetPhoto})
	a.Checkout.Delivered = func(tx *database.Tx, o orders.Order, p fulfilment.Parcel) error {
		arrival := reviews.Arrival{Member: o.Member, Order: o.ID, Parcel: string(p.ID), Brand: p.Brand, Sample: checkout.SampleOf(o) != ""}
		for _, it := range p.Items {
			arrival.Products = append(arrival.Products, o.Lines[it.Position].Product)
		}
		if err := a.Reviews.Received(tx, arrival); err != nil {
			return err
		}
		return a.Exchange.Arrived(tx, o)
	}
}

// brandStaff returns who works for a brand: admins do not, they are the shop's.
func (a *App) brandStaff(b commerce.BrandID) (list []commerce.MemberID) {
	for _, s := range a.derived.Load().staff {
		if s.role == "brand" && s.brand == b {
			list = append(list, s.member)
		}
	}
	return list
}

// peopleOfReviews connects what of reviews belongs to a person.
func (a *App) peopleOfReviews() {
	a.Members.OnLink(a.Reviews.Link)
	a.Members.OnErase(a.Reviews.Erase)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Reviews.Export(ctx, m, a.Media.Photo)
		return "reviews", list, err
	})
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		list, err := a.Reviews.ExportQuestions(ctx, m)
		return "questions", list, err
	})
}
