// Package checkout is what happens when somebody buys: quote → hold → order →
// payment → paid, or undone.
//
// It alone moves an order's money, units and state, always in one transaction
// with the books and the notices it causes. The rules:
//   - A hold lives exactly as long as somebody can pay for it. At its end the
//     order is closing, and its units are released only after Stripe has said
//     that nothing payable remains.
//   - What Stripe reports is a hint: Settle fetches the session and decides.
//     It may be called at any time, by anybody, any number of times.
//   - Captured money ends in goods or in a refund. Money that came too late is
//     turned into the goods if they are free, else it goes back.
//
// It shows nothing and sends nothing. Start at Place, then Settle and close.
package checkout

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/promotions"
	"github.com/soukchat/souk/commerce/stock"
)

// Stripe is what checkout asks of the payment provider.
type Stripe interface {
	Open(ctx context.Context, c payments.Checkout) (payments.Session, error)
	Find(ctx context.Context, id string) (payments.Session, error)
	Expire(ctx context.Context, id string) (payments.Session, error)
	Refund(ctx context.Context, r payments.Refund) (payments.Refunded, error)
	Refunds(ctx context.Context, intent string) ([]payments.Refunded, error)
	IntentOf(ctx context.Context, object string) (string, error)
	Dispute(ctx context.Context, id string) (payments.Dispute, error)
	Answer(ctx context.Context, id string, e payments.Evidence) (payments.Dispute, error)
	Transfer(ctx context.Context, t payments.Transfer) (payments.Transferred, error)
	Reverse(ctx context.Context, r payments.Reversal) (payments.Transferred, error)

	Prepare(ctx context.Context, c payments.Charge) (payments.Intent, error)
	Confirm(ctx context.Context, id string, c payments.Charge) (payments.Intent, error)
	Intent(ctx context.Context, id string) (payments.Intent, error)
	Cancel(ctx context.Context, id string) (payments.Intent, error)
	Capture(ctx context.Context, id, key string, amount commerce.Money) (payments.Intent, error)
	MakeCustomer(ctx context.Context, key string) (string, error)
	PaidWith(ctx context.Context, intent string) (payments.Card, error)
	Forget(ctx context.Context, object string) error
}

// Config is what a Checkout is connected to.
type Config struct {
	DB      *database.DB
	Clock   commerce.Clock
	IDs     commerce.IDSource
	Catalog *catalog.Catalog
	Members *members.Members
	Stock   *stock.Stock
	Stripe  Stripe
	URL     func() string                  // public address of the program, without a slash at the end
	Rules   func() pricing.Rules           // the brands' shipping and tax as they are now
	Hold    func() time.Duration           // how long goods are kept for who pays
	Points  func() pricing.PointValue      // what points are worth; nil for nothing
	Gifts   func() []commerce.Money        // the gift cards that can be bought; nil for none
	Payee   func(b commerce.BrandID) Payee // how a brand is paid; nil for none is
	Returns func() Policy                  // what the shop says about returns; nil for two weeks
	Log     *slog.Logger

	// Promotions are the codes and offers, nil for none; Taxes is asked where a
	// brand's tax is not in its rates, nil where there is none such.
	Promotions *promotions.Promotions
	Taxes      Taxes

	// Claims stands behind orders that are placed on a claim; nil where there are none.
	Claims Claims

	// Earnings is told of what is bought because somebody recommended it; nil where
	// nobody earns.
	Earnings Earnings

	// Reversed is told that something was taken back of a transfer, which may be
	// none of ours; nil for nobody.
	Reversed func(ctx context.Context, transfer string) error

	// Gates keeps goods from whom or where they may not be sold; nil for none.
	Gates Gates

	// Staff returns who is told about a paid order with goods of the brand. It
	// is called inside a transaction and must not need the database.
	Staff func(brand commerce.BrandID) []commerce.MemberID

	// Delivered is told of a parcel that arrived, inside the transaction; nil for
	// nobody.
	Delivered func(tx *database.Tx, o orders.Order, p fulfilment.Parcel) error

	// SampleBack is told that the order of a sample is taken back, inside the
	// transaction; unsent says that its unit is free again. Nil for nobody.
	SampleBack func(tx *database.Tx, o orders.Order, unsent bool) error
}

