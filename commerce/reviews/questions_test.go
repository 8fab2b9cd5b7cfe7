package reviews

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestQuestions: who received it answers, once; a few of them are told, once a week.
func TestQuestions(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		r, now := open(t, db)
		arrive(t, r, "ann", "a", "mug")
		arrive(t, r, "sam", "s", "mug")
		ask := func(words string) Question {
			t.Helper()
			q, err := r.Ask(t.Context(), Question{Member: "ben", Product: "mug", Words: words})
			must(t, err)
			return q
		}
		q := ask("Is it heavy?")
		if err := r.Reply(t.Context(), "cleo", q.ID, "No."); !errors.Is(err, ErrNotBuyer) {
			t.Errorf("who has not received it: %v", err)
		}
		arrive(t, r, "ben", "b", "mug")
		if err := r.Reply(t.Context(), "ben", q.ID, "No."); !errors.Is(err, ErrOwnQuestion) {
			t.Errorf("their own: %v", err)
		}
		must(t, r.Reply(t.Context(), "ann", q.ID, "Yes."))
		if err := r.Reply(t.Context(), "ann", q.ID, "Yes!"); !errors.Is(err, ErrReplied) {
			t.Errorf("twice: %v", err)
		}
		if got := databasetest.Told(t, db); got != "question.answered ben, question.ask ann, review.ask ann, review.ask ben" {
			t.Errorf("told: %s", got)
		}
		for range 4 {
			now.Wait(time.Second)
			ask("And now?")
		}
		if _, err := r.Ask(t.Context(), Question{Member: "ben", Product: "mug", Words: "And?"}); !errors.Is(err, ErrManyToday) {
			t.Errorf("the sixth of a day: %v", err)
		}
		if got := databasetest.Told(t, db); got != "question.answered ben, question.ask ann, review.ask ann, review.ask ben" {
			t.Errorf("told in the same week: %s", got)
		}
		page, err := r.Questions(t.Context(), "mug", "", 3)
		if err != nil || len(page.Items) != 3 || page.Next == "" {
			t.Fatalf("%+v, %v", page, err)
		}
		if page, err = r.Questions(t.Context(), "mug", page.Next, 3); err != nil || len(page.Items) != 2 || page.Items[1].Words != "Is it heavy?" || page.Items[1].Answers != 1 {
			t.Errorf("%+v, %v", page, err)
		}

		// Ben and Ann are one: nobody answers their own question.
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return r.Link(tx, "ann", "ben") }))
		if q, err := r.Question(t.Context(), "", q.ID); err != nil || q.Member != "ann" || q.Answers != 0 {
			t.Errorf("%+v, %v", q, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return r.Erase(tx, "ann") }))
		if page, _ := r.Questions(t.Context(), "mug", "", 9); len(page.Items) > 0 {
			t.Errorf("questions of who is erased: %+v", page)
		}
	})
}
