package drops

import (
	"errors"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestPlanChangedWhileAnnounced changes a plan and has it announced again between
// the moment at which a process reads what is due and the one at which it begins:
// the older words are not announced.
func TestPlanChangedWhileAnnounced(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, now := t.Context(), time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		d := New(Config{DB: db, Clock: at(now), IDs: commerce.RandomIDs{}, Chats: func() []Chat { return nil }})
		plan := Plan{Title: "Jugs at 10", Brand: "b", Product: "p", Mode: Queue, Opens: now.Add(time.Hour), Closes: now.Add(2 * time.Hour), PayWithin: 10 * time.Minute,
			Who: []Rule{{Community: "corner", Since: now.Add(-time.Hour)}}}
		if err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO brands (id, name) VALUES ('b', 'Kiln')`)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		draft, err := d.NewDraft(ctx, "b", map[string]string{}, "staff:eve")
		if err == nil {
			err = d.Schedule(ctx, draft.ID, draft.Version, plan, "staff:eve")
		}
		if err != nil {
			t.Fatal(err)
		}
		due, err := d.planned(ctx, now)
		if err != nil || len(due) != 1 {
			t.Fatal(due, err)
		}
		if draft, err = d.Retype(ctx, draft.ID, map[string]string{}, "staff:eve"); err == nil {
			plan.Title = "Jugs at 11"
			err = d.Schedule(ctx, draft.ID, draft.Version, plan, "staff:eve")
		}
		if err != nil {
			t.Fatal(err)
		}
		begin := func(p Plan) error {
			return db.Write(ctx, func(tx *database.Tx) error { return d.begin(tx, p) })
		}
		if err := begin(due[0]); !errors.Is(err, ErrChanged) {
			t.Errorf("the older words were announced: %v", err)
		}
		if due, err = d.planned(ctx, now); err != nil || len(due) != 1 {
			t.Fatal(due, err)
		}
		if err := begin(due[0]); err != nil {
			t.Errorf("the newer words: %v", err)
		}
	})
}

// at is a clock that stands.
type at time.Time

func (a at) Now() time.Time { return time.Time(a) }
