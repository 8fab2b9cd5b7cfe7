// Package staff is the conversation the staff have: which orders are to be
// sent, where to, and what was done about them.
//
// Like bots/shop it takes an Event and returns a Screen, and knows neither a
// platform nor SQL. What it shows holds addresses: it is shown in private
// only, and to those whose role says so. The rules of the roles stand in
// role.go; start at Staff.Handle.
package staff

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/payouts"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

// Orders is where orders are read.
type Orders interface {
	Get(ctx context.Context, id commerce.OrderID) (orders.Order, error)
	OfBrands(ctx context.Context, brands []commerce.BrandID, states []orders.State, cursor string, n int) (commerce.Page[orders.Order], error)
}

// Checkout is what the staff can do with an order. Doing it twice does it once.
type Checkout interface {
	Send(ctx context.Context, actor string, id commerce.OrderID, s checkout.Sending) error
	ShipParcel(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ParcelID, tracking string) error
	Deliver(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ParcelID) error
	CancelPaid(ctx context.Context, actor string, id commerce.OrderID) error
	Refund(ctx context.Context, actor string, id commerce.OrderID) error
	Grant(ctx context.Context, g rewards.Granted) error
	RefundPart(ctx context.Context, actor string, id commerce.OrderID, g checkout.Giving) (payments.Giveback, error)
	ApproveReturn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, money bool) error
	DenyReturn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, why string) error
	ReturnArrived(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, restock map[int64]bool) error
	EndReturn(ctx context.Context, actor string, of []commerce.BrandID, id fulfilment.ReturnID, way payments.Way, parcel bool) error

	Fulfilment(ctx context.Context, o orders.Order) (fulfilment.Fulfilment, error)
	Takings(ctx context.Context, o orders.Order) (payments.Takings, []payments.Giveback, error)
	Parcel(ctx context.Context, id fulfilment.ParcelID) (fulfilment.Parcel, error)
	Return(ctx context.Context, id fulfilment.ReturnID) (fulfilment.Return, error)
	Payouts(ctx context.Context, brands []commerce.BrandID, n int) ([]payouts.Payout, error)
	RetryPayouts(ctx context.Context, b commerce.BrandID) (int, error)
	Disputes(ctx context.Context, n int) ([]payments.Dispute, error)
	DisputeOf(ctx context.Context, o commerce.OrderID) (payments.Dispute, error)
	Evidence(ctx context.Context, d payments.Dispute) (payments.Evidence, error)
	Answer(ctx context.Context, actor, id string) error
	OpenReturns(ctx context.Context, of []commerce.BrandID, n int) ([]fulfilment.Return, error)
	Owing(ctx context.Context) ([]payments.Refund, error)
}

// Words is how the staff is spoken to: texts by id, in the person's language.
type Words interface {
	Say(id string, args ...any) string
	Count(id string, n int64, args ...any) string
	Money(m commerce.Money) string
	Date(t time.Time) string
	Moment(t time.Time) string
	Language() string
}

// Config is what a Staff needs.
type Config struct {
	Orders     Orders
	Checkout   Checkout
	Promotions Promotions // nil where nobody counts offers
	Drops      Drops      // nil where there are none
	// Platform names the platform of a bot, Named what a report names: the chat of
	// a bot, the creator by their id.
	Platform func(bot string) string
	Named    func(ctx context.Context, p drops.Part) string
	Planning Planning // of drops
	Creators Creators // nil where nobody can become one
	Reviews  Reviews  // nil where there are none
	// Exchange is where samples are offered; nil where there are none. Wares finds
	// what can be, of brands, nil for all: by words, or by the id of a variant.
	// Creator returns a creator.
	Exchange Exchange
	Wares    func(ctx context.Context, of []commerce.BrandID, query string, n int) ([]Ware, error)
	Creator  func(ctx context.Context, id commerce.CreatorID) (creators.Creator, error)
	Clock    commerce.Clock
	// Ages is where members ask for another year of birth; nil where nothing has an age.
	Ages     Ages
	Earnings Earnings // nil where nobody earns
	// Moderation is where reports are decided; nil where nothing can be reported.
	Moderation Moderation
	// Member returns who somebody is, Product the title of a product.
	Member  func(ctx context.Context, m commerce.MemberID) (members.Member, error)
	Product func(ctx context.Context, p commerce.ProductID) string
	// Photo returns a photo of a return by its hash; nil for none. It has no
	// address: it is handed over in private.
	Photo func(hash string) ([]byte, error)
	// VideoLink is the address of a video that everybody may see; nil for none.
	VideoLink func(hash string) string
	// Variant names a variant in words; nil for its id.
	Variant func(ctx context.Context, v commerce.VariantID) string
	// Points reports whether points are worth something; nil for no.
	Points func() bool
	// Role returns what a member may see and do now.
	Role func(m commerce.MemberID) Role
	// Papers and Sheets are what is handed over as files; Voice speaks in the
	// locale of an order.
	Papers Papers
	Sheets Sheets
	Voice  func(locale string) Words
}

