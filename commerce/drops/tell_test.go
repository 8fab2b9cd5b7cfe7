package drops_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// followers makes so many members who are told of the drops of the brand, each
// of the bots in its turn.
func (w *world) followers(n int, bots ...string) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		for i := range n {
			id := fmt.Sprintf("f%04d", i)
			if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, '', '', 0)`, id); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO accounts (platform, account, member_id, name, username, bot, reach, seen_at, created_at) VALUES ('p', $1, $1, '', '', $2, 'open', 1, 1)`,
				id, bots[i%len(bots)]); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO drop_subscribers (of_id, member_id, created_at) VALUES ('b', $1, 0)`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// notices counts those of a kind to members or groups, in a state.
func (w *world) notices(kind, who, state string) (n int) {
	w.Helper()
	where := ` AND member_id = ''`
	if who == "members" {
		where = ` AND member_id <> ''`
	}
	w.must(w.db.Read(w.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE kind = $1 AND state = $2`+where, kind, state).Scan(&n)
	}))
	return n
}

// sent lets the outbox have done with so many notices of a kind.
func (w *world) sent(kind, state string, n int) {
	w.Helper()
	w.write(func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE notices SET state = $1 WHERE id IN (SELECT id FROM notices WHERE kind = $2 AND state = 'due' ORDER BY id LIMIT $3)`, state, kind, n)
		return err
	})
}

func TestFollowersAreTold(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.drops.Recommend = func(context.Context, commerce.ProductID) []commerce.CreatorID { return []commerce.CreatorID{"mia"} }
		w.followers(450, "tg")
		for range 2 { // pressing twice does it once; one follows both
			w.must(w.drops.Subscribe(w.ctx, member(1), "mia"))
			w.must(w.drops.Subscribe(w.ctx, "f0001", "mia"))
			w.must(w.drops.Subscribe(w.ctx, member(2), "somebody else"))
			w.must(w.drops.Subscribe(w.ctx, member(3), "b"))
			w.must(w.drops.Unsubscribe(w.ctx, member(3), "b"))
		}
		w.step()
		if n := w.notices("drop.tell", "members", "due"); n != 451 {
			t.Errorf("%d members are told, want 451", n)
		}
		// A second process, or this one after a crash, writes nothing twice.
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE drop_rounds SET upto = 'f0100', done = 0 WHERE before = 0`)
			return err
		})
		w.write(func(tx *database.Tx) error {
			if _, err := tx.Exec(`DELETE FROM drop_tellings WHERE member_id > 'f0100'`); err != nil {
				return err
			}
			_, err := tx.Exec(`DELETE FROM notices WHERE kind = 'drop.tell' AND member_id > 'f0100'`)
			return err
		})
		w.step()
		if n := w.notices("drop.tell", "members", "due"); n != 451 {
			t.Errorf("%d members are told after a crash, want 451", n)
		}

		// It opens when the last of them was told, or never can be.
		w.sent("drop.post", "sent", 2)
		w.sent("drop.tell", "sent", 449)
		w.clock.Wait(time.Hour + time.Minute)
		w.step()
		if _, err := w.claim(1); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("claimed before two followers were told: %v", err)
		}
		w.sent("drop.tell", "unread", 1)
		w.sent("drop.tell", "sending", 1)
		w.step()
		if _, err := w.claim(1); !errors.Is(err, drops.ErrNotYet) {
			t.Errorf("claimed while a follower was being told: %v", err)
		}
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE notices SET state = 'sent' WHERE state = 'sending'`)
			return err
		})
		w.clock.Wait(time.Hour)
		w.step()
		if _, err := w.claim(1); err != nil {
			t.Error(err)
		}
	})
}

// TestOwnQuietHours counts who waits for their own quiet hours as told.
func TestOwnQuietHours(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.followers(3, "tg")
		w.step()
		w.sent("drop.post", "sent", 2)
		w.sent("drop.tell", "sent", 1)
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE notices SET due_at = due_at + 9000000000000, problem = 'quiet hours' WHERE kind = 'drop.tell' AND state = 'due'`)
			return err
		})
		w.clock.Wait(time.Hour)
		w.step()
		if _, err := w.claim(1); err != nil {
			t.Error(err)
		}
	})
}

