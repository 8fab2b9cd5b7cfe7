package moderation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

type clock struct{ t time.Time }

func (c *clock) Now() time.Time { return c.t }

// wall is a part with one thing of each author: ann1 by ann, and so on.
type wall struct {
	mu     sync.Mutex
	hidden map[string]bool
	gone   map[string]bool
}

func (w *wall) Look(_ *database.Tx, id string) (Subject, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	author := strings.TrimRight(id, "0123456789")
	if author == "nothing" {
		return Subject{}, ErrUnknown
	}
	if author == "shop" {
		author = ""
	}
	return Subject{Author: commerce.MemberID(author), Title: id, Hidden: w.hidden[id], Gone: w.gone[id]}, nil
}

func (w *wall) set(id string, hidden bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hidden[id] = hidden
	return nil
}

func (w *wall) Hide(_ *database.Tx, id string) error    { return w.set(id, true) }
func (w *wall) Restore(_ *database.Tx, id string) error { return w.set(id, false) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// open makes a house with two moderators, sam, who has two accounts, and max.
func open(t *testing.T, db *database.DB) (*Moderation, *wall, *clock) {
	t.Helper()
	now := &clock{time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	w := &wall{hidden: map[string]bool{}, gone: map[string]bool{}}
	return New(Config{DB: db, Clock: now, IDs: commerce.RandomIDs{}, Parts: map[Kind]Part{Pick: w},
		Moderators: func() [][]commerce.MemberID { return [][]commerce.MemberID{{"sam", "sam2"}, {"max"}} }}), w, now
}

func pick(id string) Ref { return Ref{Pick, id} }

func queue(t *testing.T, m *Moderation) string {
	t.Helper()
	list, all, err := m.Queue(t.Context(), 10)
	must(t, err)
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprintf("%s %d/%d", c.ID, c.Severity, c.Reports))
	}
	if int(all) != len(list) {
		t.Errorf("%d wait, %d are listed", all, len(list))
	}
	return strings.Join(out, ", ")
}

func TestReports(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, w, now := open(t, db)
		report := func(who commerce.MemberID, id string, why Reason) error {
			return m.Report(t.Context(), who, pick(id), why, "")
		}
		must(t, report("ben", "ann1", Spam))
		is(t, report("ben", "ann1", Hate), ErrReported)
		is(t, report("ann", "ann1", Hate), ErrOwn)
		is(t, report("ben", "nothing1", Hate), ErrUnknown)
		is(t, m.Report(t.Context(), "ben", Ref{"poem", "1"}, Hate, ""), ErrUnknown)
		w.gone["eve1"], w.hidden["eve2"] = true, true
		is(t, report("ben", "eve1", Hate), ErrUnknown)
		is(t, report("ben", "eve2", Hate), ErrUnknown)
		if got := databasetest.Told(t, db); got != "staff.report max, staff.report sam, staff.report sam2" {
			t.Error(got)
		}
		now.t = now.t.Add(time.Minute)
		must(t, report("ben", "ann2", Spam))
		must(t, report("cleo", "ann2", Other))
		must(t, report("ben", "max3", Danger))
		must(t, report("cleo", "ann4", Spam))
		if got := queue(t, m); got != "max3 4/1, ann2 1/2, ann1 1/1, ann4 1/1" {
			t.Error(got)
		}
		// What is bad is told at once, not to who wrote it.
		if got := databasetest.Told(t, db); got != "staff.report max, staff.report sam, staff.report sam, staff.report sam2, staff.report sam2" {
			t.Error(got)
		}
		must(t, report("dan", "ann1", Hate))
		if got := queue(t, m); got != "max3 4/1, ann1 3/2, ann2 1/2, ann4 1/1" {
			t.Error(got)
		}
		// Looked at, it counts anew.
		must(t, m.Fine(t.Context(), "sam", pick("ann1")))
		is(t, m.Fine(t.Context(), "max", pick("ann1")), ErrDecided)
		is(t, m.Fine(t.Context(), "max", pick("max3")), ErrOwn)
		now.t = now.t.Add(time.Minute)
		must(t, report("eve", "ann1", Spam))
		if got := queue(t, m); got != "max3 4/1, ann2 1/2, ann4 1/1, ann1 1/1" {
			t.Error(got)
		}
		for i := range mostReports {
			if err := report("gil", fmt.Sprint("ann", 100+i), Spam); err != nil {
				t.Fatal(err)
			}
		}
		is(t, report("gil", "ann200", Spam), ErrMany)
		now.t = now.t.Add(25 * time.Hour)
		must(t, report("gil", "ann200", Spam))
	})
}

