// Package notices keeps what people must be told: written in the transaction
// that causes it, so that nothing is told that did not happen and nothing
// happens untold.
//
// It stores and leases; it neither renders nor sends, that is bots/outbox.
// The arguments of a notice are ids: never an address, an amount or a name.
// Start at Add.
package notices

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// The kinds of notices, with the arguments each has.
const (
	OrderPaid        = "order.paid"        // order
	OrderShipped     = "order.shipped"     // order
	OrderCancelled   = "order.cancelled"   // order, and the refund where there is one
	OrderWithdrawn   = "order.withdrawn"   // the same, cancelled by the member
	OrderRefunded    = "order.refunded"    // order, and the refund where there is one
	OrderLapsed      = "order.lapsed"      // order: the hold is over, nothing was paid
	OrderDeclined    = "order.declined"    // order: a kept card was not taken after its holder was asked to confirm
	OrderLate        = "order.late"        // order: money came too late, it goes back
	StaffOrder       = "staff.order"       // order: a paid order to fulfil
	StaffRefund      = "staff.refund"      // order: its refund did not go through, a person has to give the money back
	StaffDispute     = "staff.dispute"     // order, dispute: the cardholder disputes the payment
	StaffDisputeSoon = "staff.disputesoon" // order, dispute: its time is nearly over
	StaffDisputeWon  = "staff.disputewon"  // order, dispute
	StaffDisputeLost = "staff.disputelost" // order, dispute
	ParcelPacked     = "parcel.packed"     // order, parcel
	ParcelShipped    = "parcel.shipped"    // order, parcel: a part of the order is on its way
	ParcelDelivered  = "parcel.delivered"  // order, parcel
	RefundPart       = "refund.part"       // order, refund: a part of the money went back
	StaffPayout      = "staff.payout"      // order, payout: a transfer to a brand, or its reversal, was refused
	StaffHand        = "staff.hand"        // order: a part was given back on Stripe's pages, and is booked
	ReturnApproved   = "return.approved"   // order, return
	ReturnDenied     = "return.denied"     // order, return
	ReturnArrived    = "return.arrived"    // order, return
	ReturnDone       = "return.done"       // order, return: the money went back, or the exchange is an order
	Granted          = "wallet.granted"    // grant: points or credit were given to the member
	GiftTaken        = "gift.taken"        // order: the gift card it bought was redeemed
	StaffReturn      = "staff.return"      // order, return: a member wants to send something back
	PickPost         = "pick.post"         // pick: a post in a group
	OfferPost        = "offer.post"        // offer: a post in a group
	DropPost         = "drop.post"         // drop: its card in a group
	DropSoon         = "drop.soon"         // drop, before: it opens in that time
	DropList         = "drop.list"         // drop: the list of a draw is fixed, and its hash
	DropSeed         = "drop.seed"         // drop: it is drawn, and the seed
	DropDrawn        = "drop.drawn"        // drop, entry: it is drawn, and the member has no unit
	DropTell         = "drop.tell"         // drop: it is announced, to a member who wants to be told
	DropRecap        = "drop.recap"        // drop: how it went
	DropYours        = "drop.yours"        // drop, entry: a unit came back, and is the member's now
	DropLapsed       = "drop.lapsed"       // drop, entry: the member did not pay in time
	DropLost         = "drop.lost"         // drop, entry: all was sold before it was the member's turn
	DropJoined       = "drop.joined"       // drop, entry: the member joined a group price, nothing is charged yet
	DropReleased     = "drop.released"     // drop, entry: their authorisation is released
	DropOff          = "drop.off"          // drop: it was cancelled
	DropCleared      = "drop.cleared"      // drop, entry: the staff says that what was noticed is fine
	DropTaken        = "drop.taken"        // drop, entry: the staff took the place back
	StaffFlag        = "staff.flag"        // drop, entry, name: a member objects to what was noticed
	DropAmended      = "drop.amended"      // drop; of opens, closes, units, pay those that changed
	WaitKept         = "wait.kept"         // place: it is back, and a unit is kept for the member alone
	WaitMissed       = "wait.missed"       // place: the member did not pay in time
	WaitBack         = "wait.back"         // place: anybody can have it again
	StaffDrop        = "staff.drop"        // name: a drop cannot be announced, not so many units are free
	CreatorApproved  = "creator.approved"  // application: the member is a creator now
	CreatorAdvised   = "creator.advised"   // application: what to do better, before it is sent again
	CreatorEarned    = "creator.earned"    // from: what the member earned in that minute, in microseconds
	EarningDecided   = "earning.decided"   // objection: what was decided about a receipt
	PointsExpire     = "points.expire"     // due: points of the member expire then, in microseconds
	TierReached      = "tier.reached"      // tier: the member has it now
	CreatorWaits     = "creator.waits"     // draft: planned, it waits for another time
	CreatorDigest    = "creator.digest"    // digest: what a week brought to a creator
	CreatorPaid      = "creator.paid"      // payout: it was sent to the creator's account
	CreatorUnpaid    = "creator.unpaid"    // payout: Stripe did not take it, or took it back
	ReviewAsk        = "review.ask"        // parcel: how is what came in it?
	ReviewAnswered   = "review.answered"   // review: the brand has answered
	QuestionAsk      = "question.ask"      // question: about something that the member has
	QuestionAnswered = "question.answered" // question: that the member asked
	ExchangeChosen   = "exchange.chosen"   // bid: a sample is promised to the creator
	ExchangePassed   = "exchange.passed"   // bid: others were chosen
	ExchangeMissed   = "exchange.missed"   // bid: the creator did not say in time where the sample goes
	ExchangeArrived  = "exchange.arrived"  // bid: the review is due from now on
	ExchangeSoon     = "exchange.soon"     // bid: it is due soon
	ExchangeLate     = "exchange.late"     // bid: it was due
	ExchangeRate     = "exchange.rate"     // bid: the creator can rate the brand
	ExchangeRated    = "exchange.rated"    // bid: the brand has rated the creator
	StaffBid         = "staff.bid"         // begins those that tell a brand of a bid
	StaffBids        = "staff.bids"        // bid, brief: the first creator applies
	StaffChoose      = "staff.choose"      // brief: nobody applies any more, some wait
	StaffBidOver     = "staff.bidover"     // bid, brief: who was promised a sample does not take it
	StaffBidReviewed = "staff.bidreviewed" // bid, brief: the review is there
	StaffBidLate     = "staff.bidlate"     // bid, brief: the review was due
	StaffBidRated    = "staff.bidrated"    // bid, brief: the creator has rated the brand
	StaffObjection   = "staff.objection"   // objection: somebody says that the receipt of an earning is wrong
	StaffUnpaid      = "staff.unpaid"      // payout: Stripe refused to pay a creator
	StaffReviews     = "staff.reviews"     // brand, why, and the product unless it is many: complaints cluster, or stars fall
	StaffApplication = "staff.application" // application: somebody wants to become a creator
	ConfigRefused    = "config.refused"    // why: wrong or restart; the last good configuration stays
)