// TestTelling counts who was told, in each of the ways in which one is or is not.
func TestTelling(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		if _, err := w.drops.Telling(t.Context(), drop); !errors.Is(err, drops.ErrNone) {
			t.Errorf("of no drop: %v", err)
		}
		w.followers(15, "tg")
		w.step()
		for i, state := range []string{"sent", "sent", "sent", "unread", "unread", "dead", "sending", "quiet", "quiet", "quiet", "read"} {
			set := `state = $1, problem = 'x'`
			if state == "quiet" {
				state, set = "due", `state = $1, problem = 'quiet hours'`
			}
			w.write(func(tx *database.Tx) error {
				_, err := tx.Exec(`UPDATE notices SET `+set+` WHERE kind = 'drop.tell' AND member_id = $2`, state, fmt.Sprintf("f%04d", i))
				return err
			})
		}
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE notices SET state = CASE WHEN bot = 'tg' THEN 'sent' ELSE 'dead' END, sent_at = CASE WHEN bot = 'tg' THEN due_at ELSE 0 END WHERE kind = 'drop.post'`)
			return err
		})
		got, err := w.drops.Telling(t.Context(), drop)
		w.must(err)
		if want := (drops.MembersTold{Told: 4, Waiting: 5, Quiet: 3, Unread: 2, Failed: 1}); got.Members != want {
			t.Errorf("%+v, want %+v", got.Members, want)
		}
		if len(got.Chats) != 2 || !got.Chats[0].Failed || got.Chats[0].Bot != "dc" || got.Chats[1].Failed || !got.Chats[1].At.Equal(start) {
			t.Errorf("%+v", got.Chats)
		}
	})
}

// TestToldThatItIsOff has who was told of a drop learn that it is cancelled; who
// was not, and who takes part, as ever.
func TestToldThatItIsOff(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.followers(250, "tg")
		w.opened()
		w.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE notices SET state = 'unread' WHERE kind = 'drop.tell' AND member_id IN ('f0003', 'f0004')`)
			return err
		})
		_, err := w.drops.Claim(w.ctx, drop, "f0001", jug, drops.Where{Bot: "tg", Chat: "1"})
		w.must(err)
		for range 2 {
			if err := w.drops.Cancel(w.ctx, drop, "staff:x"); err != nil && !errors.Is(err, drops.ErrClosed) {
				t.Fatal(err)
			}
			w.step()
		}
		if n := w.notices("drop.off", "members", "due"); n != 248 { // all but the two
			t.Errorf("%d are told", n)
		}
		var n int
		w.must(db.Read(w.ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(DISTINCT member_id) FROM notices WHERE kind = 'drop.off' AND member_id <> ''`).Scan(&n)
		}))
		if n != 248 {
			t.Errorf("%d members are told", n)
		}
	})
}

// TestCrashWhileWriting stops after each part of the followers.
func TestCrashWhileWriting(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 2, 2)
		w.followers(450, "tg")
		parts := 0
		for range 10 {
			func() {
				defer func() { _ = recover() }()
				w.drops.IDs = &stopping{left: 220, stop: func() { parts++; panic("killed") }}
				w.step()
			}()
		}
		if n := w.notices("drop.tell", "members", "due"); n != 450 || parts == 0 {
			t.Errorf("%d of 450 are told, after %d crashes", n, parts)
		}
	})
}

// TestReminders: they come in time before the first can claim, whether that is
// the opening or early access.
func TestReminders(t *testing.T) {
	for name, early := range map[string]time.Duration{"all at once": 0, "some an hour early": time.Hour} {
		t.Run(name, func(t *testing.T) {
			databasetest.Each(t, func(t *testing.T, db *database.DB) { reminders(t, open(t, db, 2, 2), early) })
		})
	}
}

func reminders(t *testing.T, w *world, early time.Duration) {
	w.drops.Pace = func(bot string) time.Duration {
		return map[string]time.Duration{"tg": 2 * time.Second, "dc": time.Second}[bot]
	}
	w.followers(90, "tg", "dc", "tg") // 60 by the slower one: two minutes
	p := drops.Plan{ID: drop, Name: "d", Title: "Jugs", Brand: "b", Product: "p", Units: []drops.Unit{{Variant: jug, Units: 2}}, Mode: drops.Queue,
		Opens: start.Add(48 * time.Hour), Closes: start.Add(50 * time.Hour), PayWithin: 10 * time.Minute, Line: 2}
	if early > 0 {
		p.Who = []drops.Rule{{Follows: "mia", Early: early}, {}}
	}
	first := p.Opens.Add(-early)
	w.drops.Declare([]drops.Plan{p})
	w.step()
	w.told()
	type told struct{ Groups, Members int }
	var got []told
	for _, before := range []time.Duration{24*time.Hour + 3*time.Minute, 24*time.Hour + time.Minute, 24 * time.Hour, time.Hour + 3*time.Minute, time.Hour + time.Minute, time.Hour, 5 * time.Minute, time.Minute} {
		w.clock.Wait(first.Add(-before).Sub(w.clock.Now()))
		w.step()
		got = append(got, told{w.notices("drop.soon", "groups", "due"), w.notices("drop.soon", "members", "due")})
		w.told()
	}
	want := []told{{}, {0, 90}, {2, 0}, {}, {0, 90}, {2, 0}, {2, 0}, {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reminders (-want +got):\n%s", diff)
	}
	w.clock.Wait(p.Opens.Sub(w.clock.Now()))
	w.step()
	if _, err := w.claim(1); err != nil {
		t.Error(err)
	}
}

// stopping makes so many ids.
type stopping struct {
	commerce.RandomIDs
	left int
	stop func()
}

func (s *stopping) ID() string {
	if s.left--; s.left < 0 {
		s.stop()
	}
	return s.RandomIDs.ID()
}

// TestLinkedAsk: of what both accounts of a person have asked for, the earlier time
// counts.
func TestLinkedAsk(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := open(t, db, 1, 1)
		w.asks(1, "b", start)
		w.asks(2, "b", start.Add(-time.Hour))
		w.asks(3, "b", start.Add(time.Hour))
		w.asks(3, "c", start)
		for _, gone := range []int{2, 3} {
			w.write(func(tx *database.Tx) error { return w.drops.Link(tx, member(1), member(gone)) })
		}
		since := map[string]int64{}
		w.must(db.Read(w.ctx, func(tx *database.Tx) error {
			clear(since)
			return tx.Rows(`SELECT of_id, created_at FROM drop_subscribers`, nil, func(scan func(...any) error) error {
				var of string
				var at int64
				err := scan(&of, &at)
				since[of] = at
				return err
			})
		}))
		if diff := cmp.Diff(map[string]int64{"b": commerce.Micros(start.Add(-time.Hour)), "c": commerce.Micros(start)}, since); diff != "" {
			t.Error(diff)
		}
	})
}