// Staff is the conversation.
type Staff struct{ Config }

// New makes a Staff.
func New(c Config) *Staff { return &Staff{c} }

// ErrNotStaff is returned to whoever has no role with orders.
var ErrNotStaff = &commerce.Error{Kind: commerce.NotFound, Message: "staff.none"}

// visit is one event being answered.
type visit struct {
	Words
	ctx   context.Context
	ev    bots.Event
	actor string
	role  Role
}

// Handle answers an action that begins with "staff":
//
//	staff                       the orders to be sent
//	staff open <cursor>         more of them
//	staff past [<cursor>]       those that were sent, cancelled or refunded
//	staff order <order>         one order, with its address
//	staff ship <order>          asks for the tracking, then marks all that is left as sent
//	staff part <order> <units> [send|pack]   what of it is sent or packed now
//	staff send <order> <units>  the tracking of these
//	staff parcel <parcel> ship|delivered
//	staff pick                  all that is to be packed, over all orders
//	staff cancel <order> [yes]  asks, then cancels and gives the money back
//	staff offers                how the offers of the brand do
//	staff drops                 how the drops of the brand do
//	staff drop <drop> [pause|resume|cancel [yes]]   one of them
//	staff flag <entry> [fine|take [yes]]   what was noticed about a place in it
//	staff plan new|<plan> …     plans a drop, announces or discards it
//	staff papers <order>        its invoices and credit notes
//	staff paper <paper>         one of them as PDF
//	staff csv, staff picklist   the orders to be sent, as files
//	staff import                asks for a list of shipments, then sends them
//	staff refund <order> [yes]  asks, then gives all that is left back
//	staff give <order> <units>  what of it goes back
//	staff back <order> <units> <way> <seen>      gives items back
//	staff amount <order> [<minor> <way> <seen>]  asks for an amount, gives it back
//	staff owing                 refunds that failed: money a person has to give back
//	staff grant <order> <kind>  asks how much credit, or points, its buyer gets
//	staff payouts               what brands get and got; payagain tries refused ones again
//	staff disputes              payments that their cardholders dispute
//	staff dispute|answer <order>  one of these; sends the evidence
//	staff returns               what members want to send back
//	staff return <return>       one of these
//	staff photo <return>        the same, with its photo
//	staff applications          who wants to become a creator
//	staff application <application> [<photo>]   one of them, and a photo of it
//	staff approveapp <application>   makes a creator of them
//	staff advise <application>   asks what to recommend, and sends it
//	staff reviews [<cursor>]    reviews that wait for an answer
//	staff review <review> [<photo>]   one of them, and a photo of it
//	staff answerreview <review>  asks for the answer, and shows it to everybody
//	staff exchange [<cursor>]   samples that were offered to creators
//	staff brief new|of <variant>|<brief> …   offers samples, closes the offer
//	staff bid <bid> [choose|stars <n>]   who applies for one
//	staff reports               what members report, the worst first
//	staff report <kind> <subject> [<photo>]   one of these
//	staff decide <kind> <subject> <what> [<reason>]   hides, warns, freezes, bans
//	staff fine <kind> <subject>, staff lift <measure>   leaves it, takes it back
//	staff appeals, staff appeal|grantappeal|keepappeal <measure>   what members appeal against
//	staff ages, staff age <member> [yes|no <year>]   who asks for another year of birth
//	staff objections, staff objection <objection> [stands|back|moved [<creator>]]   receipts that are disputed
//	staff approve|deny|arrived|end <return> …    its next step
func (s *Staff) Handle(ctx context.Context, ev bots.Event, who members.Member, w Words) (bots.Screen, error) {
	v := &visit{Words: w, ctx: ctx, ev: ev, actor: "staff:" + string(who.ID), role: s.Role(who.ID)}
	if !v.role.any() {
		return bots.Screen{}, ErrNotStaff
	}
	if !ev.Chat.Private {
		return bots.Screen{Path: "staff", Text: bots.T(v.Say("staff.private"))}, nil
	}
	words := append(ev.Action.Words(), "", "", "", "", "", "")[1:]
	topic, id := words[0], words[1]
	switch topic {
	case "applications", "application", "approveapp", "advise":
		if v.role.moderates() && s.Creators != nil {
			return s.application(v, topic, commerce.ApplicationID(id), words[2])
		}
	}
	if v.role.moderates() && s.Moderation != nil && slices.Contains(moderating, topic) {
		return s.moderation(v, topic, words[1:])
	}
	if !v.role.orders() {
		return s.applications(v, "")
	}
	switch topic {
	case "past":
		return s.list(v, true, id)
	case "offers":
		if s.Promotions != nil {
			return s.offers(v)
		}
	case "drops", "drop":
		if s.Drops != nil && topic == "drops" {
			return s.drops(v)
		} else if s.Drops != nil {
			return s.dropStep(v, id, words[2], words[3])
		}
	case "flag":
		if s.Drops != nil {
			return s.flagStep(v, id, words[2], words[3])
		}
	case "plan":
		if s.Drops != nil {
			return s.planStep(v, id, words[2], words[3])
		}
	case "order", "ship", "cancel", "refund", "part", "send", "give", "back", "amount", "grant":
		return s.one(v, topic, commerce.OrderID(id), words[2:])
	case "parcel":
		return s.parcel(v, id, words[2])
	case "pick":
		return s.picking(v)
	case "payouts":
		return s.payouts(v, "")
	case "payagain":
		return s.payAgain(v)
	case "disputes":
		return s.disputes(v)
	case "dispute":
		return s.dispute(v, commerce.OrderID(id), "")
	case "answer":
		return s.answer(v, commerce.OrderID(id))
	case "returns":
		return s.returns(v)
	case "owing":
		return s.owing(v)
	case "return", "photo", "approve", "deny", "arrived", "end":
		return s.returnStep(v, topic, fulfilment.ReturnID(id), words[2], words[3])
	case "reviews", "review", "answerreview":
		if s.Reviews != nil && topic == "reviews" {
			return s.reviews(v, id, "")
		} else if s.Reviews != nil {
			return s.review(v, topic, commerce.ReviewID(id), words[2])
		}
	case "exchange", "brief", "bid":
		if s.Exchange != nil && topic == "exchange" {
			return s.exchange(v, id, "")
		} else if s.Exchange != nil && topic == "brief" {
			return s.brief(v, id, words[2], words[3])
		} else if s.Exchange != nil {
			return s.bid(v, commerce.BidID(id), words[2], words[3])
		}
	case "objections", "objection":
		if s.Earnings != nil && v.role.All && topic == "objection" {
			return s.objection(v, id, words[2], words[3])
		} else if s.Earnings != nil && v.role.All {
			return s.objections(v, "")
		}
	case "open":
		return s.list(v, false, id)
	case "papers", "paper", "csv", "picklist", "import":
		return s.papers(v, topic, id)
	}
	return s.list(v, false, "") // "staff", and what an older program's button says
}

