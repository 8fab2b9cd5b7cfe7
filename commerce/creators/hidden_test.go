package creators

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/moderation"
)

// moderated makes a shop with a moderator, sam, and a creator, ann.
func moderated(t *testing.T, db *database.DB) (*Creators, *moderation.Moderation, *clock, Creator) {
	c, now := open(t, db)
	c.Moderation = moderation.New(moderation.Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Parts: map[moderation.Kind]moderation.Part{moderation.Pick: Moderated{c}},
		Moderators: func() [][]commerce.MemberID { return [][]commerce.MemberID{{"sam"}} }})
	return c, c.Moderation, now, maker(t, c)
}

func publish(t *testing.T, c *Creators, of commerce.CreatorID, words string) Pick {
	t.Helper()
	p, err := c.Publish(t.Context(), of, write(t, c, of, words).ID, Publishing{Communities: []commerce.CommunityID{"east"}})
	must(t, err)
	return p
}

// TestHiddenPick: it is nowhere while it is hidden, and then where it was.
func TestHiddenPick(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, m, now, ann := moderated(t, db)
		_, err := c.Follow(t.Context(), "bob", ann.ID)
		must(t, err)
		old := publish(t, c, ann.ID, "The first. #tea")
		must(t, c.Pin(t.Context(), ann.ID, old.ID, true))
		chat := Chat{Bot: "tg", ID: "1", Community: "east"}
		if n, err := c.PlanPosts(t.Context(), []Chat{chat}, Policy{}); n != 1 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Posted(tx, old.ID, chat, "77") }))
		now.wait(time.Hour)
		waits := publish(t, c, ann.ID, "The second. #tea")
		shown := func() (n int) {
			t.Helper()
			feed, err := c.Feed(t.Context(), Feed{Member: "bob"}, "", 9)
			must(t, err)
			list, err := c.PicksOf(t.Context(), ann.ID, nil, "", 9)
			must(t, err)
			tagged, err := c.Tagged(t.Context(), "tea", nil, "", 9)
			must(t, err)
			if len(feed.Items) != len(list.Items) || len(feed.Items) != len(tagged.Items) {
				t.Errorf("%d in the feed, %d of the creator, %d with the hashtag", len(feed.Items), len(list.Items), len(tagged.Items))
			}
			return len(feed.Items)
		}
		if n := shown(); n != 2 {
			t.Fatalf("%d are shown", n)
		}
		hide := func(p Pick) moderation.Measure {
			t.Helper()
			r := moderation.Ref{Kind: moderation.Pick, ID: string(p.ID)}
			must(t, m.Report(t.Context(), "bob", r, moderation.Hate, ""))
			one, err := m.Decide(t.Context(), moderation.Decision{By: "sam", About: r, Kind: moderation.Hide, Reason: moderation.Hate})
			must(t, err)
			return one
		}
		before, err := c.Begin(t.Context(), ann.ID, old.ID)
		must(t, err)
		one, two := hide(old), hide(waits)
		if _, err := c.Publish(t.Context(), ann.ID, before.ID, Publishing{}); !errors.Is(err, ErrHidden) {
			t.Errorf("a draft of before is published over it: %v", err)
		}
		if n := shown(); n != 0 {
			t.Errorf("%d hidden ones are shown", n)
		}
		if p, err := c.Pick(t.Context(), old.ID); err != nil || !p.Hidden || !p.Archived {
			t.Errorf("%+v, %v", p, err)
		}
		if list, err := c.OldPosts(t.Context(), 9); err != nil || len(list) != 1 || list[0].Message != "77" {
			t.Errorf("posts to bring up to date: %+v, %v", list, err)
		}
		if n, err := c.PlanPosts(t.Context(), []Chat{chat}, Policy{}); n != 0 || err != nil {
			t.Errorf("a hidden one is posted: %d, %v", n, err)
		}
		if _, err := c.Begin(t.Context(), ann.ID, old.ID); !errors.Is(err, ErrHidden) {
			t.Errorf("a hidden one is changed: %v", err)
		}
		for _, lift := range []string{one.ID, two.ID} {
			now.wait(time.Minute)
			must(t, m.Lift(t.Context(), "sam", lift))
		}
		if n := shown(); n != 2 {
			t.Errorf("%d are shown again", n)
		}
		if p, err := c.Pick(t.Context(), old.ID); err != nil || p.Hidden || p.Archived || !p.Pinned || p.Seq != old.Seq {
			t.Errorf("%+v, %v", p, err)
		}
		if n, err := c.PlanPosts(t.Context(), []Chat{chat}, Policy{}); n != 1 || err != nil {
			t.Errorf("what waited to be posted is forgotten: %d, %v", n, err)
		}
	})
}

