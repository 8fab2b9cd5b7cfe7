package creators

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// maker makes a creator of ann.
func maker(t *testing.T, c *Creators) Creator {
	t.Helper()
	must(t, c.Apply(t.Context(), Application{Member: "ann", Product: "p1", Words: "w"}, nil))
	a, err := c.ApplicationOf(t.Context(), "ann")
	must(t, err)
	made, err := c.Approve(t.Context(), "staff:x", a.ID, "Ann")
	must(t, err)
	return made
}

// write makes a draft with words, a photo and a product.
func write(t *testing.T, c *Creators, of commerce.CreatorID, words string, photos ...string) Post {
	t.Helper()
	p, err := c.Begin(t.Context(), of, "")
	must(t, err)
	_, err = c.Write(t.Context(), of, p.ID, "A title", words, photos)
	must(t, err)
	p, err = c.Tag(t.Context(), of, p.ID, Item{Product: "p1"})
	must(t, err)
	return p
}

func TestPublish(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		var exposed, forgotten []string
		c.Expose = func(hash string) error { exposed = append(exposed, hash); return nil }
		c.Forget = func(hash string) { // as the program does
			shown := true
			must(t, db.Read(context.Background(), func(tx *database.Tx) (err error) { shown, err = Shown(tx, hash); return err }))
			if !shown {
				forgotten = append(forgotten, hash)
			}
		}
		ann := maker(t, c)
		to := Publishing{Communities: []commerce.CommunityID{"east", "west"}, Most: 2}
		draft := write(t, c, ann.ID, "Every morning. #Tea #mug_life", "aa", "bb")
		if got := newest(t, c); got != "" {
			t.Errorf("a draft is shown: %s", got)
		}
		if _, err := c.Draft(t.Context(), "somebody", draft.ID); !errors.Is(err, ErrNoDraft) {
			t.Errorf("another creator's draft: %v", err)
		}

		var wg sync.WaitGroup
		var mu sync.Mutex
		var picks []Pick
		for range 4 {
			wg.Go(func() {
				p, err := c.Publish(context.Background(), ann.ID, draft.ID, to)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					picks = append(picks, p)
				} else if !errors.Is(err, ErrNoDraft) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(picks) != 1 || newest(t, c) != string(picks[0].ID) {
			t.Fatalf("published %d times: %s", len(picks), newest(t, c))
		}
		first, err := c.Pick(t.Context(), picks[0].ID)
		must(t, err)
		if !first.Made || first.Picture != "photo:aa" || !slices.Equal(first.Photos, []string{"aa", "bb"}) || len(first.Items) != 1 || len(forgotten) != 0 || len(exposed) < 2 {
			t.Errorf("%+v, forgotten %v, exposed %v", first, forgotten, exposed)
		}
		if page, err := c.Tagged(t.Context(), "TEA", nil, "", 5); err != nil || len(page.Items) != 1 {
			t.Errorf("tagged: %+v, %v", page, err)
		}

		// It changes where it stands, and the photo that is left out goes.
		again, err := c.Begin(t.Context(), ann.ID, first.ID)
		must(t, err)
		if same, err := c.Begin(t.Context(), ann.ID, first.ID); err != nil || same.ID != again.ID || again.Words != first.Body {
			t.Errorf("%+v, %v", same, err)
		}
		_, err = c.Write(t.Context(), ann.ID, again.ID, "Better", "Every evening. #night", []string{"bb", "cc"})
		must(t, err)
		if p, err := c.Pick(t.Context(), first.ID); err != nil || p.Body != first.Body {
			t.Errorf("changed before it was published: %+v, %v", p, err)
		}
		changed, err := c.Publish(t.Context(), ann.ID, again.ID, to)
		if err != nil || changed.ID != first.ID || changed.Seq != first.Seq || !changed.CreatedAt.Equal(first.CreatedAt) || changed.Title != "Better" {
			t.Errorf("%+v, %v", changed, err)
		}
		if !slices.Equal(forgotten, []string{"aa"}) {
			t.Errorf("forgotten: %v", forgotten)
		}
		if tea, err := c.Tagged(t.Context(), "tea", nil, "", 5); err != nil || len(tea.Items) != 0 {
			t.Errorf("still tagged: %+v, %v", tea, err)
		}

		// A second one, and no third before a day is over. What is planned waits.
		now.wait(time.Hour)
		_, err = c.Publish(t.Context(), ann.ID, write(t, c, ann.ID, "Two").ID, to)
		must(t, err)
		third := write(t, c, ann.ID, "Three")
		_, err = c.Publish(t.Context(), ann.ID, third.ID, to)
		var e *commerce.Error
		if !errors.As(err, &e) || e.Message != ErrToday.Message || !e.Args["at"].(time.Time).Equal(start().t.Add(day)) {
			t.Errorf("%v", err)
		}
		_, err = c.Plan(t.Context(), ann.ID, third.ID, now.t.Add(time.Minute))
		must(t, err)
		for _, step := range []struct {
			wait time.Duration
			done int
		}{{0, 0}, {time.Minute, 0}, {time.Hour, 0}, {22 * time.Hour, 1}, {0, 0}} {
			now.wait(step.wait)
			if done, err := c.PublishDue(t.Context(), to, 10); done != step.done || err != nil {
				t.Errorf("after %s: %d, %v; want %d", step.wait, done, err, step.done)
			}
		}

		must(t, c.Pin(t.Context(), ann.ID, first.ID, true))
		if p, err := c.Pick(t.Context(), first.ID); err != nil || !p.Pinned {
			t.Errorf("%+v, %v", p, err)
		}
		if page, err := c.PicksOf(t.Context(), ann.ID, nil, "", 1); err != nil || len(page.Items) != 2 || page.Items[0].ID != first.ID || page.Items[1].Body != "Three" {
			t.Errorf("%+v, %v", page, err)
		}
		if err := c.Withdraw(t.Context(), "somebody", first.ID); !errors.Is(err, ErrUnknownPick) {
			t.Errorf("another creator withdraws it: %v", err)
		}
		must(t, c.Withdraw(t.Context(), ann.ID, first.ID))
		must(t, c.Withdraw(t.Context(), ann.ID, first.ID))
		if p, err := c.Pick(t.Context(), first.ID); err != nil || !p.Archived || p.Pinned {
			t.Errorf("%+v, %v", p, err)
		}
		if slices.Sort(forgotten); !slices.Equal(forgotten, []string{"aa", "bb", "cc"}) {
			t.Errorf("forgotten: %v", forgotten)
		}
		// The YAML is read anew: it keeps its hands off.
		declare(t, c, creator("mira", "m1"))
		if got := strings.Fields(newest(t, c)); len(got) != 3 {
			t.Error(got)
		}
	})
}

