package shop

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
)

// RenderNotice makes the message of a notice, in the member's language, or in
// the shop's for a chat. An empty screen says that there is nothing to tell
// any more.
func (s *Shop) RenderNotice(ctx context.Context, n notices.Notice) (bots.Screen, error) {
	set := s.now.Load()
	v := &visit{Words: set.texts.words(""), ctx: ctx, set: set, scope: set.scope(n.Bot, n.Chat)}
	v.ev.Bot, v.ev.Chat.ID = n.Bot, n.Chat
	if n.Member != "" {
		m, err := s.Members.Get(ctx, n.Member)
		if commerce.KindOf(err) == commerce.NotFound {
			return bots.Screen{}, nil // they are gone
		}
		if err != nil {
			return bots.Screen{}, err
		}
		v.member, v.Words = m, set.texts.words(m.Locale)
		if err := s.aged(v); err != nil {
			return bots.Screen{}, err
		}
		private := *v.scope
		private.free = true
		v.scope = &private
	}
	screen, err := s.notice(v, n)
	if commerce.KindOf(err) == commerce.NotFound && err != nil {
		return bots.Screen{}, nil
	}
	return clean(screen), err
}

func (s *Shop) notice(v *visit, n notices.Notice) (bots.Screen, error) {
	if n.Kind == notices.PickPost {
		o, err := s.offerOf(v, n.Args["pick"])
		if (errors.Is(err, creators.ErrUnknownPick) || errors.Is(err, errElsewhere)) && n.Args["edit"] != "" {
			return s.withdrawnPost(v, n.Args["pick"])
		}
		if err != nil {
			return bots.Screen{}, err
		}
		return s.pickPost(v, o), nil
	}
	if n.Kind == notices.CreatorApproved || n.Kind == notices.CreatorAdvised {
		return s.toldApplication(v, n.Args["application"], n.Kind == notices.CreatorApproved)
	}
	if n.Kind == notices.CreatorEarned {
		return s.toldEarned(v, n)
	}
	if n.Kind == notices.StaffObjection {
		return s.staffObjection(v, n.Args["objection"])
	}
	if n.Kind == notices.StaffUnpaid {
		return s.staffUnpaid(v, n.Args["payout"])
	}
	if n.Kind == notices.EarningDecided {
		return s.toldDecided(v, n)
	}
	if n.Kind == notices.CreatorWaits {
		return s.toldWaits(v, n.Args["draft"])
	}
	if n.Kind == notices.CreatorDigest {
		return s.toldDigest(v, n.Args["digest"])
	}
	if n.Kind == notices.CreatorPaid || n.Kind == notices.CreatorUnpaid {
		return s.toldPayout(v, n)
	}
	if n.Kind == notices.StaffApplication {
		return v.staffApplication(n.Args["application"]), nil
	}
	if n.Kind == notices.StaffReviews {
		return s.staffReviews(v, n)
	}
	if strings.HasPrefix(n.Kind, "exchange.") || strings.HasPrefix(n.Kind, notices.StaffBid) || n.Kind == notices.StaffChoose {
		return s.exchangeNotice(v, n)
	}
	if n.Kind == notices.QuestionAsk || n.Kind == notices.QuestionAnswered {
		return s.questionNotice(v, n)
	}
	if n.Kind == notices.ReviewAsk || n.Kind == notices.ReviewAnswered {
		return s.reviewNotice(v, n)
	}
	if strings.HasPrefix(n.Kind, "moderation.") || n.Kind == notices.StaffReport || n.Kind == notices.StaffAppeal {
		return s.moderationNotice(v, n)
	}
	if n.Kind == notices.StaffAge || n.Kind == notices.AgeDecided {
		return s.ageNotice(v, n)
	}
	if n.Kind == notices.OfferPost {
		return s.offerPost(v, n.Args["offer"])
	}
	if n.Kind == notices.StaffFlag {
		return v.staffFlag(n), nil
	}
	if strings.HasPrefix(n.Kind, "drop.") || n.Kind == notices.StaffDrop {
		return s.dropNotice(v, n)
	}
	if strings.HasPrefix(n.Kind, "wait.") {
		return s.waitNotice(v, n)
	}
	if n.Kind == notices.ConfigRefused {
		return v.configRefused(n.Args["why"]), nil
	}
	if n.Kind == notices.PointsExpire {
		return s.toldExpiry(v, n)
	}
	if n.Kind == notices.TierReached {
		return s.toldTier(v, n)
	}
	if n.Kind == notices.Granted {
		return s.grantNotice(v, n.Args["grant"])
	}
	o, err := s.Orders.Get(v.ctx, commerce.OrderID(n.Args["order"]))
	if err != nil {
		return bots.Screen{}, err
	}
	switch n.Kind {
	case notices.StaffOrder:
		return s.staffOrder(v, n.Member, o), nil
	case notices.StaffDispute, notices.StaffDisputeSoon, notices.StaffDisputeWon, notices.StaffDisputeLost:
		return v.staffDispute(n.Kind, n.Args["dispute"], o), nil
	case notices.StaffRefund, notices.StaffHand, notices.StaffPayout:
		return v.staffMoney(n.Kind, o), nil
	}
	if n.Kind == notices.StaffReturn {
		return v.staffReturn(n.Args["return"], o), nil
	}
	return s.orderNotice(v, n, o)
}

