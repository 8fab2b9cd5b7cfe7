package reviews

import (
	"context"
	"errors"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/moderation"
)

// moderated has sam moderate, who works for the brand, and max, who does not; "fool"
// holds back what Ann and Sam write.
func moderated(t *testing.T, db *database.DB) (*Reviews, *moderation.Moderation, *clocktest.Clock) {
	t.Helper()
	r, now := open(t, db)
	m := moderation.New(moderation.Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Staff: r.Staff,
		Parts:      map[moderation.Kind]moderation.Part{moderation.Review: Moderated{r}, moderation.Answer: Answers{r}, moderation.Question: Questions{r}, moderation.Reply: Replies{r}},
		Moderators: func() [][]commerce.MemberID { return [][]commerce.MemberID{{"sam"}, {"max"}} }})
	r.Moderation, r.Words = m, func(_ context.Context, who commerce.MemberID) (moderation.Words, error) {
		if who == "ann" || who == "sam" {
			return moderation.Words{"fool*"}, nil
		}
		return nil, nil
	}
	return r, m, now
}

// TestHeldReview: a word holds a review back until a moderator has looked at it; it
// moves no score before, and does after, shown or hidden.
func TestHeldReview(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, m, _ := moderated(t, db)
		arrive(t, r, "ann", "a", "mug", "jug")
		arrive(t, r, "ben", "b", "mug")
		say := func(p commerce.ProductID, s Stars, words string) Review {
			t.Helper()
			w, err := r.Write(t.Context(), Review{Member: "ann", Product: p, Stars: s, Words: words})
			must(t, err)
			return w
		}
		shown := func(p commerce.ProductID, want int) {
			t.Helper()
			list, err := r.List(t.Context(), p, Newest, "", 9)
			must(t, err)
			if len(list.Items) != want {
				t.Errorf("%d reviews of %s are shown, want %d", len(list.Items), p, want)
			}
		}
		w := say("mug", Stars{5, 4, 3}, "Only fools drink coffee.")
		shown("mug", 0)
		scored(t, r, "mug", Score{})
		about := moderation.Ref{Kind: moderation.Review, ID: string(w.ID)}
		if word, err := m.HeldFor(t.Context(), about); err != nil || word != "fool*" || !w.Hidden {
			t.Errorf("held for %q, %v, %+v", word, err, w)
		}
		// A warning alone leaves it in the queue.
		_, err := m.Decide(t.Context(), moderation.Decision{By: "max", About: about, Kind: moderation.Warn, Reason: moderation.Hate})
		must(t, err)
		if list, n, err := m.Queue(t.Context(), 9); err != nil || n != 1 || list[0].Word == "" {
			t.Errorf("%d wait, %+v, %v", n, list, err)
		}
		// Who works for the brand decides nothing about it.
		if err := m.Fine(t.Context(), "sam", about); !errors.Is(err, moderation.ErrBrand) {
			t.Errorf("fine by the brand: %v", err)
		}
		if _, err := m.Decide(t.Context(), moderation.Decision{By: "sam", About: about, Kind: moderation.Hide, Reason: moderation.Hate}); !errors.Is(err, moderation.ErrBrand) {
			t.Errorf("hidden by the brand: %v", err)
		}
		must(t, m.Fine(t.Context(), "max", about))
		shown("mug", 1)
		scored(t, r, "mug", Score{1, Stars{5, 4, 3}})
		if err := m.Fine(t.Context(), "max", about); !errors.Is(err, moderation.ErrDecided) {
			t.Errorf("twice: %v", err)
		}

		// Changed, it is held again: what counted before counts until it is shown,
		// and without the word it is.
		w.Stars, w.Words = Stars{1, 1, 1}, "A fool's mug."
		must(t, r.Edit(t.Context(), w))
		shown("mug", 0)
		scored(t, r, "mug", Score{1, Stars{5, 4, 3}})
		w.Words = "It broke."
		must(t, r.Edit(t.Context(), w))
		shown("mug", 1)
		scored(t, r, "mug", Score{1, Stars{1, 1, 1}})
		if err := r.Edit(t.Context(), w); !errors.Is(err, ErrEdited) {
			t.Errorf("a third time: %v", err)
		}
		if _, n, _ := m.Queue(t.Context(), 9); n != 0 {
			t.Errorf("%d wait", n)
		}

		// Hidden by who looked at it, its stars count; it cannot be changed.
		w = say("jug", Stars{2, 2, 2}, "Fools.")
		about.ID = string(w.ID)
		hidden, err := m.Decide(t.Context(), moderation.Decision{By: "max", About: about, Kind: moderation.Hide, Reason: moderation.Hate})
		must(t, err)
		shown("jug", 0)
		scored(t, r, "jug", Score{1, Stars{2, 2, 2}})
		if err := r.Edit(t.Context(), Review{ID: w.ID, Member: "ann", Stars: Stars{5, 5, 5}, Words: "Nice."}); !errors.Is(err, ErrHidden) {
			t.Errorf("changed while hidden: %v", err)
		}
		if err := m.Lift(t.Context(), "sam", hidden.ID); !errors.Is(err, moderation.ErrBrand) {
			t.Errorf("lifted by the brand: %v", err)
		}
		must(t, m.Lift(t.Context(), "max", hidden.ID))
		shown("jug", 1)
		scored(t, r, "jug", Score{1, Stars{2, 2, 2}})

		// Another language, another list.
		ben, err := r.Write(t.Context(), Review{Member: "ben", Product: "mug", Stars: Stars{4, 4, 4}, Words: "Only fools."})
		if err != nil || ben.Hidden {
			t.Errorf("%+v, %v", ben, err)
		}
	})
}

