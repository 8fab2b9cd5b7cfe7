package payouts_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/payouts"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const days = 24 * time.Hour

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// shelf is a database with one payout of 40.00, held back for a week.
type shelf struct {
	*testing.T
	db *database.DB
}

func each(t *testing.T, run func(s *shelf)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		s := &shelf{t, db}
		if !s.yes(func(tx *database.Tx) (bool, error) { return payouts.Add(tx, first) }) {
			t.Fatal("not added")
		}
		run(s)
	})
}

var first = payouts.Payout{ID: "x1", Order: "o1", Payment: "p1", Brand: "acme", Account: "acct_a", Amount: eur(4000), CreatedAt: noon, Due: noon.Add(7 * days)}

func (s *shelf) yes(do func(tx *database.Tx) (bool, error)) (ok bool) {
	s.Helper()
	if err := s.db.Write(s.Context(), func(tx *database.Tx) (err error) {
		ok, err = do(tx)
		return err
	}); err != nil {
		s.Fatal(err)
	}
	return ok
}

func (s *shelf) due(at time.Time) (list []payouts.Payout) {
	s.Helper()
	s.yes(func(tx *database.Tx) (_ bool, err error) {
		list, err = payouts.Due(tx, at, 10)
		return true, err
	})
	return list
}

func (s *shelf) reversals(at time.Time) (list []payouts.Reversal) {
	s.Helper()
	s.yes(func(tx *database.Tx) (_ bool, err error) {
		list, err = payouts.DueReversals(tx, at, 10)
		return true, err
	})
	return list
}

func (s *shelf) reduce(by string, n int64) bool {
	s.Helper()
	return s.yes(func(tx *database.Tx) (bool, error) { return payouts.Reduce(tx, first, by, eur(n), noon) })
}

func (s *shelf) done() bool {
	s.Helper()
	return s.yes(func(tx *database.Tx) (bool, error) { return payouts.Done(tx, "x1", "tr_1", noon) })
}

func (s *shelf) state() payouts.Payout {
	s.Helper()
	var list []payouts.Payout
	s.yes(func(tx *database.Tx) (_ bool, err error) {
		list, err = payouts.OfOrder(tx, "o1")
		return true, err
	})
	if len(list) != 1 {
		s.Fatalf("%d payouts, want 1", len(list))
	}
	return list[0]
}

// TestPayout follows a payout from the sale to its transfer, with a refund
// before and one after it.
func TestPayout(t *testing.T) {
	each(t, func(s *shelf) {
		again := first
		again.ID, again.Amount = "x2", eur(1)
		if s.yes(func(tx *database.Tx) (bool, error) { return payouts.Add(tx, again) }) {
			s.Error("a second payout of the same brand and order")
		}
		if s.done() {
			s.Error("sent before it was asked for")
		}
		if !s.reduce("r1", 1000) || s.reduce("r1", 1000) {
			s.Error("a refund is not counted once")
		}
		if list := s.due(noon.Add(7*days - time.Second)); len(list) != 0 {
			s.Errorf("not held back: %+v", list)
		}
		at := noon.Add(7 * days)
		list := s.due(at)
		if len(list) != 1 || list[0].Asked != eur(3000) || list[0].Tries != 0 {
			s.Fatalf("due: %+v", list)
		}
		if more := s.due(at.Add(time.Minute)); len(more) != 0 {
			s.Errorf("handed out twice: %+v", more)
		}
		// A refund while Stripe has not answered leaves the call as it is.
		s.reduce("r2", 500)
		if back := s.reversals(at); len(back) != 0 {
			s.Errorf("taken back before it is known to be sent: %+v", back)
		}
		tried := s.due(at.Add(5 * time.Minute))
		if len(tried) != 1 || tried[0].Asked != eur(3000) || tried[0].Key != list[0].Key || tried[0].Tries != 1 {
			s.Fatalf("the second try is another call: %+v", tried)
		}
		if !s.done() || s.done() {
			s.Error("not sent once")
		}
		if more := s.due(at.Add(30 * days)); len(more) != 0 {
			s.Errorf("sent and due: %+v", more)
		}
		back := s.reversals(at)
		if len(back) != 1 || back[0].Amount != eur(500) || back[0].Transfer != "tr_1" || back[0].Key == "" {
			s.Fatalf("to be taken back: %+v", back)
		}
		if more := s.reversals(at.Add(time.Minute)); len(more) != 0 {
			s.Errorf("taken back twice: %+v", more)
		}
		reversed := func(tx *database.Tx) (bool, error) { return payouts.Reversed(tx, back[0].ID, "trr_1") }
		if !s.yes(reversed) || s.yes(reversed) {
			s.Error("not reversed once")
		}
	})
}

