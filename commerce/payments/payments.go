// Package payments takes the shop's money through Stripe and writes down what
// became of it.
//
// Three things live here. The client (Stripe: Open, Find, Expire, Refund) is
// the only user of stripe-go and turns its errors into the shop's. Verify
// decides whether a webhook really is Stripe's. The functions that take a
// *database.Tx keep the tables payments, refunds and stripe_inbox. It does not
// decide what a payment means for an order: that is commerce/checkout, which
// calls all of this and is the place to start reading.
//
// The rules:
//   - The idempotency key of a call that moves money is stored before the call
//     (Start, AddRefund), so that a repeat after a crash is the same call.
//   - An event is a hint. What it speaks of is fetched from Stripe, and the
//     UPDATEs here let a payment be captured, and an order be paid, once.
//   - An answer that leaves open whether the call happened is Ambiguous: repeat
//     the call with the same key, never begin a new one.
//   - No key, card or address is ever in an error or a log line.
package payments

import (
	"time"

	"github.com/soukchat/souk/commerce"
)

// APIVersion is the version of Stripe's API that requests are made in and that
// our webhook endpoint is created with: the one stripe-go v76 reads.
const APIVersion = "2023-10-16"

// Statuses of a Session, as Stripe names them.
const (
	SessionOpen     = "open"     // it can be paid
	SessionComplete = "complete" // it was paid, or will be by a delayed way to pay
	SessionExpired  = "expired"  // it can not be paid any more
)

// Checkout is what a hosted payment page is made of. All of it goes into the
// request, and a request repeated under the same Key must be the same: build
// it from what is stored, Expires too.
type Checkout struct {
	Order   commerce.OrderID
	Number  int64              // what people call the order
	Payment commerce.PaymentID // comes back in Session.Payment
	Key     string             // idempotency key, stored before the call, at most 200 characters
	Lines   []Line
	Total   commerce.Money // what the lines sum to, checked before and after the call
	Success string         // where Stripe sends who has paid
	Cancel  string         // where Stripe sends who turns back
	Expires time.Time      // 30 minutes to 24 hours from when Stripe hears of it
	Locale  string         // BCP 47; one that Stripe has no texts in becomes the browser's
	Email   string         // filled into the page where it is known

	Later    bool   // only authorise the card: Capture takes the money
	Customer string // cus_… for whom the card is kept for later, as its member agreed; empty keeps none
}

// Line is one row of the payment page. The rows sum to the total: shipping and
// tax that comes on top are rows like the goods.
type Line struct {
	Name, Detail string
	Amount       commerce.Money // of the whole line
	Quantity     int64          // 0 is 1
}

// Session is a hosted payment page as Stripe described it last.
type Session struct {
	ID            string
	URL           string // empty unless open
	Status        string // open, complete or expired
	PaymentStatus string // paid, unpaid or no_payment_required
	Order         commerce.OrderID
	Payment       commerce.PaymentID
	Intent        string // the PaymentIntent, empty until somebody tries to pay
	Amount        commerce.Money
	Livemode      bool
	ExpiresAt     time.Time
}

// Paid reports that the money of the session has been taken.
func (s Session) Paid() bool { return s.Status == SessionComplete && s.PaymentStatus == "paid" }

// Refunded is a refund as Stripe described it last.
type Refunded struct {
	ID     string
	Status string // pending, requires_action, succeeded, failed or canceled
	Intent string
	Key    string // the Key of the Refund that asked for it, empty where it was not ours
	Amount commerce.Money
}

// Sent reports that the money is on its way back or there already.
func (r Refunded) Sent() bool { return r.Status == "succeeded" || r.Status == "pending" }