// TestPublishedIsPosted: a group gets what was published for it, first what was
// published first, in its own time; a change or a withdrawal makes posts old.
func TestPublishedIsPosted(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		declare(t, c, creator("mira", "m1"))
		ann := maker(t, c)
		to := Publishing{Communities: []commerce.CommunityID{"east", "west"}}
		draft := write(t, c, ann.ID, "East only")
		_, err := c.Place(t.Context(), ann.ID, draft.ID, "east")
		must(t, err)
		one, err := c.Publish(t.Context(), ann.ID, draft.ID, to)
		must(t, err)
		now.wait(time.Minute)
		two, err := c.Publish(t.Context(), ann.ID, write(t, c, ann.ID, "Everywhere").ID, to)
		must(t, err)
		chats := []Chat{{Bot: "tg", ID: "-1", Community: "east", Creators: []commerce.CreatorID{"mira"}}, {Bot: "tg", ID: "-2", Community: "west"}}
		var got []string
		for range 5 {
			_, err := c.PlanPosts(t.Context(), chats, Policy{Every: time.Hour})
			must(t, err)
			now.wait(time.Hour)
		}
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			return tx.Rows(`SELECT chat, pick_id FROM posts ORDER BY chat, created_at`, nil, func(scan func(...any) error) error {
				var chat, pick string
				err := scan(&chat, &pick)
				pick = map[string]string{string(one.ID): "one", string(two.ID): "two"}[pick] + strings.TrimPrefix(pick, string(one.ID))
				got = append(got, chat+" "+strings.TrimSuffix(pick, string(two.ID)))
				return err
			})
		}))
		if want := []string{"-1 one", "-1 two", "-1 m1", "-2 two"}; !cmp.Equal(got, want) {
			t.Error(cmp.Diff(want, got))
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Posted(tx, two.ID, chats[1], "77") }))
		if old, err := c.OldPosts(t.Context(), 10); err != nil || len(old) != 0 {
			t.Errorf("%+v, %v", old, err)
		}
		must(t, c.Withdraw(t.Context(), ann.ID, two.ID))
		old, err := c.OldPosts(t.Context(), 10)
		if err != nil || len(old) != 1 || old[0].Message != "77" {
			t.Fatalf("%+v, %v", old, err)
		}
		must(t, c.Showed(t.Context(), old[0]))
		if old, err := c.OldPosts(t.Context(), 10); err != nil || len(old) != 0 {
			t.Errorf("%+v, %v", old, err)
		}

		// A group that had no room for it in a week does not get it any more.
		_, err = c.Publish(t.Context(), ann.ID, write(t, c, ann.ID, "Late").ID, to)
		must(t, err)
		now.wait(stale)
		if n, err := c.PlanPosts(t.Context(), chats[1:], Policy{}); n != 0 || err != nil {
			t.Errorf("%d posted a week after: %v", n, err)
		}
		_, err = c.Publish(t.Context(), ann.ID, write(t, c, ann.ID, "In time").ID, to)
		must(t, err)
		now.wait(stale - time.Second)
		if n, err := c.PlanPosts(t.Context(), chats[1:], Policy{}); n != 1 || err != nil {
			t.Errorf("%d posted within a week: %v", n, err)
		}
	})
}

