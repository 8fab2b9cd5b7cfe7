package outbox_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/outbox"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/notices"
)

// platform takes messages, and answers as it is told to.
type platform struct {
	mu     sync.Mutex
	rates  bots.Rates
	taken  []string                // "account or chat: text", in order
	answer map[string]func() error // by account or chat
}

func (p *platform) Rates() bots.Rates { return p.rates }

func (p *platform) Send(_ context.Context, to bots.To, s bots.Screen, nonce string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if answer := p.answer[to.Account+to.Chat]; answer != nil {
		if err := answer(); err != nil {
			return "", err
		}
	}
	p.taken = append(p.taken, to.Account+to.Chat+": "+s.Text.String())
	return fmt.Sprint(len(p.taken)), nil
}

func (p *platform) Edit(context.Context, bots.To, string, bots.Screen) error { return nil }

type world struct {
	*testing.T
	db       *database.DB
	clock    *clocktest.Clock
	platform *platform
	config   outbox.Config
	closed   []string
	waiting  []commerce.MemberID
	posted   []string
}

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := &world{T: t, db: db, clock: clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)),
			platform: &platform{answer: map[string]func() error{}}}
		client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
		t.Cleanup(func() { client.Close() })
		w.config = outbox.Config{
			Notices: notices.New(db, w.clock), Live: live.New(client, w.clock), Clock: w.clock,
			Log: slog.New(slog.DiscardHandler), Worker: "one",
			Sender: func(bot string) (outbox.Sender, bool) { return w.platform, bot == "bot" },
			Ways: func(_ context.Context, m commerce.MemberID) ([]outbox.Way, error) {
				return []outbox.Way{{Bot: "bot", Platform: "p", Account: string(m) + "1"}, {Bot: "bot", Platform: "q", Account: string(m) + "2"}}, nil
			},
			Closed: func(_ context.Context, way outbox.Way) error { w.closed = append(w.closed, way.Account); return nil },
			Render: func(_ context.Context, n notices.Notice) (bots.Screen, error) {
				return bots.Screen{Text: bots.T(n.Args["text"])}, nil
			},
			Posted: func(_ context.Context, n notices.Notice, message string) error {
				w.posted = append(w.posted, n.Chat+" "+message)
				return nil
			},
			Waiting: func(m commerce.MemberID) { w.waiting = append(w.waiting, m) },
		}
		run(w)
	})
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// add writes a notice to a member, or with a # to a chat.
func (w *world) add(to, text string) {
	w.Helper()
	n := notices.Notice{Kind: "test", Args: map[string]string{"text": text}, Once: to + text}
	if to[0] == '#' {
		n.Bot, n.Chat = "bot", to
	} else {
		n.Member = commerce.MemberID(to)
	}
	w.must(w.db.Write(w.Context(), func(tx *database.Tx) error {
		_, err := notices.Add(tx, commerce.RandomIDs{}, w.clock.Now(), n)
		return err
	}))
	w.clock.Wait(time.Millisecond)
}

// run delivers for a while, by its clock.
func (w *world) run(d time.Duration) {
	w.Helper()
	o := outbox.New(w.config)
	for end := w.clock.Now().Add(d); ; w.clock.Wait(100 * time.Millisecond) {
		_, err := o.Step(w.Context())
		w.must(err)
		if !w.clock.Now().Before(end) {
			return
		}
	}
}

func (w *world) took(want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.platform.taken); diff != "" {
		w.Errorf("delivered (-want +got):\n%s", diff)
	}
}