// TestRefundsTakeNoMore: all refunds together take the payout and no more.
func TestRefundsTakeNoMore(t *testing.T) {
	each(t, func(s *shelf) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		taken, refused := 0, 0
		for _, id := range []string{"a", "b", "c", "d", "e", "f"} {
			wg.Go(func() {
				err := s.db.Write(s.Context(), func(tx *database.Tx) error {
					_, err := payouts.Reduce(tx, first, id, eur(1000), noon)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					taken++
				case errors.Is(err, payouts.ErrTooMuch):
					refused++
				default:
					s.Error(err)
				}
			})
		}
		wg.Wait()
		if taken != 4 || refused != 2 {
			s.Errorf("%d refunds were taken and %d refused", taken, refused)
		}
		if p := s.state(); p.State != payouts.Void || p.Less != eur(4000) {
			s.Errorf("%+v", p)
		}
		if list := s.due(noon.Add(30 * days)); len(list) != 0 {
			s.Errorf("nothing is left and it is due: %+v", list)
		}
	})
}

// TestRefused: after Stripe's no a person has to; then it is another call, of
// what refunds have left.
func TestRefused(t *testing.T) {
	each(t, func(s *shelf) {
		p := s.due(noon.Add(7 * days))[0]
		s.reduce("r1", 1500)
		refuse := func(tx *database.Tx) (bool, error) { return payouts.Refused(tx, p, "not ready") }
		if !s.yes(refuse) || s.yes(refuse) {
			s.Error("not refused once")
		}
		if got := s.state(); got.State != payouts.Failed || got.Problem != "not ready" || got.Key == p.Key {
			s.Errorf("refused: %+v", got)
		}
		if list := s.due(noon.Add(30 * days)); len(list) != 0 {
			s.Errorf("tried again by itself: %+v", list)
		}
		retry := func(tx *database.Tx) (bool, error) { return payouts.Retry(tx, "x1", noon.Add(8*days)) }
		if !s.yes(retry) || s.yes(retry) {
			s.Error("not retried once")
		}
		list := s.due(noon.Add(8 * days))
		if len(list) != 1 || list[0].Asked != eur(2500) || list[0].Tries != 0 {
			s.Fatalf("after it was mended: %+v", list)
		}
		s.done()
		if back := s.reversals(noon.Add(30 * days)); len(back) != 0 {
			s.Errorf("what never went out is taken back: %+v", back)
		}
	})
}