func TestTags(t *testing.T) {
	for text, want := range map[string]string{
		"#Tea and #tea, #mug_life!": "tea mug_life", "a#b c/#d &#39; #": "", "#größe (#würzig)": "größe würzig", "#x": "",
	} {
		if got := strings.Join(Tags(text), " "); got != want {
			t.Errorf("%s: %q; want %q", text, got, want)
		}
	}
	if got := Tags(strings.Repeat("#aa #bb #cc #dd #ee #ff #gg #hh #ii ", 2)); len(got) != mostTags {
		t.Error(got)
	}
}

// TestVideo: a post has one video at most, which goes with what shows it.
func TestVideo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, _ := open(t, db)
		var exposed, forgotten []string
		c.Expose = func(hash string) error { exposed = append(exposed, hash); return nil }
		c.Forget = func(hash string) {
			shown := true
			must(t, db.Read(context.Background(), func(tx *database.Tx) (err error) { shown, err = Shown(tx, hash); return err }))
			if !shown {
				forgotten = append(forgotten, hash)
			}
		}
		ann := maker(t, c)
		film := func(id commerce.DraftID, video string) Post {
			t.Helper()
			p, err := c.Film(t.Context(), ann.ID, id, video)
			must(t, err)
			return p
		}
		want := func(what string, gone ...string) {
			t.Helper()
			if !slices.Equal(forgotten, gone) {
				t.Errorf("%s: forgotten %v, not %v", what, forgotten, gone)
			}
			forgotten = nil
		}
		draft := write(t, c, ann.ID, "words", "p1")
		film(draft.ID, "v1")
		if p := film(draft.ID, "v2"); p.Video != "v2" || !slices.Equal(p.Photos, []string{"p1"}) || p.Words != "words" {
			t.Errorf("%+v", p)
		}
		want("another one", "v1")
		if p, err := c.Write(t.Context(), ann.ID, draft.ID, "A title", "more", nil); err != nil || p.Video != "v2" {
			t.Errorf("after other words: %+v, %v", p, err)
		}
		if _, err := c.Film(t.Context(), "somebody", draft.ID, "v9"); !errors.Is(err, ErrNoDraft) {
			t.Errorf("somebody else's: %v", err)
		}
		pick, err := c.Publish(t.Context(), ann.ID, draft.ID, Publishing{})
		must(t, err)
		if again, err := c.Pick(t.Context(), pick.ID); err != nil || again.Video != "v2" || !slices.Equal(exposed, []string{"p1", "v2"}) {
			t.Errorf("published %+v, %v; exposed %v", again, err, exposed)
		}
		want("published")
		must(t, db.Read(t.Context(), func(tx *database.Tx) error {
			s, err := Moderated{c}.Look(tx, string(pick.ID))
			if s.Video != "v2" {
				t.Errorf("a moderator sees %+v", s)
			}
			return err
		}))
		name := func(hash string) string { return "/" + hash }
		if list, err := c.ExportPosts(t.Context(), "ann", name, name); err != nil || len(list) != 1 || list[0].Video != "/v2" || !slices.Equal(list[0].Photos, []string{"/p1"}) || list[0].Words != "more" {
			t.Errorf("exported %+v, %v", list, err)
		}

		// A change without it shows it until it is published.
		change, err := c.Begin(t.Context(), ann.ID, pick.ID)
		must(t, err)
		film(change.ID, "")
		want("out of the change")
		_, err = c.Publish(t.Context(), ann.ID, change.ID, Publishing{})
		must(t, err)
		want("changed", "v2")

		// Erased, nothing of hers is kept.
		change, err = c.Begin(t.Context(), ann.ID, pick.ID)
		must(t, err)
		film(change.ID, "v3")
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return c.Erase(tx, "ann") }))
		slices.Sort(forgotten)
		forgotten = slices.Compact(forgotten) // the photo was shown twice
		want("erased", "p1", "v3")
		if list, err := c.Drafts(t.Context(), ann.ID); err != nil || len(list) != 0 {
			t.Errorf("%v, %v", list, err)
		}
	})
}

// TestPublishDueGoesOn: a draft that cannot be published keeps none of the others
// from it, and is tried again.
func TestPublishDueGoesOn(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c, now := open(t, db)
		gone := true
		c.Expose = func(string) error {
			if gone {
				return errors.New("the photo is gone")
			}
			return nil
		}
		ann := maker(t, c)
		first, second := write(t, c, ann.ID, "One", "aa"), write(t, c, ann.ID, "Two")
		for _, d := range []Post{first, second} {
			_, err := c.Plan(t.Context(), ann.ID, d.ID, now.t.Add(time.Minute))
			must(t, err)
		}
		now.wait(time.Minute)
		if done, err := c.PublishDue(t.Context(), Publishing{}, 10); done != 1 || err == nil {
			t.Errorf("%d, %v", done, err)
		}
		if done, err := c.PublishDue(t.Context(), Publishing{}, 10); done != 0 || err != nil {
			t.Errorf("at once again: %d, %v", done, err)
		}
		gone = false
		now.wait(publishAgain)
		if done, err := c.PublishDue(t.Context(), Publishing{}, 10); done != 1 || err != nil {
			t.Errorf("later: %d, %v", done, err)
		}
	})
}
