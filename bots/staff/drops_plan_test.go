package staff

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
)

// openDrops is a desk with drops, where a plan is right once it has a title.
func openDrops(t *testing.T, db *database.DB) *desk {
	d := openDesk(t, db)
	d.Drops = drops.New(drops.Config{DB: db, Clock: clock{}, IDs: commerce.RandomIDs{}, Chats: func() []drops.Chat { return nil }})
	d.Planning = Planning{
		Read: func(_ context.Context, p drops.Draft) (plan drops.Plan, wrong []Wrong, _ error) {
			if p.Typed["title"] == "" {
				wrong = append(wrong, Wrong{"title", "is missing"})
			}
			return drops.Plan{ID: p.ID, Brand: p.Brand, Title: p.Typed["title"], Product: "pb", Units: []drops.Unit{{Variant: "vb", Units: 2}}, Mode: drops.Queue,
				Opens: clock{}.Now().Add(time.Hour), Closes: clock{}.Now().Add(2 * time.Hour), PayWithin: 10 * time.Minute, Line: 2}, wrong, nil
		},
		Card: func(_ context.Context, _ string, p drops.Plan) (bots.Screen, error) {
			return bots.Screen{Public: true, Text: bots.T(p.Title)}, nil
		},
		Groups: func(drops.Plan) int { return 2 },
		Brands: func(r Role) map[commerce.BrandID]string {
			if r.All {
				return map[commerce.BrandID]string{"b": "B", "c": "C"}
			}
			return map[commerce.BrandID]string{"b": "B"}
		},
	}
	return d
}

func (d *desk) fill(who, action string, values map[string]string) string {
	d.t.Helper()
	screen, err := d.handle(who, bots.Event{Kind: bots.Fill, Action: bots.Action(action), Values: values, Chat: bots.Chat{Private: true}})
	must(d.t, err)
	text := see(screen)
	if screen.Form != nil {
		text += "\nform " + string(screen.Form.Action)
		for _, f := range screen.Form.Fields {
			text += " " + f.Key + "=" + f.Value
		}
	}
	return text
}

// TestWhoPlans plans drops of two brands: whose they are not see and do nothing.
func TestWhoPlans(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDrops(t, db)
		d.sees("eve", "staff plan new", "[B: staff plan new b]", "[C: staff plan new c]")
		if text := d.fill("eve", "staff plan new c", map[string]string{"product": "tea", "title": ""}); !strings.Contains(text, "is missing") || !strings.Contains(text, "product=tea") {
			t.Errorf("what was typed is not asked for again:\n%s", text)
		}
		list, err := d.Drops.Drafts(t.Context(), nil)
		must(t, err)
		id := string(list[0].ID)
		if text := d.fill("eve", "staff plan "+id+" goods", map[string]string{"product": "tea", "title": "Tea"}); !strings.Contains(text, "form staff plan "+id+" times mode=queue announce= opens= closes= paywithin=10m") {
			t.Errorf("the times are not asked for:\n%s", text)
		}
		if text := d.fill("eve", "staff plan "+id+" times", map[string]string{"mode": "queue", "opens": "2026-05-04 13:00", "closes": "2026-05-04 14:00", "paywithin": "7m"}); !strings.Contains(text, "[Announce it: staff plan "+id+" yes 3]") {
			t.Errorf("the card is not shown:\n%s", text)
		}
		// Another brand's staff.
		d.sees("bea", "staff drops", "!Tea")
		for _, step := range []string{"", " goods", " yes 3", " discard yes"} {
			d.sees("bea", "staff plan "+id+step, "!Tea", "Drops")
		}
		d.fill("bea", "staff plan "+id+" goods", map[string]string{"title": "Coffee"})
		d.fill("bea", "staff plan new c", map[string]string{"title": "Coffee"}) // becomes one of her own
		for _, p := range must2(d.Drops.Drafts(t.Context(), []commerce.BrandID{"c"})) {
			if p.State != drops.Drafting || p.Typed["title"] != "Tea" || p.Typed["pay_within"] != "7m" {
				t.Errorf("of another brand's staff: %+v", p)
			}
		}
		// The button of an older version, then the right one.
		d.sees("eve", "staff plan "+id+" yes 2", "changed, announced or discarded", "[Announce it")
		d.sees("eve", "staff plan "+id+" yes 3", "the groups are told as planned", "!Announce it")
		// What it sells is gone: it can still be discarded.
		card := d.Planning.Card
		d.Planning.Card = func(context.Context, string, drops.Plan) (bots.Screen, error) { return bots.Screen{}, drops.ErrNone }
		d.sees("eve", "staff plan "+id, "not sold any more", "[Discard")
		d.Planning.Card = card
		d.sees("eve", "staff plan "+id+" discard yes", "Nobody was told")
		d.sees("eve", "staff plan "+id, "Drops", "!Tea")
	})
}

func must2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// TestOldDropOfMany reaches a drop that ten newer ones stand before: an announced
// drop can be called off as long as it runs.
func TestOldDropOfMany(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDrops(t, db)
		for i := range 12 {
			brand := "b"
			if i == 0 {
				brand = "c"
			}
			must(t, db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec(`INSERT INTO drops (id, name, brand_id, state, mode, terms, opens_at, closes_at, created_at) VALUES ($1, $1, $2, 'open', 'queue', $3, 0, 9, $4)`,
					fmt.Sprint("d", i), brand, fmt.Sprintf(`{"ID":"d%d","Title":"Drop no. %d.","Brand":%q,"Mode":"queue"}`, i, i, brand), i)
				return err
			}))
		}
		d.sees("eve", "staff drops", "Drop no. 11.", "!Drop no. 0.")
		d.sees("eve", "staff drop d0", "Drop no. 0.", "[Pause")
		d.sees("eve", "staff drop d0 pause", "Drop no. 0.", "[Go on")
		d.sees("bea", "staff drop d0", "!Drop no. 0.")
		d.sees("bea", "staff drop d0 cancel yes", "!Drop no. 0.")
		if one, err := d.Drops.(*drops.Drops).Get(t.Context(), "d0"); err != nil || one.State != drops.Open || !one.Paused {
			t.Errorf("%+v, %v", one, err)
		}
	})
}