// TestReportOnce: who presses many times at once reports once.
func TestReportOnce(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, _, _ := open(t, db)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				who := commerce.MemberID([]string{"ben", "cleo"}[i%2])
				if err := m.Report(context.Background(), who, pick("ann1"), Spam, ""); err != nil && !errors.Is(err, ErrReported) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if got := queue(t, m); got != "ann1 1/2" {
			t.Error(got)
		}
		if n, _, err := Verify(t.Context(), db, nil); n != 2 || err != nil {
			t.Errorf("%d lines, %v", n, err)
		}
	})
}

func TestDecide(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, w, now := open(t, db)
		must(t, m.Report(t.Context(), "ben", pick("ann1"), Hate, "look"))
		must(t, m.Report(t.Context(), "ben", pick("shop1"), Hate, ""))
		hide := func(by commerce.MemberID, id string) (Measure, error) {
			return m.Decide(t.Context(), Decision{By: by, About: pick(id), Kind: Hide, Reason: Hate, Words: "No names."})
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var made []Measure
		for i := range 6 {
			wg.Go(func() {
				one, err := m.Decide(context.Background(), Decision{By: []commerce.MemberID{"sam", "max"}[i%2], About: pick("ann1"), Kind: Hide, Reason: Hate, Words: "No names."})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					made = append(made, one)
				} else if !errors.Is(err, ErrDecided) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(made) != 1 || !w.hidden["ann1"] {
			t.Fatalf("decided %d times", len(made))
		}
		_, err := hide("max", "max1")
		is(t, err, ErrOwn)
		_, err = hide("max", "ann7")
		is(t, err, ErrUnknown) // nobody reported it
		if _, err := hide("max", "shop1"); err != nil {
			t.Errorf("what nobody in the chat wrote: %v", err)
		}
		_, err = m.Decide(t.Context(), Decision{By: "max", About: pick("shop1"), Kind: Ban, Reason: Hate})
		is(t, err, ErrUnknown)
		_, err = m.Decide(t.Context(), Decision{By: "max", About: pick("ann1"), Kind: Warn, Reason: "mood"})
		is(t, err, ErrUnknown)

		may := func(who commerce.MemberID) (err error) {
			must(t, db.Read(t.Context(), func(tx *database.Tx) error { err = May(tx, who, now.t); return nil }))
			return err
		}
		must(t, may("ann"))
		_, err = m.Decide(t.Context(), Decision{By: "max", About: pick("ann1"), Kind: Warn, Reason: Hate})
		must(t, err)
		must(t, may("ann"))
		_, err = m.Decide(t.Context(), Decision{By: "max", About: pick("ann1"), Kind: Freeze, For: 24 * time.Hour, Reason: Hate})
		must(t, err)
		is(t, may("ann"), ErrFrozen)
		must(t, may("ben"))
		now.t = now.t.Add(24 * time.Hour)
		must(t, may("ann"))
		ban, err := m.Decide(t.Context(), Decision{By: "max", About: pick("ann1"), Kind: Ban, Reason: Hate})
		must(t, err)
		is(t, may("ann"), ErrBanned)
		must(t, m.Lift(t.Context(), "sam", ban.ID))
		is(t, m.Lift(t.Context(), "sam", ban.ID), ErrDecided)
		must(t, may("ann"))
		if c, err := m.Look(t.Context(), pick("ann1")); err != nil || c.Open || len(c.Before) != 4 || c.Said[0].Words != "look" {
			t.Errorf("%+v, %v", c, err)
		}
		if got := strings.ReplaceAll(databasetest.Told(t, db), "staff.report ", ""); !strings.HasPrefix(got, "moderation.lifted ann, moderation.made ann, moderation.made ann, moderation.made ann, moderation.made ann, ") {
			t.Error(got)
		}
	})
}

func TestAppeal(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, w, _ := open(t, db)
		hide := func(by commerce.MemberID, id string) Measure {
			t.Helper()
			must(t, m.Report(t.Context(), "ben", pick(id), Hate, ""))
			one, err := m.Decide(t.Context(), Decision{By: by, About: pick(id), Kind: Hide, Reason: Hate})
			must(t, err)
			return one
		}
		one := hide("sam", "ann1")
		is(t, m.Answer(t.Context(), "max", one.ID, true, ""), ErrDecided) // nobody asked
		_, err := m.Appeal(t.Context(), "ben", one.ID, "Not mine.")
		is(t, err, ErrUnknown)
		alone, err := m.Appeal(t.Context(), "ann", one.ID, "A joke.")
		if err != nil || alone {
			t.Errorf("alone %v, %v", alone, err)
		}
		_, err = m.Appeal(t.Context(), "ann", one.ID, "Again.")
		is(t, err, ErrDecided)
		is(t, m.Answer(t.Context(), "sam", one.ID, false, "No."), ErrOther)
		is(t, m.Answer(t.Context(), "sam2", one.ID, false, "No."), ErrOther) // the same person
		is(t, m.Lift(t.Context(), "sam", one.ID), ErrOther)
		if list, all, err := m.Appeals(t.Context(), 5); err != nil || all != 1 || list[0].Plea != "A joke." {
			t.Errorf("%+v, %d, %v", list, all, err)
		}
		must(t, m.Answer(t.Context(), "max", one.ID, true, "Fair."))
		is(t, m.Answer(t.Context(), "max", one.ID, false, ""), ErrDecided)
		if got, err := m.Measure(t.Context(), one.ID); err != nil || w.hidden["ann1"] || got.Appeal != Granted || got.LiftedAt.IsZero() || !m.Elsewhere(got) {
			t.Errorf("%+v, %v", got, err)
		}
		if got := databasetest.Told(t, db); !strings.Contains(got, "staff.appeal max, staff.report") || strings.Contains(got, "staff.appeal sam") {
			t.Error(got)
		}
		two := hide("max", "ann2")
		_, err = m.Appeal(t.Context(), "ann", two.ID, "Why?")
		must(t, err)
		must(t, m.Answer(t.Context(), "sam2", two.ID, false, "So."))
		if got, err := m.Measure(t.Context(), two.ID); err != nil || !w.hidden["ann2"] || got.Appeal != Kept || got.Answer != "So." {
			t.Errorf("%+v, %v", got, err)
		}
		// Where there is nobody else the same person looks again, and it is said.
		m.Moderators = func() [][]commerce.MemberID { return [][]commerce.MemberID{{"sam", "sam2"}, {"ann"}} }
		three := hide("sam", "ann3")
		if alone, err := m.Appeal(t.Context(), "ann", three.ID, "Why?"); err != nil || !alone {
			t.Errorf("alone %v, %v", alone, err)
		}
		is(t, m.Answer(t.Context(), "ann", three.ID, true, ""), ErrOwn)
		must(t, m.Answer(t.Context(), "sam", three.ID, true, ""))
		if got, err := m.Measure(t.Context(), three.ID); err != nil || m.Elsewhere(got) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestHold: what a word holds back is shown when a person says so, or the word
// is gone.
func TestHold(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, w, _ := open(t, db)
		hold := func(id string) {
			w.hidden[id] = true
			must(t, db.Write(t.Context(), func(tx *database.Tx) error { return m.Hold(tx, pick(id), "ann", "fool") }))
		}
		hold("ann1")
		hold("ann1")
		if got := queue(t, m); got != "ann1 1/0" {
			t.Error(got)
		}
		if word, err := m.HeldFor(t.Context(), pick("ann1")); word != "fool" || err != nil {
			t.Errorf("%s, %v", word, err)
		}
		must(t, m.Fine(t.Context(), "sam", pick("ann1")))
		if w.hidden["ann1"] {
			t.Error("it is still held back")
		}
		hold("ann2")
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return m.Mended(tx, pick("ann2")) }))
		if got := queue(t, m); got != "" {
			t.Error(got)
		}
		// What a decision hides stays hidden, whatever held it back before.
		hold("ann3")
		_, err := m.Decide(t.Context(), Decision{By: "sam", About: pick("ann3"), Kind: Hide, Reason: Spam})
		must(t, err)
		hold("ann3")
		must(t, m.Fine(t.Context(), "sam", pick("ann3")))
		if !w.hidden["ann3"] {
			t.Error("a decision was undone by nobody")
		}
		if got := databasetest.Told(t, db); strings.Count(got, "moderation.shown ann") != 1 {
			t.Error(got)
		}
	})
}