// TestHeldErased: the stars of who is erased stay, though nobody has looked at the words.
func TestHeldErased(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, m, _ := moderated(t, db)
		arrive(t, r, "ann", "a", "mug", "jug")
		for p, s := range map[commerce.ProductID]Stars{"mug": {5, 4, 3}, "jug": {1, 1, 1}} {
			_, err := r.Write(t.Context(), Review{Member: "ann", Product: p, Stars: s, Words: "Fools."})
			must(t, err)
		}
		// Linked with who has one of the same product, hers goes, and took nothing along.
		arrive(t, r, "ben", "b", "jug")
		write(t, r, "ben", "jug", Stars{5, 5, 5})
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			if err := r.Link(tx, "ben", "ann"); err != nil {
				return err
			}
			return m.Link(tx, "ben", "ann")
		}))
		scored(t, r, "jug", Score{1, Stars{5, 5, 5}})
		scored(t, r, "mug", Score{})
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			if err := r.Erase(tx, "ben"); err != nil {
				return err
			}
			return m.Erase(tx, "ben")
		}))
		scored(t, r, "mug", Score{1, Stars{5, 4, 3}})
		if _, n, _ := m.Queue(t.Context(), 9); n != 0 {
			t.Errorf("%d wait", n)
		}
	})
}

// TestHiddenAnswer: a brand's answer is held back, reported and hidden by itself,
// while the review stays; its member is told once it is shown.
func TestHiddenAnswer(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, m, _ := moderated(t, db)
		arrive(t, r, "ann", "a", "mug")
		w := write(t, r, "ann", "mug", Stars{2, 2, 2})
		about := moderation.Ref{Kind: moderation.Answer, ID: string(w.ID)}
		if err := m.Report(t.Context(), "ben", about, moderation.Hate, ""); !errors.Is(err, moderation.ErrUnknown) {
			t.Errorf("no answer yet: %v", err)
		}
		must(t, r.Answer(t.Context(), "staff:sam", nil, w.ID, "Only fools break mugs."))
		if got := databasetest.Told(t, db); got != "review.ask ann, staff.report max" {
			t.Errorf("told: %s", got)
		}
		if err := m.Fine(t.Context(), "sam", about); !errors.Is(err, moderation.ErrOwn) {
			t.Errorf("their own: %v", err)
		}
		must(t, m.Fine(t.Context(), "max", about))
		if got := databasetest.Told(t, db); got != "moderation.shown sam, review.answered ann, review.ask ann, staff.report max" {
			t.Errorf("told: %s", got)
		}
		must(t, m.Report(t.Context(), "ann", about, moderation.Hate, "Fool, me?"))
		list, _, err := m.Queue(t.Context(), 9)
		if err != nil || len(list) != 1 || list[0].By != "Kiln" || list[0].Beside[0].Words != "Words of ann" {
			t.Fatalf("%+v, %v", list, err)
		}
		one, err := m.Decide(t.Context(), moderation.Decision{By: "max", About: about, Kind: moderation.Hide, Reason: moderation.Hate})
		must(t, err)
		is, err := r.One(t.Context(), w.ID)
		if err != nil || is.Hidden || !is.AnswerHidden || one.Member != "sam" {
			t.Errorf("%+v, %v, against %s", is, err, one.Member)
		}
		if err := r.Answer(t.Context(), "staff:sam", nil, w.ID, "Sorry."); !errors.Is(err, ErrHidden) {
			t.Errorf("changed while hidden: %v", err)
		}
		alone, err := m.Appeal(t.Context(), "sam", one.ID, "A joke.")
		if err != nil || !alone { // sam cannot: it is their own
			t.Errorf("alone %v, %v", alone, err)
		}
		must(t, m.Answer(t.Context(), "max", one.ID, true, ""))
		if is, err = r.One(t.Context(), w.ID); err != nil || is.AnswerHidden {
			t.Errorf("%+v, %v", is, err)
		}
		_, err = m.Decide(t.Context(), moderation.Decision{By: "max", About: about, Kind: moderation.Freeze, For: day, Reason: moderation.Hate})
		must(t, err)
		if err := r.Answer(t.Context(), "staff:sam", nil, w.ID, "Sorry."); !errors.Is(err, moderation.ErrFrozen) {
			t.Errorf("frozen: %v", err)
		}
	})
}