// Notice is one thing to tell, to a member by whatever way reaches them, or to
// one chat of one bot.
type Notice struct {
	ID     commerce.NoticeID
	Kind   string
	Member commerce.MemberID // set, or Bot and Chat are
	Bot    string
	Chat   string
	Thread string
	Args   map[string]string
	Once   string    // the same thing is told once: a second Add with it does nothing
	Due    time.Time // not before
	Tries  int
	Maybe  bool // an earlier try was begun and its end is not known
}

// Quiet is the problem of a notice that waits for the end of its member's own
// quiet hours.
const Quiet = "quiet hours"

// Rank says what goes first where more is due than can be sent at once.
type Rank int

const (
	Personal Rank = iota // somebody waits for it
	Posted               // it stands in a group
	Mass                 // it goes to many at once, and may take its time
)

// Rank is the notice's, by its kind and whom it goes to.
func (n Notice) Rank() Rank {
	switch {
	case n.Member == "":
		return Posted
	case n.Kind == CreatorDigest, n.Kind == DropTell, n.Kind == DropSoon, n.Kind == DropDrawn, n.Kind == DropLost, n.Kind == DropReleased, n.Kind == DropOff, n.Kind == DropAmended, n.Kind == ExchangePassed:
		return Mass
	}
	return Personal
}