// moderating are the topics of reports and appeals.
var moderating = []string{"reports", "report", "fine", "decide", "lift", "appeals", "appeal", "grantappeal", "keepappeal", "ages", "age"}

// one answers what is about one order.
func (s *Staff) one(v *visit, topic string, id commerce.OrderID, words []string) (bots.Screen, error) {
	o, err := s.get(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	if !v.role.acts(o) && slices.Contains([]string{"cancel", "refund", "amount"}, topic) {
		return s.show(v, o, v.Say("staff.shared"))
	}
	if topic != "order" && !able(topic, o.State) {
		return s.show(v, o, v.Say("order.state")) // an old button
	}
	switch topic {
	case "part":
		return s.part(v, o, words[0], words[1])
	case "give":
		return s.giving(v, o, words[0])
	case "back":
		return s.back(v, o, words[0], words[1], words[2])
	case "grant":
		return s.grant(v, o, words[0])
	case "amount":
		return s.amount(v, o, words[0], words[1], words[2])
	case "order":
		return s.show(v, o, "")
	case "ship":
		if v.ev.Kind != bots.Fill {
			return s.askTracking(v, o, bots.Path("staff", "ship", string(id)), o.Tracking), nil
		}
		return s.after(v, id, "staff.shipped", s.Checkout.Send(v.ctx, v.actor, id, checkout.Sending{Brands: v.role.brands(), Tracking: tracking(v.ev.Values["tracking"])}))
	case "send":
		if v.ev.Kind != bots.Fill {
			return s.part(v, o, words[0], "send")
		}
		return s.after(v, id, "staff.shipped", s.Checkout.Send(v.ctx, v.actor, id, checkout.Sending{Brands: v.role.brands(),
			Items: fulfilment.ReadUnits(words[0]).Items(), Tracking: tracking(v.ev.Values["tracking"])}))
	}
	if words[0] != "yes" {
		return s.confirm(v, topic, o)
	}
	if topic == "cancel" {
		return s.after(v, id, "staff.cancelled", s.Checkout.CancelPaid(v.ctx, v.actor, id))
	}
	return s.after(v, id, "staff.refunded", s.Checkout.Refund(v.ctx, v.actor, id))
}

// after shows an order after something was done with it, or why it was not.
func (s *Staff) after(v *visit, id commerce.OrderID, notice string, err error) (bots.Screen, error) {
	notice, err = v.told(notice, err)
	if err != nil {
		return bots.Screen{}, err
	}
	o, err := s.get(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.show(v, o, notice)
}

// told is what is said about something done, or that somebody else was faster.
func (v *visit) told(notice string, err error) (string, error) {
	var e *commerce.Error
	switch {
	case err == nil:
		return v.Say(notice), nil
	case errors.Is(err, checkout.ErrState):
		return v.Say("order.state"), nil
	case errors.Is(err, fulfilment.ErrGone):
		return v.Say("fulfilment.gone"), nil
	case errors.Is(err, checkout.ErrTooMuch) && errors.As(err, &e):
		return v.Say("refund.toomuch", "left", e.Args["left"]), nil
	case errors.Is(err, checkout.ErrDisputed):
		return v.Say("refund.disputed"), nil
	case errors.Is(err, stock.ErrSoldOut):
		return v.Say("staff.return.soldout"), nil
	}
	return "", err
}

// get reads an order the person may see.
func (s *Staff) get(v *visit, id commerce.OrderID) (orders.Order, error) {
	o, err := s.Orders.Get(v.ctx, id)
	if err != nil {
		return orders.Order{}, err
	}
	if !v.role.sees(o) {
		return orders.Order{}, orders.ErrNotFound
	}
	return o, nil
}

// able reports whether something can be done with an order in this state.
func able(topic string, state orders.State) bool {
	switch topic {
	case "ship", "refund", "give", "back", "amount", "part", "send":
		return state == orders.Paid || state == orders.Shipped
	case "cancel":
		return state == orders.Paid
	case "grant":
		return true
	}
	return false
}