// TestHiddenAndWithdrawn: what its creator takes away, or the YAML no longer
// names, does not come back with a decision; and declared again it stays hidden.
func TestHiddenAndWithdrawn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _, _, ann := moderated(t, db)
		mark := func(id commerce.PickID, do func(p Moderated, tx *database.Tx, id string) error) {
			t.Helper()
			must(t, db.Write(t.Context(), func(tx *database.Tx) error { return do(Moderated{c}, tx, string(id)) }))
		}
		mine := publish(t, c, ann.ID, "Mine.")
		mark(mine.ID, Moderated.Hide)
		must(t, c.Withdraw(t.Context(), ann.ID, mine.ID))
		mark(mine.ID, Moderated.Restore)
		if p, err := c.Pick(t.Context(), mine.ID); err != nil || !p.Archived || p.Hidden {
			t.Errorf("%+v, %v", p, err)
		}
		declare(t, c, creator("mira", "m1", "m2"))
		mark("m1", Moderated.Hide)
		mark("m2", Moderated.Hide)
		declare(t, c, creator("mira", "m1", "m2"))
		if got := newest(t, c); got != "" {
			t.Errorf("declared again they are shown: %s", got)
		}
		declare(t, c, creator("mira", "m1"))
		mark("m1", Moderated.Restore)
		mark("m2", Moderated.Restore)
		if got := newest(t, c); got != "m1" {
			t.Errorf("restored: %s", got)
		}
	})
}

// TestHeldBack: a word of the lists holds a post back until a person has looked.
func TestHeldBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, m, _, ann := moderated(t, db)
		c.Words = func(_ context.Context, who commerce.MemberID) (moderation.Words, error) {
			if who != "ann" {
				t.Errorf("asked for the words of %s", who)
			}
			return moderation.Words{"fool"}, nil
		}
		if p := publish(t, c, ann.ID, "Nothing foolish."); p.Hidden {
			t.Error("held back for nothing")
		}
		held := publish(t, c, ann.ID, "Not for a FOOL.")
		if p, err := c.Pick(t.Context(), held.ID); err != nil || !held.Hidden || !p.Hidden || !p.Archived {
			t.Errorf("%+v, %v", p, err)
		}
		change := func(words string) Pick {
			t.Helper()
			draft, err := c.Begin(t.Context(), ann.ID, held.ID)
			must(t, err)
			_, err = c.Write(t.Context(), ann.ID, draft.ID, "A title", words, nil)
			must(t, err)
			p, err := c.Publish(t.Context(), ann.ID, draft.ID, Publishing{})
			must(t, err)
			return p
		}
		if p := change("Still a fool."); !p.Hidden {
			t.Error("shown with the word in it")
		}
		if _, all, err := m.Queue(t.Context(), 9); all != 1 || err != nil {
			t.Errorf("%d wait, %v", all, err)
		}
		change("Not for everybody.")
		if p, err := c.Pick(t.Context(), held.ID); err != nil || p.Hidden || p.Archived {
			t.Errorf("%+v, %v", p, err)
		}
		if _, all, err := m.Queue(t.Context(), 9); all != 0 || err != nil {
			t.Errorf("%d wait, %v", all, err)
		}
	})
}

// TestFrozen: who may not post does not, by the clock either, and nothing they
// wrote is lost.
func TestFrozen(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, m, now, ann := moderated(t, db)
		p := publish(t, c, ann.ID, "A post.")
		draft := write(t, c, ann.ID, "Another.")
		planned := write(t, c, ann.ID, "By itself.")
		_, err := c.Plan(t.Context(), ann.ID, planned.ID, now.t)
		must(t, err)
		r := moderation.Ref{Kind: moderation.Pick, ID: string(p.ID)}
		must(t, m.Report(t.Context(), "bob", r, moderation.Spam, ""))
		_, err = m.Decide(t.Context(), moderation.Decision{By: "sam", About: r, Kind: moderation.Freeze, For: day, Reason: moderation.Spam})
		must(t, err)
		if _, err := c.Publish(t.Context(), ann.ID, draft.ID, Publishing{}); !errors.Is(err, moderation.ErrFrozen) {
			t.Error(err)
		}
		if n, err := c.PublishDue(t.Context(), Publishing{}, 9); n != 0 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		now.wait(day)
		if n, err := c.PublishDue(t.Context(), Publishing{}, 9); n != 1 || err != nil {
			t.Errorf("after the pause: %d, %v", n, err)
		}
		_, err = c.Plan(t.Context(), ann.ID, draft.ID, now.t)
		must(t, err)
		ban, err := m.Decide(t.Context(), moderation.Decision{By: "sam", About: r, Kind: moderation.Ban, Reason: moderation.Spam})
		must(t, err)
		for range 2 {
			if n, err := c.PublishDue(t.Context(), Publishing{}, 9); n != 0 || err != nil {
				t.Errorf("%d, %v", n, err)
			}
		}
		if d, err := c.Draft(t.Context(), ann.ID, draft.ID); err != nil || !d.At.IsZero() {
			t.Errorf("%+v, %v", d, err)
		}
		must(t, m.Lift(t.Context(), "sam", ban.ID))
		_, err = c.Publish(t.Context(), ann.ID, draft.ID, Publishing{})
		must(t, err)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE measures SET lifted_at = 0, member_id = 'bob' WHERE id = $1`, ban.ID)
			return err
		}))
		if err := c.Apply(t.Context(), Application{Member: "bob", Product: "p1", Words: "w"}, nil); !errors.Is(err, moderation.ErrBanned) {
			t.Errorf("who is banned applies: %v", err)
		}
	})
}
