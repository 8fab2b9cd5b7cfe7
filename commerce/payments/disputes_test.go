package payments_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/payments"
)

// TestDisputeStands: what can still be said, and who has the next word. Evidence
// can be sent on Stripe's pages too, so that we have sent none.
func TestDisputeStands(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		state                             string
		answered                          bool
		answerable, review, over, inquiry bool
	}{
		{state: "needs_response", answerable: true},
		{state: "needs_response", answered: true, review: true},
		{state: "under_review", review: true},
		{state: "warning_needs_response", answerable: true, inquiry: true},
		{state: "warning_under_review", review: true, inquiry: true},
		{state: "warning_closed", over: true, inquiry: true},
		{state: "charge_refunded", answered: true, over: true, inquiry: true},
		{state: "won", answered: true, over: true},
		{state: "lost", over: true},
	} {
		d := payments.Dispute{State: c.state, DueAt: now.Add(time.Hour)}
		if c.answered {
			d.AnsweredAt = now
		}
		if d.Answerable(now) != c.answerable || d.InReview() != c.review || d.Over() != c.over || d.Inquiry() != c.inquiry {
			t.Errorf("%+v: answerable %v, in review %v, over %v, an inquiry %v", c, d.Answerable(now), d.InReview(), d.Over(), d.Inquiry())
		}
		if d.Answerable(d.DueAt) {
			t.Errorf("%s can be answered when its time is over", c.state)
		}
	}
}
