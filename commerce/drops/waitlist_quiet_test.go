package drops_test

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// TestWaitlistQuiet: who has quiet hours is told at their end, and has the whole
// window from then on, whether or not they had ordered before; who has none is
// told at once.
func TestWaitlistQuiet(t *testing.T) {
	eachShop(t, func(s *shelf) {
		now := s.clock.Now().UTC()
		s.exec(`UPDATE members SET quiet = $2 WHERE id = $1`, member(1), now.Add(-time.Hour).Format("15:04-")+now.Add(8*time.Hour).Format("15:04")+" UTC")
		s.join(1, 2)
		s.restock(2)
		s.steps()
		s.are("kept", "kept")
		due := func(i int) (at int64) {
			s.must(s.db.Read(s.ctx, func(tx *database.Tx) error {
				return tx.Row(`SELECT due_at FROM notices WHERE kind = 'wait.kept' AND member_id = $1`, member(i)).Scan(&at)
			}))
			return at
		}
		woke := now.Add(8 * time.Hour).Truncate(time.Minute)
		if due(1) != commerce.Micros(woke) || due(2) != commerce.Micros(now) {
			s.Errorf("told at %s and %s", commerce.FromMicros(due(1)), commerce.FromMicros(due(2)))
		}
		o, err := s.order(1) // they are awake after all, and do not pay
		s.must(err)
		var ends int64
		s.must(s.db.Read(s.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT expires_at FROM holds WHERE id = $1`, o.Hold).Scan(&ends)
		}))
		if lasts := commerce.FromMicros(ends).Sub(now); lasts > 29*time.Minute {
			s.Errorf("the order can be paid for %s: longer than a session of Stripe is sure to last", lasts)
		}
		s.clock.Wait(30 * time.Minute)
		s.release(o)
		s.steps()
		s.are("kept", "")
		s.clock.Wait(woke.Add(20*time.Minute - time.Second).Sub(s.clock.Now()))
		s.steps()
		s.are("kept", "")
		s.clock.Wait(time.Second)
		s.steps()
		s.are("", "")
	})
}

// TestWaitlistLongNight: for quiet hours of twelve hours a unit is kept besides,
// for longer ones it is not: their member is told at once.
func TestWaitlistLongNight(t *testing.T) {
	eachShop(t, func(s *shelf) {
		now := s.clock.Now()
		for i, until := range map[int]time.Duration{1: 12*time.Hour + time.Minute, 2: 12 * time.Hour} {
			s.exec(`UPDATE members SET quiet = $2 WHERE id = $1`, member(i), now.Add(-time.Minute).Format("15:04-")+now.Add(until).Format("15:04")+" UTC")
		}
		s.join(1, 2)
		s.restock(2)
		s.steps()
		for i, told := range map[int]time.Time{1: now, 2: now.Add(12 * time.Hour)} {
			var due int64
			s.must(s.db.Read(s.ctx, func(tx *database.Tx) error {
				return tx.Row(`SELECT due_at FROM notices WHERE kind = 'wait.kept' AND member_id = $1`, member(i)).Scan(&due)
			}))
			p, err := s.list.Mine(s.ctx, jug, member(i))
			s.must(err)
			if got := commerce.FromMicros(due); !got.Equal(told) || !p.Until.Equal(told.Add(20*time.Minute)) {
				s.Errorf("member %d is told at %s, and has until %s", i, got, p.Until)
			}
		}
		s.clock.Wait(20 * time.Minute)
		s.steps()
		s.are("", "kept")
	})
}
