package drops

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link makes what two members have in drops one person's. What either was told
// they won stays won; of two places in a line the better one stays.
func (d *Drops) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	if err := linkSubscriptions(tx, keep, gone); err != nil {
		return err
	}
	theirs, err := entries(tx, `member_id = $1 ORDER BY drop_id, seat`, gone)
	if err != nil {
		return err
	}
	for _, e := range theirs {
		mine, err := entries(tx, `drop_id = $1 AND member_id = $2 ORDER BY seat`, e.Drop, keep)
		if err != nil {
			return err
		}
		has := false
		for _, m := range mine {
			switch {
			case m.State == Waits && (e.State == Won || e.State == Sold || e.State == Waits && (e.Tier < m.Tier || e.Tier == m.Tier && e.Place < m.Place)):
				if _, err := put(tx, m, Left, time.Time{}, d.Clock.Now()); err != nil {
					return err
				}
			case m.State == Won || m.State == Sold || m.State == Waits:
				has = true
			}
		}
		if has && e.State == Waits {
			d.leaves(tx, e)
			if _, err := put(tx, e, Left, time.Time{}, d.Clock.Now()); err != nil {
				return err
			}
		}
		// The seat that is looked at first is the one that counts.
		seat := int64(len(mine))
		if len(mine) > 0 && !has && (e.State == Won || e.State == Sold || e.State == Waits) {
			if _, err := tx.Exec(`UPDATE drop_entries SET seat = $3 WHERE drop_id = $1 AND member_id = $2 AND seat = 0`, e.Drop, keep, seat); err != nil {
				return err
			}
			seat = 0
		}
		if _, err := tx.Exec(`UPDATE drop_entries SET member_id = $2, seat = $3 WHERE id = $1`, e.ID, keep, seat); err != nil {
			return err
		}
	}
	return nil
}

// Erase gives up the places of a member who is forgotten. A unit whose order
// waits to be paid is freed with the order, and one that joined a group price is
// let go, as long as nobody has been promised a price with them.
func (d *Drops) Erase(tx *database.Tx, m commerce.MemberID) error {
	list, err := entries(tx, `member_id = $1 AND state IN ('waits', 'won') ORDER BY id`, m)
	for _, e := range list {
		if err != nil {
			return err
		}
		switch {
		case e.State == Waits:
			d.leaves(tx, e)
			_, err = put(tx, e, Left, time.Time{}, d.Clock.Now())
		case e.Order == "":
			err = d.free(tx, e, Left)
		default:
			err = d.eraseJoined(tx, e)
		}
	}
	if err == nil { // their tickets stay in the list and name nobody any more
		_, err = tx.Exec(`UPDATE drop_entries SET who = '', salt = '' WHERE member_id = $1`, m)
	}
	if err == nil {
		err = eraseFlags(tx, m)
	}
	if err == nil {
		_, err = tx.Exec(`DELETE FROM drop_subscribers WHERE member_id = $1`, m)
	}
	if err == nil {
		_, err = tx.Exec(`DELETE FROM drop_tellings WHERE member_id = $1`, m)
	}
	return err
}

// Exported is a place in a drop as its member takes it along.
type Exported struct {
	Drop  string     `json:"drop"`
	State EntryState `json:"state"`
	Place int64      `json:"place"`
	At    time.Time  `json:"at"`

	Noticed   []Reason `json:"noticed,omitempty"`   // about it
	Objection string   `json:"objection,omitempty"` // what they said to that
}

// Export returns the drops a member took part in.
func (d *Drops) Export(ctx context.Context, m commerce.MemberID) (out []Exported, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		out = []Exported{}
		list, err := entries(tx, `member_id = $1 ORDER BY created_at, id`, m)
		for _, e := range list {
			drop, err := load(tx, e.Drop)
			if err != nil {
				return err
			}
			f, err := flags(tx, e.ID)
			if err != nil {
				return err
			}
			one := Exported{Drop: drop.Title, State: e.State, Place: e.Place, At: e.At, Objection: f.Objection}
			for _, n := range f.Reasons {
				one.Noticed = append(one.Noticed, n.Reason)
			}
			out = append(out, one)
		}
		return err
	})
	return out, err
}
