// Package exchange brings brands that want their goods reviewed together with
// creators: a brand offers samples with a brief, creators apply with a bid, the
// brand picks, and the sample is sent, reviewed and both sides rated.
//
// The units of a brief are set aside in an allotment (commerce/stock) when it
// opens. A sample is an order that costs nothing (checkout.PlaceSample), so it is
// sent on the same screens as everything else, and nothing of it is in the books.
// What is written about it is an ordinary review or pick: this package only
// notes that it is there. It shows nothing and sends nothing. Start at Open,
// then Apply, Choose and Accept; what the clock does is step.go.
package exchange

// The rules:
//   - a brief promises no more samples than were set aside for it, and one to an
//     application.
//   - who applies has as many followers as the brief asks for, never fewer than
//     the house does, and gets at most so many samples in thirty days.
//   - who was chosen has three days to say where it goes; the unit of who does not,
//     or declines, is the next one's. What was promised is kept though the brand
//     closes the brief.
//   - those who were not chosen are told, once all samples are on their way or the
//     brief is closed.
//   - the review is due so many days after the sample arrived, whatever it says. It
//     says by itself that it was got for free.
//   - each side rates the other once, within a week; neither is shown before both
//     are there or the week is over.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// The times of the rules.
const (
	AcceptWithin = 3 * 24 * time.Hour  // to say where a sample goes
	ChooseWithin = 7 * 24 * time.Hour  // of the last day to apply
	RemindBefore = 2 * 24 * time.Hour  // the review is due
	RateWithin   = 7 * 24 * time.Hour  // of the review, or of the day it was due
	Month        = 30 * 24 * time.Hour // in which samples are counted
)

// House is what the shop asks of the exchange.
type House struct {
	Followers int64 // a creator needs at least
	Month     int64 // samples a creator gets in a Month at most
}

// Asks is what a brand wants of a sample.
type Asks string

const (
	AskAny    Asks = "any"
	AskReview Asks = "review"
	AskPick   Asks = "pick"
)

// BriefState is where a brief stands.
type BriefState string

const (
	Draft  BriefState = "draft"  // only its brand sees it
	Open   BriefState = "open"   // creators apply
	Filled BriefState = "filled" // all samples are on their way
	Closed BriefState = "closed" // by its brand, or because its time was over
)

// Brief is what a brand offers.
type Brief struct {
	ID        commerce.BriefID
	Brand     commerce.BrandID
	Product   commerce.ProductID
	Variant   commerce.VariantID
	Words     string
	Asks      Asks
	Days      int64 // to review it in, from its arrival
	Lasts     int64 // days in which creators can apply
	Followers int64 // at least
	Units     int64
	Taken     int64 // of these, promised or sent
	Waits     int64 // applications that wait
	State     BriefState
	MadeAt    time.Time
	OpenedAt  time.Time
	ClosesAt  time.Time

	counted bool // its units are set aside in stock
}

// Left is how many samples nobody was promised.
func (b Brief) Left() int64 { return b.Units - b.Taken }

// BidState is where an application stands.
type BidState string

const (
	Waits     BidState = "waits"
	Chosen    BidState = "chosen"    // the creator says where it goes, or declines
	Sent      BidState = "sent"      // the order is placed
	Arrived   BidState = "arrived"   // the review is due
	Done      BidState = "done"      // it is there
	Passed    BidState = "passed"    // others were chosen
	Declined  BidState = "declined"  // by the creator, after they were chosen
	Missed    BidState = "missed"    // they did not answer in time
	Off       BidState = "off"       // the order was taken back
	Withdrawn BidState = "withdrawn" // by the creator, before anybody was chosen
)

// Bid is a creator's application.
type Bid struct {
	ID        commerce.BidID
	Brief     commerce.BriefID
	Brand     commerce.BrandID
	Product   commerce.ProductID
	Creator   commerce.CreatorID
	Member    commerce.MemberID // "" where they are erased
	Words     string
	Followers int64 // when they applied
	State     BidState
	Given     bool // a sample is theirs
	At        time.Time
	ChosenAt  time.Time
	Order     commerce.OrderID
	ReviewBy  time.Time
	Late      bool
	DoneAt    time.Time
	RateUntil time.Time
	ShownAt   time.Time // when the ratings were shown

	due      time.Time
	reminded bool
}

// AnswerBy is until when who was chosen says where the sample goes.
func (b Bid) AnswerBy() time.Time { return b.ChosenAt.Add(AcceptWithin) }

// CanRate reports whether the sides can rate one another at a time.
func (b Bid) CanRate(now time.Time) bool {
	return !b.RateUntil.IsZero() && now.Before(b.RateUntil) && b.ShownAt.IsZero()
}

// Errors of the exchange.
var (
	ErrNoBrief   = &commerce.Error{Kind: commerce.NotFound, Message: "exchange.gone"}
	ErrNoBid     = &commerce.Error{Kind: commerce.NotFound, Message: "exchange.nobid"}
	ErrOver      = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.over"}     // creators cannot apply any more
	ErrNone      = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.none"}     // all samples are promised
	ErrDecided   = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.decided"}  // it is not in the state any more
	ErrNoCreator = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.creators"} // only creators apply
	ErrFew       = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.few"}      // "has", "needs", "missing"
	ErrMonth     = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.month"}    // "most", "at": when they can again
	ErrOwn       = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.own"}      // they work for the brand
	ErrReviewed  = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.reviewed"} // they have written the review it asks for
	ErrApplied   = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.applied"}
	ErrNoAddress = &commerce.Error{Kind: commerce.Invalid, Message: "exchange.address"}
	ErrRated     = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.rated"}
	ErrNoRating  = &commerce.Error{Kind: commerce.Conflict, Message: "exchange.norating"} // not yet, or the week is over
)

// Config is what an Exchange is connected to.
type Config struct {
	DB       *database.DB
	Clock    commerce.Clock
	IDs      commerce.IDSource
	Creators *creators.Creators
	Checkout *checkout.Checkout
	House    func() House // as it is now
	// Works returns who works for a brand, Told who hears of its applications;
	// neither must need the database.
	Works func(commerce.BrandID) []commerce.MemberID
	Told  func(commerce.BrandID) []commerce.MemberID
	// Words are those that hold back what one side says of the other, until a
	// moderator of Moderation has looked at it; nil for none.
	Words      func(ctx context.Context, m commerce.MemberID) (moderation.Words, error)
	Moderation *moderation.Moderation
}

// Exchange runs the exchange.
type Exchange struct{ Config }

// New makes an Exchange.
func New(cfg Config) *Exchange { return &Exchange{cfg} }

// Brief returns a brief, also one that is over, or ErrNoBrief.
func (e *Exchange) Brief(ctx context.Context, id commerce.BriefID) (b Brief, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		b, err = brief(tx, `id = $1`, id)
		return err
	})
	return b, err
}

// Bid returns an application, or ErrNoBid.
func (e *Exchange) Bid(ctx context.Context, id commerce.BidID) (b Bid, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		b, err = bid(tx, `id = $1`, id)
		return err
	})
	return b, err
}

// Mine returns a member's application for a brief, or ErrNoBid.
func (e *Exchange) Mine(ctx context.Context, m commerce.MemberID, of commerce.BriefID) (b Bid, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		b, err = bid(tx, `brief_id = $1 AND member_id = $2 AND member_id <> ''`, of, m)
		return err
	})
	return b, err
}
