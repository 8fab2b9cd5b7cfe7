package drops

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// This file keeps the drops that a brand's staff plans in a chat. The rules are:
//   - What was typed is kept, right or wrong, until the plan is announced or
//     discarded.
//   - What is announced is what was looked at: who presses the button of an older
//     version announces nothing.
//   - A planned drop is announced by the clock, as those of the YAML are. Until
//     then it can be changed, which takes it back, or discarded.

// DraftState is where a plan that is made in a chat stands.
type DraftState string

const (
	Drafting  DraftState = "draft"     // being typed
	Planned   DraftState = "planned"   // it is announced by the clock
	Begun     DraftState = "announced" // it is a Drop
	Discarded DraftState = "discarded"
)

// Draft is a drop that is planned in a chat.
type Draft struct {
	ID      commerce.DropID // the drop's, too
	Brand   commerce.BrandID
	State   DraftState
	Version int64
	Typed   map[string]string // by the keys of the YAML
	Plan    Plan              // once it is planned
	Actor   string            // who did the last of it
}

// ErrChanged: the plan was changed, announced or discarded meanwhile.
var ErrChanged = &commerce.Error{Kind: commerce.Conflict, Message: "drop.planchanged"}

// NewDraft keeps what was typed of a new plan.
func (d *Drops) NewDraft(ctx context.Context, b commerce.BrandID, typed map[string]string, actor string) (Draft, error) {
	p := Draft{ID: commerce.DropID(d.IDs.ID()), Brand: b, State: Drafting, Version: 1, Typed: typed, Actor: actor}
	text, err := json.Marshal(typed)
	if err != nil {
		return p, err
	}
	now := commerce.Micros(d.Clock.Now())
	return p, d.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO drop_plans (id, brand_id, state, typed, actor, created_at, changed_at) VALUES ($1, $2, 'draft', $3, $4, $5, $5)`,
			p.ID, b, string(text), actor, now)
		return err
	})
}

// Retype keeps what was typed of a plan: more of it, or other words. What was
// planned is a draft again. It returns ErrChanged for one that was announced or
// discarded.
func (d *Drops) Retype(ctx context.Context, id commerce.DropID, typed map[string]string, actor string) (p Draft, err error) {
	err = d.DB.Write(ctx, func(tx *database.Tx) error {
		if p, err = draft(tx, id); err != nil {
			return err
		}
		for key, value := range typed {
			p.Typed[key] = value
		}
		text, err := json.Marshal(p.Typed)
		if err != nil {
			return err
		}
		p.State, p.Version, p.Actor = Drafting, p.Version+1, actor
		return one(tx.Exec(`UPDATE drop_plans SET typed = $2, state = 'draft', plan = '', version = version + 1, actor = $3, changed_at = $4
			WHERE id = $1 AND state IN ('draft', 'planned')`, id, string(text), actor, commerce.Micros(d.Clock.Now())))
	})
	return p, err
}

// Schedule has a draft announced by the clock, as p. It returns ErrChanged where
// the draft is not of that version any more. Doing it twice does it once.
func (d *Drops) Schedule(ctx context.Context, id commerce.DropID, version int64, p Plan, actor string) error {
	p.ID = id
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		have, err := draft(tx, id)
		if err != nil || have.State == Planned && have.Version == version {
			return err
		}
		return one(tx.Exec(`UPDATE drop_plans SET state = 'planned', plan = $3, actor = $4, changed_at = $5 WHERE id = $1 AND version = $2 AND state = 'draft'`,
			id, version, string(text), actor, commerce.Micros(d.Clock.Now())))
	})
}

// Discard ends a plan that was not announced. It returns ErrChanged for one that
// was.
func (d *Drops) Discard(ctx context.Context, id commerce.DropID, actor string) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		if have, err := draft(tx, id); err != nil || have.State == Discarded {
			return err
		}
		return one(tx.Exec(`UPDATE drop_plans SET state = 'discarded', actor = $2, changed_at = $3 WHERE id = $1 AND state IN ('draft', 'planned')`,
			id, actor, commerce.Micros(d.Clock.Now())))
	})
}

// ToldIn reports whether a group is told of a plan.
func (p Plan) ToldIn(c Chat) bool {
	return (len(p.Communities) == 0 || slices.Contains(p.Communities, c.Community)) && c.Sells(p.Brand)
}

// one is ErrChanged where not exactly one row was changed.
func one(n int64, err error) error {
	if err == nil && n != 1 {
		err = ErrChanged
	}
	return err
}

// Draft returns a plan of one of these brands, nil for all, or ErrNone.
func (d *Drops) Draft(ctx context.Context, brands []commerce.BrandID, id commerce.DropID) (p Draft, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		p, err = draft(tx, id)
		if err == nil && brands != nil && !slices.Contains(brands, p.Brand) {
			err = ErrNone
		}
		return err
	})
	return p, err
}

// Drafts lists the plans of some brands that are neither announced nor discarded,
// the newest first; nil is of all brands.
func (d *Drops) Drafts(ctx context.Context, brands []commerce.BrandID) (list []Draft, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = drafts(tx, `state IN ('draft', 'planned') ORDER BY created_at DESC, id`)
		list = slices.DeleteFunc(list, func(p Draft) bool { return brands != nil && !slices.Contains(brands, p.Brand) })
		return err
	})
	return list, err
}

func draft(tx *database.Tx, id commerce.DropID) (Draft, error) {
	list, err := drafts(tx, `id = $1`, id)
	if err != nil || len(list) == 0 {
		return Draft{}, orNone(err)
	}
	return list[0], nil
}

func orNone(err error) error {
	if err == nil {
		err = ErrNone
	}
	return err
}

func drafts(tx *database.Tx, tail string, args ...any) (list []Draft, err error) {
	err = tx.Rows(`SELECT id, brand_id, state, version, typed, plan, actor FROM drop_plans WHERE `+tail, args, func(scan func(...any) error) error {
		p := Draft{Typed: map[string]string{}}
		var typed, plan string
		if err := scan(&p.ID, &p.Brand, &p.State, &p.Version, &typed, &plan, &p.Actor); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(typed), &p.Typed); err != nil {
			return fmt.Errorf("what was typed of plan %s: %w", p.ID, err)
		}
		if plan != "" {
			if err := json.Unmarshal([]byte(plan), &p.Plan); err != nil {
				return fmt.Errorf("plan %s: %w", p.ID, err)
			}
		}
		list = append(list, p)
		return nil
	})
	return list, err
}

// planned lists what is to be announced: what the YAML declares, and what was
// planned in a chat. A plan whose time went by is a draft again, so that its staff
// sees that nobody was told.
func (d *Drops) planned(ctx context.Context, now time.Time) (list []Plan, err error) {
	var late []commerce.DropID
	if err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list, late = slices.Clone(*d.plans.Load()), nil
		chats, err := drafts(tx, `state = 'planned' ORDER BY id`)
		for _, p := range chats {
			if list = append(list, p.Plan); !now.Before(p.Plan.Closes) {
				late = append(late, p.ID)
			}
		}
		return err
	}); err != nil || len(late) == 0 {
		return list, err
	}
	return list, d.DB.Write(ctx, func(tx *database.Tx) error {
		for _, id := range late {
			if _, err := tx.Exec(`UPDATE drop_plans SET state = 'draft', plan = '', version = version + 1 WHERE id = $1 AND state = 'planned'`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// planTaken takes a plan that was made in a chat as announced, and writes down
// whose it was. It returns ErrChanged where it is not planned any more, or was
// planned anew since p was read, and nothing for a plan of the YAML.
func (d *Drops) planTaken(tx *database.Tx, p Plan) error {
	have, err := draft(tx, p.ID)
	if err == ErrNone {
		return nil
	}
	if err == nil && (have.State != Planned || !same(have.Plan, p)) {
		err = ErrChanged
	}
	if err != nil {
		return err
	}
	var at int64
	if err := tx.Row(`UPDATE drop_plans SET state = 'announced' WHERE id = $1 AND state = 'planned' RETURNING changed_at`, p.ID).Scan(&at); err != nil {
		return err
	}
	return d.recordAt(tx, p.ID, "planned", have.Actor, "", commerce.FromMicros(at))
}

// same reports whether two plans say the same, as they are kept.
func same(a, b Plan) bool {
	one, err := json.Marshal(a)
	other, fault := json.Marshal(b)
	return err == nil && fault == nil && bytes.Equal(one, other)
}

func (d *Drops) recordAt(tx *database.Tx, id commerce.DropID, event, actor, detail string, at time.Time) error {
	_, err := tx.Exec(`INSERT INTO drop_events (drop_id, seq, at, event, actor, detail) SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5
		FROM drop_events WHERE drop_id = $1`, id, commerce.Micros(at), event, actor, detail)
	return err
}