// Add writes a notice and reports whether it is new.
func Add(tx *database.Tx, ids commerce.IDSource, now time.Time, n Notice) (bool, error) {
	if n.ID == "" {
		n.ID = commerce.NoticeID(ids.ID())
	}
	if n.Due.IsZero() {
		n.Due = now
	}
	args, err := json.Marshal(n.Args)
	if err != nil {
		return false, err
	}
	rows, err := tx.Exec(`INSERT INTO notices (id, kind, member_id, bot, chat, thread, args, once, state, rank, due_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'due', $9, $10, $11) ON CONFLICT (once) DO NOTHING`,
		n.ID, n.Kind, n.Member, n.Bot, n.Chat, n.Thread, string(args), n.Once, int(n.Rank()), commerce.Micros(n.Due), commerce.Micros(now))
	if err != nil {
		return false, fmt.Errorf("add notice %s: %w", n.Kind, err)
	}
	return rows == 1, nil
}

// Notices reads and leases what Add wrote.
type Notices struct {
	db    *database.DB
	clock commerce.Clock
}

// New makes a Notices on a database.
func New(db *database.DB, clock commerce.Clock) *Notices { return &Notices{db, clock} }

// Unread returns what could not be delivered to the member, oldest first: it
// heads their next screen.
func (s *Notices) Unread(ctx context.Context, m commerce.MemberID) (list []Notice, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(selectNotice+` WHERE member_id = $1 AND state = 'unread' ORDER BY created_at, id LIMIT 10`,
			[]any{m}, collect(&list))
	})
	return list, err
}

// MarkRead records that the member has seen the notices.
func (s *Notices) MarkRead(ctx context.Context, list []Notice) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		for _, n := range list {
			if _, err := tx.Exec(`UPDATE notices SET state = 'read' WHERE id = $1 AND state = 'unread'`, n.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

const selectNotice = `SELECT id, kind, member_id, bot, chat, thread, args, once, due_at, tries, state FROM notices`

func collect(list *[]Notice) func(scan func(dest ...any) error) error {
	return func(scan func(dest ...any) error) error {
		var n Notice
		var args, state string
		var due int64
		if err := scan(&n.ID, &n.Kind, &n.Member, &n.Bot, &n.Chat, &n.Thread, &args, &n.Once, &due, &n.Tries, &state); err != nil {
			return err
		}
		n.Due, n.Maybe = commerce.FromMicros(due), state == "sending"
		if err := json.Unmarshal([]byte(args), &n.Args); err != nil {
			return err
		}
		*list = append(*list, n)
		return nil
	}
}

// Told is something a member was told.
type Told struct {
	Kind string
	At   time.Time
}

// ToldOf lists what a member was told about one thing, named by an argument of
// the notices, the oldest first. What is older than notices are kept is gone.
func ToldOf(ctx context.Context, db *database.DB, m commerce.MemberID, arg, value string) (list []Told, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT kind, args, sent_at FROM notices WHERE member_id = $1 AND state IN ('sent', 'read') AND sent_at > 0 ORDER BY sent_at, id`, []any{m},
			func(scan func(...any) error) error {
				var t Told
				var args string
				var at int64
				if err := scan(&t.Kind, &args, &at); err != nil {
					return err
				}
				var has map[string]string
				if err := json.Unmarshal([]byte(args), &has); err != nil {
					return err
				}
				if t.At = commerce.FromMicros(at); has[arg] == value {
					list = append(list, t)
				}
				return nil
			})
	})
	return list, err
}