// Checkout sells.
type Checkout struct {
	Config
	orders *orders.Orders
	taxes  *cache.Cache[string, commerce.Money]
	events *database.Gather // of Stripe, into the inbox
	wake   chan struct{}
	purses *cache.Cache[commerce.MemberID, payments.Wallet]

	mu    sync.Mutex
	after []func(o orders.Order)

	answeredAt time.Time // when disputes were last looked through
}

// New makes a Checkout.
func New(cfg Config) *Checkout {
	return &Checkout{Config: cfg, orders: orders.New(cfg.DB), taxes: newTaxes(cfg.Clock), events: database.NewGather(cfg.DB), wake: make(chan struct{}, 1),
		purses: cache.New[commerce.MemberID, payments.Wallet](walletsKept, walletTime, cfg.Clock)}
}

// AfterPaid registers what is done once an order is paid and committed; a
// crash may skip it.
func (c *Checkout) AfterPaid(fn func(o orders.Order)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.after = append(c.after, fn)
}

// Gates says what may be sold to whom, and where to.
type Gates interface {
	May(ctx context.Context, m commerce.MemberID, goods []*catalog.Product) error
	To(country string, goods []*catalog.Product) error
	Regional(goods []*catalog.Product) bool // whether it matters where to
}

// Buyer is who buys, and where they stand.
type Buyer struct {
	Member    commerce.MemberID
	Locale    string
	Community string
	Platform  string
	Bot       string
	Once      string // the confirmation they press: pressed again it is the same order
	Direct    bool   // they buy past the cart, which stays as it is
	Claim     string // what was won in a drop, and is bought now
}

// Claims stands behind orders that are placed on units set aside for their
// members. Its methods are called inside the transaction that does what they
// are told of, but for Priced and Steps.
type Claims interface {
	// Priced returns what a unit of a claim costs, and false where that is what
	// it costs anybody.
	Priced(ctx context.Context, claim string) (commerce.Money, bool, error)
	// Steps returns the prices of a unit that may be reached, the highest first;
	// none where it is paid at once, and not authorised to be captured later.
	Steps(ctx context.Context, claim string) ([]commerce.Money, error)
	// Authorised is told that the card of such an order is authorised. It returns
	// until when the order is kept; an error of kind Conflict releases it.
	Authorised(tx *database.Tx, o orders.Order) (until time.Time, err error)
	// Ordered is told of an order that is being placed. It returns the allotment
	// that its units are taken from, and until when it can be paid. An error of
	// kind Conflict says that the claim does not hold any more.
	Ordered(tx *database.Tx, o orders.Order) (allotment string, until time.Time, err error)
	// Sold is told that the order is paid.
	Sold(tx *database.Tx, o orders.Order) error
	// Released is told that the order lapsed, and its units are back.
	Released(tx *database.Tx, o orders.Order) error
	// Late is asked where money came for an order that had lapsed: it returns
	// the allotment that the units can be taken from, "" where none is left.
	Late(tx *database.Tx, o orders.Order) (allotment string, err error)
}

// The conditions a caller branches on.
var (
	// ErrQuoteChanged: the quote is not the one that was agreed to any more.
	ErrQuoteChanged = &commerce.Error{Kind: commerce.Conflict, Message: "checkout.changed"}
	// ErrIncomplete: an address or a shipping choice is missing.
	ErrIncomplete = &commerce.Error{Kind: commerce.Invalid, Message: "checkout.incomplete"}
	// ErrClosing: an earlier order of the member may still be paid; Stripe has
	// not answered yet. In a moment it will have.
	ErrClosing = &commerce.Error{Kind: commerce.Unavailable, Message: "checkout.closing"}
	// ErrJustPaid: an earlier order of the member turned out to be paid.
	ErrJustPaid = &commerce.Error{Kind: commerce.Conflict, Message: "checkout.justpaid"}
	// ErrState: the order is not in a state in which this can be done.
	ErrState = &commerce.Error{Kind: commerce.Conflict, Message: "order.state"}
)

// PayLink returns the address behind which the order can be paid while its
// hold lives, and which shows what became of it afterwards.
func (c *Checkout) PayLink(o orders.Order) string { return c.URL() + "/p/" + o.Token }

// Orders reads orders.
func (c *Checkout) Orders() *orders.Orders { return c.orders }

func (c *Checkout) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}