// TestRefundedMeanwhile: all is refunded while Stripe is asked for the transfer.
// Sent it is taken back, refused nothing is left to send.
func TestRefundedMeanwhile(t *testing.T) {
	for _, sent := range []bool{true, false} {
		each(t, func(s *shelf) {
			at := noon.Add(7 * days)
			p := s.due(at)[0]
			s.reduce("r1", 4000)
			if got := s.state(); got.State != payouts.Held {
				s.Errorf("while nobody knows: %+v", got)
			}
			again := func(tx *database.Tx) (bool, error) { return true, payouts.Again(tx, "x1", "no answer", at) }
			s.yes(again)
			if sent {
				if !s.done() {
					s.Error("not sent")
				}
				s.yes(again) // too late
				if got := s.state(); got.Problem != "" {
					s.Errorf("sent, and of a problem: %+v", got)
				}
				if back := s.reversals(at); len(back) != 1 || back[0].Amount != eur(4000) {
					s.Errorf("to be taken back: %+v", back)
				}
				return
			}
			if !s.yes(func(tx *database.Tx) (bool, error) { return payouts.Refused(tx, p, "not ready") }) {
				s.Error("not refused")
			}
			if got := s.state(); got.State != payouts.Void {
				s.Errorf("refused: %+v", got)
			}
			if s.yes(func(tx *database.Tx) (bool, error) { return payouts.Retry(tx, "x1", at) }) {
				s.Error("tried again with nothing to send")
			}
		})
	}
}

// TestReductions: what is no amount of the payout's money is not taken.
func TestReductions(t *testing.T) {
	each(t, func(s *shelf) {
		for _, m := range []commerce.Money{eur(0), eur(-1), {Amount: 100, Currency: "USD"}} {
			if err := s.db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := payouts.Reduce(tx, first, "r1", m, noon)
				return err
			}); err == nil || s.state().Less.Amount != 0 {
				t.Errorf("%v is taken: %v", m, err)
			}
		}
	})
}

// TestRefusedFirst: a payout that needs a person is not lost behind newer ones.
func TestRefusedFirst(t *testing.T) {
	each(t, func(s *shelf) {
		p := s.due(noon.Add(7 * days))[0]
		s.yes(func(tx *database.Tx) (bool, error) { return payouts.Refused(tx, p, "not ready") })
		newer := first
		newer.ID, newer.Order, newer.CreatedAt = "x2", "o2", noon.Add(days)
		s.yes(func(tx *database.Tx) (bool, error) { return payouts.Add(tx, newer) })
		for _, brands := range [][]commerce.BrandID{nil, {"acme"}, {"other", "acme"}} {
			s.yes(func(tx *database.Tx) (bool, error) {
				list, err := payouts.Newest(tx, brands, 1)
				if err == nil && (len(list) != 1 || list[0].ID != "x1") {
					t.Errorf("of %v: %+v", brands, list)
				}
				return true, err
			})
		}
	})
}

// TestReversalFails: one that Stripe refuses is left to a person.
func TestReversalFails(t *testing.T) {
	each(t, func(s *shelf) {
		at := noon.Add(7 * days)
		s.due(at)
		s.done()
		s.reduce("r1", 1500)
		id := s.reversals(at)[0].ID
		fail := func(due time.Time) bool {
			return s.yes(func(tx *database.Tx) (bool, error) { return payouts.ReversalFailed(tx, id, "gone", due) })
		}
		if !fail(at.Add(time.Minute)) {
			s.Error("not tried again")
		}
		if back := s.reversals(at.Add(time.Minute)); len(back) != 1 || back[0].Tries != 1 {
			s.Fatalf("the second try: %+v", back)
		}
		if !fail(time.Time{}) || fail(time.Time{}) {
			s.Error("not given up once")
		}
		if back := s.reversals(at.Add(30 * days)); len(back) != 0 {
			s.Errorf("given up and due: %+v", back)
		}
	})
}

func TestShare(t *testing.T) {
	for _, c := range []struct{ brought, keep, want int64 }{
		{10_000, 0, 10_000}, {10_000, 125_000, 8750}, {999, 100_000, 899}, {1, 500_000, 0}, {10_000, 1_000_000, 0},
	} {
		got, err := payouts.Share(eur(c.brought), c.keep)
		if err != nil || got != eur(c.want) {
			t.Errorf("of %d, %d millionths kept: %v, %v; want %d", c.brought, c.keep, got, err, c.want)
		}
	}
	for _, keep := range []int64{-1, 1_000_001} {
		if _, err := payouts.Share(eur(1), keep); err == nil {
			t.Errorf("%d millionths are taken", keep)
		}
	}
}