func (s *Shop) orderNotice(v *visit, n notices.Notice, o orders.Order) (screen bots.Screen, err error) {
	number := strconv.FormatInt(o.Number, 10)
	var text bots.Text
	open := v.button("button.order", "order", string(o.ID))
	switch n.Kind {
	case notices.OrderPaid:
		next := "told.paidnext"
		if checkout.IsGift(o) {
			next, open = "told.giftnext", v.primary("button.giftopen", "gift", string(o.ID))
		}
		text = bots.Text{bold(v.Say("told.paid", "Number", number))}.Line(regular(v.Say(next)))
		text = v.orderLines(text.Line(), o)
	case notices.OrderShipped:
		text = bots.Text{bold(v.Say("told.shipped", "Number", number))}
		if o.Tracking != "" {
			text = text.Line(regular(v.Say("order.tracking")+" "), code(bots.Clip(o.Tracking, 150)))
		}
	case notices.OrderCancelled, notices.OrderWithdrawn, notices.OrderRefunded, notices.RefundPart:
		what := map[string]string{notices.OrderCancelled: "told.cancelled", notices.OrderWithdrawn: "told.withdrawn",
			notices.OrderRefunded: "told.refunded", notices.RefundPart: "told.refundpart"}[n.Kind]
		text, err = s.moneyBack(v, bots.Text{bold(v.Say(what, "Number", number))}, n.Args["refund"], o)
	case notices.ReturnApproved, notices.ReturnDenied, notices.ReturnArrived, notices.ReturnDone:
		text, err = s.returnNotice(v, n.Kind, n.Args["return"], o)
	case notices.ParcelPacked, notices.ParcelShipped, notices.ParcelDelivered:
		text, err = s.parcelNotice(v, n.Kind, n.Args["parcel"], o)
	case notices.GiftTaken:
		text = bots.Text{bold(v.Say("told.gifttaken", "Amount", o.Total))}.Line(regular(v.Say("told.gifttakennext")))
	case notices.OrderDeclined:
		text = bots.Text{bold(v.Say("told.declined", "Number", number))}.Line(regular(v.Say("buy.declinednext")))
	case notices.OrderLate:
		what := "told.late"
		if o.Later() {
			what = "told.early"
		}
		text = bots.Text{bold(v.Say(what, "Number", number))}.Line(regular(v.Say("told.moneyback", "Total", o.Total)))
	case notices.OrderLapsed:
		text = bots.Text{bold(v.Say("told.lapsed", "Number", number))}.Line(regular(v.Say("told.lapsednext")))
		return bots.Screen{Path: "cart", Text: text, Rows: [][]bots.Button{{keeping(v.primary("button.tocart", "cart"))}}}, nil
	default:
		return bots.Screen{}, errors.New("no such notice: " + n.Kind)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{
		Path: bots.Path("order", string(o.ID)), Text: text,
		Rows: [][]bots.Button{{keeping(open), keeping(v.button("button.feed", "feed"))}},
	}, nil
}

// staffOrder tells a brand's staff that there is something to send, and how much
// of it is theirs. Who it is for, and where, they see when they open it. Who is
// no staff any more is told nothing.
func (s *Shop) staffOrder(v *visit, m commerce.MemberID, o orders.Order) bots.Screen {
	var n int64
	for _, l := range o.Lines {
		if l.Kind == pricing.KindItem && (s.Checkout.Staff == nil || slices.Contains(s.Checkout.Staff(l.Brand), m)) {
			n += l.Quantity
		}
	}
	if n == 0 {
		return bots.Screen{}
	}
	say := v.Count("told.staffitems", n)
	if checkout.SampleOf(o) != "" {
		say = v.Say("told.staffsample")
	}
	return bots.Screen{
		Path: bots.Path("staff", "order", string(o.ID)),
		Text: bots.Text{bold(v.Say("told.staff", "Number", strconv.FormatInt(o.Number, 10)))}.Line(regular(say)),
		Rows: [][]bots.Button{{keeping(v.primary("button.order", "staff", "order", string(o.ID)))}},
	}
}

// configRefused tells an admin that a changed configuration is not used.
func (v *visit) configRefused(why string) bots.Screen {
	what, next := "told.config", "told.confignext"
	if why == "restart" {
		what, next = "told.restart", "told.restartnext"
	}
	return bots.Screen{Path: "staff", Text: bots.Text{bold(v.Say(what))}.Line(regular(v.Say(next)))}
}

// staffMoney tells the staff of money that needs a person. How much it is, they
// see where they may see it.
func (v *visit) staffMoney(kind string, o orders.Order) bots.Screen {
	what, next := "told.refundfailed", "told.refundfailednext"
	switch kind {
	case notices.StaffPayout:
		what, next = "told.payout", "told.payoutnext"
	case notices.StaffHand:
		what, next = "told.hand", "told.handnext"
	}
	return bots.Screen{
		Path: bots.Path("staff", "order", string(o.ID)),
		Text: bots.Text{bold(v.Say(what, "Number", strconv.FormatInt(o.Number, 10)))}.Line(regular(v.Say(next))),
		Rows: [][]bots.Button{{keeping(v.primary("button.order", "staff", "order", string(o.ID)))}},
	}
}

// keeping leaves a message standing when its button is pressed.
func keeping(b bots.Button) bots.Button {
	b.Keep = true
	return b
}

// errWaiting says that notices wait: such an answer is not remembered.
var errWaiting = errors.New("notices wait")

// tell heads a private screen with what could not be delivered, and reports
// whether it did.
func (s *Shop) tell(v *visit, screen bots.Screen) (bots.Screen, bool) {
	if !v.alone() || screen.Public || v.member.ID == "" || v.member.New || screen.Form != nil || screen.File != nil || screen.Empty() {
		return screen, false
	}
	var list []notices.Notice
	_, err := s.told.Load(v.member.ID, func() (bool, error) {
		var err error
		if list, err = s.Notices.Unread(v.ctx, v.member.ID); err == nil && len(list) > 0 {
			err = errWaiting
		}
		return true, err
	})
	if err != errWaiting {
		if err != nil {
			s.Log.WarnContext(v.ctx, "unread notices were not read", "error", err)
		}
		return screen, false
	}
	var head bots.Text
	seen := list[:0:0]
	for _, n := range list {
		shown, err := s.RenderNotice(v.ctx, n)
		if err != nil {
			continue // it waits for the next screen
		}
		if len(shown.Text) > 0 && len(head) > 0 && head.Len()+shown.Text.Len() > bots.MaxText/2 {
			break
		}
		seen = append(seen, n)
		if len(shown.Text) > 0 {
			head = append(append(head, shown.Text...), regular("\n\n"))
		}
	}
	if len(seen) == 0 {
		return screen, false
	}
	if err := s.Notices.MarkRead(v.ctx, seen); err != nil {
		s.Log.WarnContext(v.ctx, "notices shown were not marked as read", "error", err)
	}
	if screen.Picture != nil && head.Len()+screen.Text.Len() > bots.MaxCaption {
		screen.Picture = nil
	}
	screen.Text = clipText(append(head, screen.Text...), bots.MaxText)
	return screen, true
}

// staffDispute tells the staff of a dispute, and how it ended.
func (v *visit) staffDispute(kind, id string, o orders.Order) bots.Screen {
	what, next := "told.disputed", "told.disputednext"
	switch kind {
	case notices.StaffDisputeSoon:
		what, next = "told.disputesoon", "told.disputesoonnext"
	case notices.StaffDisputeWon:
		what, next = "told.disputewon", "told.disputewonnext"
	case notices.StaffDisputeLost:
		what, next = "told.disputelost", "told.disputelostnext"
	}
	path := []string{"staff", "dispute", string(o.ID)}
	if id == "" { // one of before disputes were kept
		path[1] = "order"
	}
	return bots.Screen{
		Path: bots.Path(path...),
		Text: bots.Text{bold(v.Say(what, "Number", strconv.FormatInt(o.Number, 10)))}.Line(regular(v.Say(next))),
		Rows: [][]bots.Button{{keeping(v.primary("staff.button.dispute", path...))}},
	}
}