func TestLog(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, _, _ := open(t, db)
		for i := range 5 {
			must(t, m.Report(t.Context(), "ben", pick(fmt.Sprint("ann", i)), Spam, "words nobody else reads"))
		}
		_, err := m.Decide(t.Context(), Decision{By: "sam", About: pick("ann1"), Kind: Hide, Reason: Spam})
		must(t, err)
		var lines []string
		n, last, err := Verify(t.Context(), db, func(l Line) error {
			lines = append(lines, l.Actor+" "+l.What+" "+l.About+" "+l.Reason)
			return nil
		})
		if err != nil || n != 6 || len(last) != 64 || lines[5] != "staff:sam hide pick:ann1 spam" || strings.Contains(strings.Join(lines, ""), "ben") {
			t.Fatalf("%d, %v: %v", n, err, lines)
		}
		for name, spoil := range map[string]string{
			"changed": `UPDATE moderation_log SET actor = 'staff:max' WHERE n = 3`,
			"moved":   `UPDATE moderation_log SET at = at + 1 WHERE n = 3`,
			"gone":    `DELETE FROM moderation_log WHERE n = 3`,
			"swapped": `UPDATE moderation_log SET n = CASE n WHEN 3 THEN -4 ELSE -3 END WHERE n IN (3, 4)`,
		} {
			is := func() error {
				var broken *BrokenError
				undo := errors.New("undo")
				err := db.Write(t.Context(), func(tx *database.Tx) error {
					if _, err := tx.Exec(spoil); err != nil {
						return err
					}
					if _, _, err := verify(tx, nil); !errors.As(err, &broken) {
						return fmt.Errorf("%s is not noticed: %w", name, err)
					}
					return undo
				})
				if errors.Is(err, undo) {
					return nil
				}
				return err
			}
			must(t, is())
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`DELETE FROM moderation_log WHERE n = 6`)
			return err
		}))
		var broken *BrokenError
		if _, _, err := Verify(t.Context(), db, nil); !errors.As(err, &broken) || broken.Line != 6 {
			t.Errorf("the end was cut off: %v", err)
		}
	})
}

