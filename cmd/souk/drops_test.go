package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

// TestDrops lists what a drop brought, and writes it for a spreadsheet.
func TestDrops(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		cfg := &config.Config{Bots: map[string]config.Bot{"tg": {Telegram: &config.Telegram{}}},
			Communities: map[string]config.Community{"mud": {Name: "=Mud", Chats: []config.Chat{{Bot: "tg", ID: "-100"}}}}}
		run := func(c dropsCmd, brands ...commerce.BrandID) string {
			t.Helper()
			var out strings.Builder
			if err := c.run(t.Context(), db, cfg, brands, &out); err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		if out := run(dropsCmd{Limit: 50}); out != "No drop has been announced.\n" {
			t.Error(out)
		}
		aMug(t, db)
		plan, err := json.Marshal(drops.Plan{ID: "d", Title: "=The mug", Brand: "acme", Units: []drops.Unit{{Variant: "v", Units: 3, Allotted: map[commerce.CommunityID]int64{"mud": 2}}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			if _, err := tx.Exec(`INSERT INTO drops (id, name, brand_id, state, terms, opens_at, closes_at, created_at) VALUES ('d', 'd', 'acme', 'over', $1, 0, 0, 0)`, string(plan)); err != nil {
				return err
			}
			for _, q := range []string{
				`INSERT INTO drop_units (drop_id, variant_id, position, units) VALUES ('d', 'v', 0, 2)`,
				`INSERT INTO drop_units (drop_id, variant_id, community_id, position, units, sold) VALUES ('d', 'v', 'mud', 0, 1, 1)`,
				`INSERT INTO members (id, name, locale, created_at) VALUES ('m1', 'Ann', 'en', 0), ('m2', 'Ben', 'en', 0)`,
				`INSERT INTO notices (id, kind, member_id, bot, chat, args, once, state, due_at, created_at) VALUES ('n', 'drop.post', '', 'tg', '-100', '{}', 'x', 'sent', 0, 0)`,
				`INSERT INTO drop_posts (drop_id, bot, chat, notice_id) VALUES ('d', 'tg', '-100', 'n')`,
				`INSERT INTO drop_entries (id, drop_id, member_id, variant_id, place, state, bot, chat, created_at) VALUES
					('e1', 'd', 'm1', 'v', 1, 'lapsed', 'tg', '-100', 0), ('e2', 'd', 'm2', 'v', 2, 'waits', 'tg', '7', 0)`,
				`INSERT INTO drop_taps (drop_id, scope, taps) VALUES ('d', '', 3), ('d', 'platform:telegram', 3), ('d', 'chat:tg:-100', 2)`,
				`INSERT INTO waitlist (id, variant_id, member_id, place, state, created_at) VALUES ('w', 'v', 'm1', 1, 'waits', 5)`,
			} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		text := strings.Join(strings.Fields(run(dropsCmd{Limit: 50}, "acme")), " ")
		for _, want := range []string{"=The mug 1+0 3 2 0 0 1", "chat =Mud (telegram) 1+0 2 1 0 0", "chat tg, in private 0+0 0 1 0 0", "1 wait, 1 asked", "kept for =Mud: 1 of 2 × "} {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in %s", want, text)
			}
		}
		if out := run(dropsCmd{Limit: 50}, "bolt"); out != "No drop has been announced.\n" {
			t.Errorf("another brand's: %s", out)
		}
		rows, err := csv.NewReader(strings.NewReader(run(dropsCmd{Limit: 50, CSV: true}))).ReadAll()
		if err != nil || len(rows) != 7 {
			t.Fatalf("%v, %v", rows, err)
		}
		for i, want := range []string{"drop,of,name,groups_told", "'=The mug,all,,1,0,3,2,0,0,1,", "'=The mug,platform,telegram,1,0,3,2,0,0,", "'=The mug,private,tg,0,0,0,1,", "'=The mug,chat,'=Mud (telegram),1,0,2,1,", "'=The mug,community,'=Mud: 2 × Mug,,,,,1,", "'=The mug,variant,"} {
			if line := strings.Join(rows[i], ","); !strings.HasPrefix(line, want) || strings.Contains(line, "Ann") {
				t.Errorf("%q, want %q", line, want)
			}
		}
	})
}