// TestHeldQuestion: what is held back tells nobody until it is shown, and is hidden
// and restored by itself.
func TestHeldQuestion(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, m, _ := moderated(t, db)
		arrive(t, r, "ben", "b", "mug")
		q, err := r.Ask(t.Context(), Question{Member: "ann", Product: "mug", Words: "Is it for fools?"})
		must(t, err)
		if _, err := r.Question(t.Context(), "ben", q.ID); !errors.Is(err, ErrNoQuestion) {
			t.Errorf("read by others: %v", err)
		}
		if own, err := r.Question(t.Context(), "ann", q.ID); err != nil || !own.Hidden {
			t.Errorf("%+v, %v", own, err)
		}
		if err := r.Reply(t.Context(), "ben", q.ID, "Yes."); !errors.Is(err, ErrNoQuestion) {
			t.Errorf("answered: %v", err)
		}
		about := moderation.Ref{Kind: moderation.Question, ID: string(q.ID)}
		must(t, m.Fine(t.Context(), "max", about))
		if got := databasetest.Told(t, db); got != "moderation.shown ann, question.ask ben, review.ask ben, staff.report max, staff.report sam" {
			t.Errorf("told: %s", got)
		}
		must(t, r.Reply(t.Context(), "ben", q.ID, "Yes."))
		arrive(t, r, "ann", "a", "jug")
		other, err := r.Ask(t.Context(), Question{Member: "ben", Product: "jug", Words: "Is it heavy?"})
		must(t, err)
		must(t, r.Reply(t.Context(), "ann", other.ID, "Not for fools."))
		count := func(want int64, shown int) {
			t.Helper()
			is, err := r.Question(t.Context(), "", other.ID)
			if err != nil || is.Answers != want {
				t.Errorf("%+v, %v; want %d answers", is, err, want)
			}
			list, err := r.Replies(t.Context(), "ben", other.ID, 9)
			if err != nil || len(list) != shown {
				t.Errorf("%+v, %v; want %d", list, err, shown)
			}
		}
		count(0, 0)
		mine, err := r.Replies(t.Context(), "ann", other.ID, 9)
		if err != nil || len(mine) != 1 || !mine[0].Hidden {
			t.Fatalf("%+v, %v", mine, err)
		}
		must(t, r.Reply(t.Context(), "ann", other.ID, "No, it is light.")) // without the word
		count(1, 1)
		if err := r.Reply(t.Context(), "ann", other.ID, "Yes."); !errors.Is(err, ErrReplied) {
			t.Errorf("twice: %v", err)
		}
		reply := moderation.Ref{Kind: moderation.Reply, ID: mine[0].ID}
		must(t, m.Report(t.Context(), "ben", reply, moderation.Fraud, ""))
		c, err := m.Look(t.Context(), reply)
		if err != nil || c.Under.ID != string(other.ID) || c.Beside[0].Words != "Is it heavy?" {
			t.Errorf("%+v, %v", c, err)
		}
		one, err := m.Decide(t.Context(), moderation.Decision{By: "max", About: reply, Kind: moderation.Hide, Reason: moderation.Fraud})
		must(t, err)
		count(0, 0)
		if err := r.Reply(t.Context(), "ann", other.ID, "No."); !errors.Is(err, ErrHidden) {
			t.Errorf("changed while hidden: %v", err)
		}
		must(t, m.Lift(t.Context(), "max", one.ID))
		count(1, 1)
	})
}
