package payments_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
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

// TestKeepDispute: what is over stays over and what is answered is not open
// again, whatever comes late; an inquiry that becomes a dispute is.
func TestKeepDispute(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		p := start(t, db, "o1", "p1")
		for name, steps := range map[string][]string{ // what Stripe says, then what stands
			"lost":     {"needs_response", "needs_response", "lost", "lost", "won", "lost", "needs_response", "lost"},
			"won":      {"under_review", "under_review", "won", "won", "lost", "won"},
			"closed":   {"warning_needs_response", "warning_needs_response", "warning_closed", "warning_closed", "needs_response", "warning_closed"},
			"answered": {"needs_response", "needs_response", "answer", "needs_response", "under_review", "under_review", "needs_response", "under_review"},
			"grown":    {"warning_needs_response", "warning_needs_response", "answer", "warning_needs_response", "warning_under_review", "warning_under_review", "needs_response", "needs_response again"},
		} {
			d := payments.Dispute{ID: "dp_" + name, Payment: p.ID, Order: "o1", Reason: "general", Amount: total, DueAt: noon.Add(time.Hour), OpenedAt: noon}
			last, answered := payments.Dispute{}, time.Time{}
			for i := 0; i < len(steps); i += 2 {
				at := noon.Add(time.Duration(i) * time.Minute)
				write(t, db, func(tx *database.Tx) error {
					before := last
					if steps[i] == "answer" {
						answered = at
						if ok, err := payments.AnswerDispute(tx, d.ID, "staff:sam", at); err != nil || !ok {
							t.Errorf("%s: not answered, %v", name, err)
						}
					} else {
						d.State = steps[i]
						var err error
						if before, err = payments.KeepDispute(tx, d, at); err != nil {
							return err
						}
					}
					if diff := cmp.Diff(last, before); diff != "" {
						t.Errorf("%s, step %d: it was known otherwise: %s", name, i, diff)
					}
					var err error
					last, err = payments.OneDispute(tx, d.ID)
					want := steps[i+1]
					if want == "needs_response again" {
						want, answered = "needs_response", time.Time{}
					}
					if last.State != want || !last.AnsweredAt.Equal(answered) || last.Over() == last.ClosedAt.IsZero() {
						t.Errorf("%s: Stripe says %s, and we have %+v", name, steps[i], last)
					}
					return err
				})
			}
			if again := answered.IsZero() && !last.Over(); again == (name != "grown") {
				t.Errorf("%s: %+v", name, last)
			}
			write(t, db, func(tx *database.Tx) error {
				ok, err := payments.AnswerDispute(tx, d.ID, "clock", noon.Add(time.Hour))
				if ok != (name == "grown") {
					t.Errorf("%s: answered in the end: %t", name, ok)
				}
				return err
			})
		}
	})
}

// TestUnanswered: what nobody has answered and is soon too late, the most urgent
// first; Disputes has those that are open before the others.
func TestUnanswered(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		order(t, db, "o1", 1)
		p := start(t, db, "o1", "p1")
		write(t, db, func(tx *database.Tx) error {
			for i, d := range []payments.Dispute{
				{ID: "b", State: "needs_response", DueAt: noon.Add(2 * time.Hour)}, {ID: "a", State: "warning_needs_response", DueAt: noon.Add(time.Hour)},
				{ID: "c", State: "needs_response", DueAt: noon.Add(3 * time.Hour)}, {ID: "answered", State: "needs_response", DueAt: noon.Add(time.Hour)},
				{ID: "review", State: "under_review", DueAt: noon.Add(time.Hour)}, {ID: "lost", State: "lost", DueAt: noon.Add(time.Hour)}, {ID: "won", State: "won", DueAt: noon},
			} {
				d.Payment, d.Order, d.Amount, d.OpenedAt = p.ID, "o1", total, noon.Add(-time.Duration(i)*time.Hour)
				if _, err := payments.KeepDispute(tx, d, noon); err != nil {
					return err
				}
			}
			_, err := payments.AnswerDispute(tx, "answered", "clock", noon)
			return err
		})
		ids := func(list []payments.Dispute) (ids []string) {
			for _, d := range list {
				ids = append(ids, d.ID)
			}
			return ids
		}
		write(t, db, func(tx *database.Tx) error {
			soon, err := payments.Unanswered(tx, noon.Add(3*time.Hour), 10)
			if got := ids(soon); err != nil || !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("soon too late: %v, %v", got, err)
			}
			all, err := payments.Disputes(tx, 6)
			if got := ids(all); !slices.Equal(got, []string{"a", "answered", "review", "b", "c", "lost"}) {
				t.Errorf("all: %v", got)
			}
			of, err2 := payments.DisputesOf(tx, commerce.OrderID("o1"))
			if got := ids(of); err2 != nil || len(got) != 7 || got[6] != "b" {
				t.Errorf("of the order: %v, %v", got, err2)
			}
			return err
		})
	})
}