// state counts the notices in a state.
func (w *world) state(s string) (n int) {
	w.Helper()
	w.must(w.db.Read(w.Context(), func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM notices WHERE state = $1`, s).Scan(&n)
	}))
	return n
}

func TestOnceAndInOrder(t *testing.T) {
	each(t, func(w *world) {
		w.platform.rates = bots.Rates{All: 10 * time.Millisecond, Private: 100 * time.Millisecond, Group: time.Second}
		var want []string
		for i := range 9 {
			w.add("#g", fmt.Sprint(i))
			w.add("#g", fmt.Sprint(i)) // told once
			want = append(want, "#g: "+fmt.Sprint(i))
		}
		w.run(15 * time.Second)
		w.took(want...)
		if len(w.posted) != 9 || w.posted[0] != "#g 1" || w.state("sent") != 9 {
			t.Errorf("posted %v, %d sent", w.posted, w.state("sent"))
		}
	})
}

func TestTheNextWay(t *testing.T) {
	refused := func() error { return &bots.SendError{Outcome: bots.Refused, Err: errors.New("blocked")} }
	each(t, func(w *world) {
		w.platform.answer["ann1"] = refused
		w.add("ann", "paid")
		w.run(time.Second)
		w.took("ann2: paid")
		w.platform.answer["ben1"], w.platform.answer["ben2"] = refused, refused
		w.add("ben", "paid")
		w.run(time.Second)
		w.took("ann2: paid")
		if w.state("unread") != 1 || cmp.Diff([]commerce.MemberID{"ben"}, w.waiting) != "" || len(w.closed) != 3 {
			t.Errorf("%d unread, waiting %v, closed %v", w.state("unread"), w.waiting, w.closed)
		}
		list, err := w.config.Notices.Unread(t.Context(), "ben")
		if err != nil || len(list) != 1 || list[0].Args["text"] != "paid" {
			t.Errorf("unread %v, %v", list, err)
		}
		w.must(w.config.Notices.MarkRead(t.Context(), list))
		if w.state("read") != 1 {
			t.Error("what was shown is not read")
		}
	})
}

func TestTriedAgain(t *testing.T) {
	each(t, func(w *world) {
		tries := 0
		w.platform.answer["ann1"] = func() error {
			switch tries++; {
			case tries <= 2:
				return &bots.SendError{Outcome: bots.Unreachable, Err: errors.New("502")}
			case tries == 3:
				return &bots.SendError{Outcome: bots.TooFast, RetryAfter: 7 * time.Second, Err: errors.New("429")}
			}
			return nil
		}
		w.add("ann", "paid")
		w.add("ann", "shipped") // must not overtake
		w.run(time.Minute)
		w.took("ann1: paid", "ann1: shipped")
		if tries != 5 {
			t.Errorf("%d tries", tries)
		}
	})
}

func TestMalformedIsNotRepeated(t *testing.T) {
	each(t, func(w *world) {
		tries := 0
		w.platform.answer["ann1"] = func() error {
			tries++
			return &bots.SendError{Outcome: bots.Malformed, Err: errors.New("400")}
		}
		w.add("ann", "paid")
		w.run(time.Minute)
		if tries != 1 || w.state("unread") != 1 {
			t.Errorf("%d tries, %d unread", tries, w.state("unread"))
		}
	})
}

func TestChatThatMovedOrIsGone(t *testing.T) {
	each(t, func(w *world) {
		w.platform.answer["#old"] = func() error {
			return &bots.SendError{Outcome: bots.Gone, MovedTo: "#new", Err: errors.New("migrated")}
		}
		w.platform.answer["#gone"] = func() error { return &bots.SendError{Outcome: bots.Gone, Err: errors.New("deleted")} }
		w.add("#old", "pick")
		w.add("#gone", "pick")
		w.run(time.Second)
		w.took("#new: pick")
		if w.state("dead") != 1 {
			t.Errorf("%d dead", w.state("dead"))
		}
	})
}

// TestWorkerDies leases and never comes back: another worker sends, once.
func TestWorkerDies(t *testing.T) {
	each(t, func(w *world) {
		w.add("ann", "paid")
		dead, err := w.config.Notices.Lease(t.Context(), "dead", []notices.Rank{notices.Personal}, 10, time.Minute)
		if err != nil || len(dead) != 1 || dead[0].Maybe {
			t.Fatalf("leased %v, %v", dead, err)
		}
		w.run(time.Second)
		w.took()
		w.clock.Wait(time.Minute)
		w.run(time.Second)
		w.took("ann1: paid")
		// The dead one wakes up and reports: it is too late to change anything.
		w.must(w.config.Notices.Later(t.Context(), "dead", dead[0].ID, "late", w.clock.Now()))
		if w.state("sent") != 1 {
			t.Error("a worker that had lost its lease changed a notice")
		}
	})
}

func TestTwoWorkers(t *testing.T) {
	each(t, func(w *world) {
		for i := range 30 {
			w.add(fmt.Sprint("m", i), "hello")
		}
		var wg sync.WaitGroup
		for _, name := range []string{"one", "two", "three"} {
			cfg := w.config
			cfg.Worker = name
			wg.Go(func() {
				for range 5 {
					if _, err := outbox.New(cfg).Step(t.Context()); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		w.run(time.Second)
		if len(w.platform.taken) != 30 || w.state("sent") != 30 {
			t.Errorf("%d messages, %d sent", len(w.platform.taken), w.state("sent"))
		}
	})
}

func TestNothingToSay(t *testing.T) {
	each(t, func(w *world) {
		w.config.Render = func(context.Context, notices.Notice) (bots.Screen, error) { return bots.Screen{}, nil }
		w.add("ann", "gone")
		w.run(time.Second)
		w.took()
		if w.state("dead") != 1 {
			t.Error("still due")
		}
	})
}

// TestStopped has the program told to stop while it sends: that message is
// sent and known to be, the next is another worker's at once.
func TestStopped(t *testing.T) {
	each(t, func(w *world) {
		ctx, stop := context.WithCancel(w.Context())
		w.add("ann", "first")
		w.clock.Wait(time.Second)
		w.add("ann", "second")
		w.platform.answer["ann1"] = func() error { stop(); return nil }
		if n, err := outbox.New(w.config).Step(ctx); n != 2 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		w.config.Worker = "two"
		w.clock.Wait(5 * time.Second) // longer than any budget, shorter than the lease
		if n, err := outbox.New(w.config).Step(w.Context()); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if diff := cmp.Diff([]string{"ann1: first", "ann1: second"}, w.platform.taken); diff != "" {
			t.Error(diff)
		}
	})
}

// TestMass has much to tell to many: what one person waits for, and what stands
// in a group, does not wait for it.
func TestMass(t *testing.T) {
	each(t, func(w *world) {
		w.platform.rates = bots.Rates{All: 40 * time.Millisecond, Private: time.Second, Group: time.Second}
		w.must(w.db.Write(w.Context(), func(tx *database.Tx) error {
			for i := range 200 {
				if _, err := notices.Add(tx, commerce.RandomIDs{}, w.clock.Now(), notices.Notice{Kind: notices.DropTell, Member: commerce.MemberID(fmt.Sprint("m", i)),
					Args: map[string]string{"text": "a drop"}, Once: fmt.Sprint("tell", i)}); err != nil {
					return err
				}
			}
			return nil
		}))
		w.run(2 * time.Second)
		before := len(w.platform.taken)
		w.add("ann", "paid")
		w.add("#g", "card")
		w.run(200 * time.Millisecond)
		if at := slices.Index(w.platform.taken, "ann1: paid"); at < 0 || at > before+4 {
			t.Errorf("a payment is told as number %d, %d were before it", at, before)
		}
		if at := slices.Index(w.platform.taken, "#g: card"); at < 0 || at > before+4 {
			t.Errorf("a card is posted as number %d, %d were before it", at, before)
		}
		w.run(10 * time.Second)
		if w.state("sent") != 202 || len(w.platform.taken) != 202 {
			t.Errorf("%d sent, %d taken", w.state("sent"), len(w.platform.taken))
		}
	})
}

// TestMassInItsTime sends to many by the clock on the wall: no faster than the
// platform takes it, not much slower either, and each with one try.
// Where each has a turn, few are tried in vain, and all are told at the pace.
func TestTurns(t *testing.T) {
	each(t, func(w *world) {
		w.config.Turns = true
		o := outbox.New(w.config)
		w.platform.rates = bots.Rates{All: 40 * time.Millisecond, Private: time.Second, Group: time.Second}
		const many = 200
		w.must(w.db.Write(w.Context(), func(tx *database.Tx) error {
			for i := range many {
				if _, err := notices.Add(tx, commerce.RandomIDs{}, w.clock.Now(), notices.Notice{Kind: notices.DropTell, Member: commerce.MemberID(fmt.Sprint("m", i)),
					Args: map[string]string{"text": "a drop"}, Once: fmt.Sprint("tell", i)}); err != nil {
					return err
				}
			}
			return nil
		}))
		tries, took := 0, time.Duration(0)
		for ; len(w.platform.taken) < many && took < time.Minute; took += 110 * time.Millisecond {
			for {
				n, err := o.Step(w.Context())
				w.must(err)
				if tries += n; n == 0 {
					break
				}
			}
			w.clock.Wait(110 * time.Millisecond)
		}
		if best := many * outbox.MassPace(w.platform.rates); took > best*5/4 || tries > 3*many {
			t.Errorf("told in %v, at best %v; %d tries for %d", took, best, tries, many)
		}
	})
}

func TestMassInItsTime(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		client := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
		t.Cleanup(func() { client.Close() })
		p := &platform{rates: bots.Rates{All: 9 * time.Millisecond, Private: time.Second, Group: time.Second}, answer: map[string]func() error{}}
		store := notices.New(db, commerce.SystemClock{})
		o := outbox.New(outbox.Config{Notices: store, Live: live.New(client, commerce.SystemClock{}), Clock: commerce.SystemClock{}, Log: slog.New(slog.DiscardHandler), Worker: "one",
			Sender: func(string) (outbox.Sender, bool) { return p, true },
			Ways: func(_ context.Context, m commerce.MemberID) ([]outbox.Way, error) {
				return []outbox.Way{{Bot: "bot", Account: string(m)}}, nil
			},
			Render: func(context.Context, notices.Notice) (bots.Screen, error) {
				return bots.Screen{Text: bots.T("a drop")}, nil
			},
		})
		const many = 200
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			for i := range many {
				if _, err := notices.Add(tx, commerce.RandomIDs{}, time.Now(), notices.Notice{Kind: notices.DropTell, Member: commerce.MemberID(fmt.Sprint("m", i)), Once: fmt.Sprint("tell", i)}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		begun, ended := time.Now(), make(chan struct{})
		go func() { o.Run(ctx); close(ended) }()
		sent, tries := 0, 0
		for sent < many && time.Since(begun) < 20*time.Second {
			time.Sleep(10 * time.Millisecond)
			if err := db.Read(t.Context(), func(tx *database.Tx) error {
				return tx.Row(`SELECT COUNT(*), MAX(tries) FROM notices WHERE state = 'sent'`).Scan(&sent, new(sql.Null[int]))
			}); err != nil {
				t.Fatal(err)
			}
		}
		took := time.Since(begun)
		stop()
		<-ended
		if err := db.Read(t.Context(), func(tx *database.Tx) error { return tx.Row(`SELECT MAX(tries) FROM notices`).Scan(&tries) }); err != nil {
			t.Fatal(err)
		}
		pace := outbox.MassPace(p.rates)
		if sent != many || tries > 1 || took < (many-10)*pace {
			t.Errorf("%d of %d sent in %v, with up to %d tries; %v is the least", sent, many, took, tries, (many-10)*pace)
		}
		t.Logf("%d in %v, at best %v", many, took, many*pace)
	})
}

// TestQuietHours has news wait for its member's quiet hours, and nothing else.
func TestQuietHours(t *testing.T) {
	each(t, func(w *world) {
		end := w.clock.Now().Add(2 * time.Hour)
		w.config.Quiet = func(_ context.Context, n notices.Notice) (time.Time, error) {
			if n.Args["text"] == "news" && w.clock.Now().Before(end) {
				return end, nil
			}
			return time.Time{}, nil
		}
		waits := func() (n int) {
			w.must(w.db.Read(w.Context(), func(tx *database.Tx) error {
				return tx.Row(`SELECT COUNT(*) FROM notices WHERE state <> 'sent' AND problem = $1`, notices.Quiet).Scan(&n)
			}))
			return n
		}
		w.add("ann", "news")
		w.add("ann", "paid")
		w.add("#g", "news of the group")
		w.run(time.Minute)
		if len(w.platform.taken) != 2 || slices.Contains(w.platform.taken, "ann1: news") || waits() != 1 {
			t.Errorf("took %v, %d wait", w.platform.taken, waits())
		}
		fails := 1
		w.platform.answer["ann1"] = func() error {
			if fails--; fails >= 0 {
				return &bots.SendError{Outcome: bots.Unreachable, Err: errors.New("502")}
			}
			return nil
		}
		w.clock.Wait(2 * time.Hour)
		w.run(time.Second)
		if waits() != 1 {
			t.Error("that it waited is forgotten when it is tried again")
		}
		w.run(time.Minute)
		if !slices.Contains(w.platform.taken, "ann1: news") {
			t.Errorf("took %v", w.platform.taken)
		}
	})
}