func TestPeople(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, w, _ := open(t, db)
		must(t, m.Report(t.Context(), "ben", pick("ann1"), Spam, "by ben"))
		must(t, m.Report(t.Context(), "ben2", pick("ann1"), Spam, "by ben too"))
		must(t, m.Report(t.Context(), "ben2", pick("ann2"), Spam, "another"))
		one, err := m.Decide(t.Context(), Decision{By: "sam", About: pick("ann1"), Kind: Ban, Reason: Spam, Words: "Enough."})
		must(t, err)
		_, err = m.Appeal(t.Context(), "ann", one.ID, "Please.")
		must(t, err)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			if err := m.Link(tx, "ben", "ben2"); err != nil {
				return err
			}
			return m.Link(tx, "anna", "ann")
		}))
		if e, err := m.Export(t.Context(), "ben"); err != nil || len(e.Reports) != 2 || e.Reports[0].Words != "by ben" {
			t.Errorf("%+v, %v", e, err)
		}
		if e, err := m.Export(t.Context(), "anna"); err != nil || len(e.Measures) != 1 || e.Measures[0].Plea != "Please." {
			t.Errorf("%+v, %v", e, err)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			if err := May(tx, "anna", m.Clock.Now()); !errors.Is(err, ErrBanned) {
				t.Error(err)
			}
			if err := m.Erase(tx, "ben"); err != nil {
				return err
			}
			return m.Erase(tx, "anna")
		}))
		for _, who := range []commerce.MemberID{"ben", "anna"} {
			if e, err := m.Export(t.Context(), who); err != nil || len(e.Reports)+len(e.Measures) != 0 {
				t.Errorf("%+v, %v", e, err)
			}
		}
		if _, all, err := m.Appeals(t.Context(), 5); all != 0 || err != nil {
			t.Errorf("%d appeals of nobody, %v", all, err)
		}
		if got, err := m.Measure(t.Context(), one.ID); err != nil || got.Words+got.Plea != "" {
			t.Errorf("%+v, %v", got, err)
		}
		if _, _, err := Verify(t.Context(), db, nil); err != nil {
			t.Error(err)
		}
		_ = w
	})
}

func TestWords(t *testing.T) {
	lists := Lists{Every: {"scam*"}, "en": {"Damn fool"}, "de": {"Gift", "Idiot*"}}
	for _, one := range []struct{ language, text, want string }{
		{"en", "You DAMN,  fool!", "Damn fool"},
		{"en-GB", "a damn fool", "Damn fool"},
		{"en", "damn foolish", ""},
		{"en", "a gift for you", ""},
		{"de_AT", "Das ist Gift.", "Gift"},
		{"de", "Vergiftet", ""},
		{"de", "Idiotisch", "Idiot*"},
		{"fr", "a damn fool", "Damn fool"}, // the shop's language
		{"fr", "un scammeur", "scam*"},
	} {
		if got := lists.For(one.language, "en").Find(one.text); got != one.want {
			t.Errorf("%s in %s: %q, want %q", one.text, one.language, got, one.want)
		}
	}
	if got := (Words{"*", " "}).Find("anything"); got != "" {
		t.Errorf("an empty word finds %q", got)
	}
}
