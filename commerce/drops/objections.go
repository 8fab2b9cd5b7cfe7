package drops

import (
	"context"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// This file is what people do about flags: the member objects, the staff clears
// them or takes the place back. Both are told of the other.

// FlagState is where the flags of an entry stand.
type FlagState string

const (
	Flagged  FlagState = "open"
	Objected FlagState = "objected" // the member says that it is not so
	Cleared  FlagState = "cleared"  // the staff says that it is fine
	Upheld   FlagState = "upheld"   // the staff has taken the place back
)

// Flags are what was noticed about an entry.
type Flags struct {
	Entry     Entry
	Reasons   []Noticed
	State     FlagState
	Objection string
}

// Noticed is one of them.
type Noticed struct {
	Reason Reason
	Others int64 // accounts with the same card or address
}

// MaxObjection is how much of what a member says is kept, in characters.
const MaxObjection = 300

// ErrTaken: the staff took the member's place in the drop back. ErrSettled: that
// was decided already, or nothing can be taken back: it is being paid, or over.
var (
	ErrTaken   = &commerce.Error{Kind: commerce.Conflict, Message: "drop.taken"}
	ErrSettled = &commerce.Error{Kind: commerce.Conflict, Message: "drop.settled"}
)

// FlagsOf returns what was noticed about an entry; no Reasons where nothing was.
func (d *Drops) FlagsOf(ctx context.Context, id commerce.EntryID) (f Flags, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		f, err = flags(tx, id)
		return err
	})
	return f, err
}

// FlagsFor returns what was noticed about a member's entries in a drop.
func (d *Drops) FlagsFor(ctx context.Context, id commerce.DropID, m commerce.MemberID) (list []Flags, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = flagged(tx, `e.drop_id = $1 AND e.member_id = $2 ORDER BY e.id`, id, m)
		return err
	})
	return list, err
}

// flagged reads what was noticed about some entries.
func flagged(tx *database.Tx, where string, args ...any) (list []Flags, err error) {
	var ids []commerce.EntryID
	if err := tx.Rows(`SELECT e.id FROM drop_entries e WHERE EXISTS (SELECT 1 FROM drop_flags f WHERE f.entry_id = e.id) AND `+where,
		args, func(scan func(...any) error) error {
			var e commerce.EntryID
			err := scan(&e)
			ids = append(ids, e)
			return err
		}); err != nil {
		return nil, err
	}
	for _, e := range ids {
		f, err := flags(tx, e)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

func flags(tx *database.Tx, id commerce.EntryID) (f Flags, err error) {
	if f.Entry, err = entry(tx, `id = $1`, id); err != nil {
		return f, err
	}
	err = tx.Rows(`SELECT reason, others, state, objection FROM drop_flags WHERE entry_id = $1 ORDER BY created_at, reason`, []any{id}, func(scan func(...any) error) error {
		var n Noticed
		var state FlagState
		var objection string
		err := scan(&n.Reason, &n.Others, &state, &objection)
		f.Reasons = append(f.Reasons, n)
		if len(f.Reasons) == 1 || weight(state) > weight(f.State) {
			f.State = state
		}
		if objection != "" {
			f.Objection = objection
		}
		return err
	})
	return f, err
}

// weight orders the states: the most pressing one is the entry's.
func weight(s FlagState) int {
	return slices.Index([]FlagState{Cleared, Flagged, Objected, Upheld}, s)
}

// Flagged lists the flagged entries of a drop of one of these brands, nil for
// all: those that were objected to first, settled ones last.
func (d *Drops) Flagged(ctx context.Context, brands []commerce.BrandID, id commerce.DropID) (list []Flags, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		drop, err := terms(tx, id)
		if err == nil && brands != nil && !slices.Contains(brands, drop.Brand) {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		if list, err = flagged(tx, `e.drop_id = $1 ORDER BY e.place, e.id`, id); err != nil {
			return err
		}
		slices.SortStableFunc(list, func(a, b Flags) int { return urgent(a.State) - urgent(b.State) })
		return nil
	})
	return list, err
}

func urgent(s FlagState) int {
	return slices.Index([]FlagState{Objected, Flagged, Cleared, Upheld}, s)
}

// Object writes down what a member says to the flags of their entry, and tells
// the staff. Doing it again does it once. It returns ErrNone for another's entry.
func (d *Drops) Object(ctx context.Context, m commerce.MemberID, id commerce.EntryID, words string) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		e, err := entry(tx, `id = $1`, id)
		if err == nil && e.Member != m {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		now := d.Clock.Now()
		n, err := tx.Exec(`UPDATE drop_flags SET state = 'objected', objection = $2, changed_at = $3 WHERE entry_id = $1 AND state = 'open'`, id, words, commerce.Micros(now))
		if err != nil || n == 0 || d.Staff == nil {
			return err
		}
		drop, err := terms(tx, e.Drop)
		if err != nil {
			return err
		}
		for _, s := range d.Staff(drop.Brand) {
			if _, err := notices.Add(tx, d.IDs, now, notices.Notice{Kind: notices.StaffFlag, Member: s, Args: map[string]string{"name": drop.Title, "drop": string(e.Drop), "entry": string(id)},
				Once: notices.StaffFlag + ":" + string(id) + ":" + string(s)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Clear says that an entry is fine, and tells its member. Doing it twice does it
// once. It returns ErrNone for an entry of another brand's drop.
func (d *Drops) Clear(ctx context.Context, brands []commerce.BrandID, id commerce.EntryID, actor string) error {
	return d.settle(ctx, brands, id, func(tx *database.Tx, f Flags) error {
		n, err := tx.Exec(`UPDATE drop_flags SET state = 'cleared', actor = $2, changed_at = $3 WHERE entry_id = $1 AND state IN ('open', 'objected')`,
			id, actor, commerce.Micros(d.Clock.Now()))
		if err != nil || n == 0 {
			return err
		}
		if err := d.recordAt(tx, f.Entry.Drop, "cleared", actor, string(id), d.Clock.Now()); err != nil {
			return err
		}
		return d.tell(tx, notices.DropCleared, f.Entry)
	})
}

// TakeBack takes a flagged place, or a unit that is not being paid, from its
// member, who is told why. What is free then goes to the next. It returns
// ErrSettled where it is being paid, or there is nothing to take.
func (d *Drops) TakeBack(ctx context.Context, brands []commerce.BrandID, id commerce.EntryID, actor string) error {
	return d.settle(ctx, brands, id, func(tx *database.Tx, f Flags) error {
		e := f.Entry
		if f.State == Upheld {
			return nil
		}
		if len(f.Reasons) == 0 || e.State != Waits && e.State != Won || e.Order != "" {
			return ErrSettled
		}
		if _, err := tx.Exec(`UPDATE drop_flags SET state = 'upheld', actor = $2, changed_at = $3 WHERE entry_id = $1`, id, actor, commerce.Micros(d.Clock.Now())); err != nil {
			return err
		}
		if err := d.recordAt(tx, e.Drop, "takenback", actor, string(id), d.Clock.Now()); err != nil {
			return err
		}
		if e.State == Won {
			if err := d.free(tx, e, Left); err != nil {
				return err
			}
		} else {
			d.leaves(tx, e)
			if _, err := put(tx, e, Left, time.Time{}, d.Clock.Now()); err != nil {
				return err
			}
		}
		return d.tell(tx, notices.DropTaken, e)
	})
}

func (d *Drops) settle(ctx context.Context, brands []commerce.BrandID, id commerce.EntryID, do func(tx *database.Tx, f Flags) error) error {
	return d.DB.Write(ctx, func(tx *database.Tx) error {
		f, err := flags(tx, id)
		if err != nil {
			return err
		}
		drop, err := terms(tx, f.Entry.Drop)
		if err == nil && brands != nil && !slices.Contains(brands, drop.Brand) {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		return do(tx, f)
	})
}

// takenBack reports whether the staff took an entry back: its member has no place
// in that drop any more.
func takenBack(tx *database.Tx, id commerce.EntryID) (bool, error) {
	var n int64
	err := tx.Row(`SELECT COUNT(*) FROM drop_flags WHERE entry_id = $1 AND state = 'upheld'`, id).Scan(&n)
	return n > 0, err
}

// eraseFlags forgets what a member said and what they are known again by.
func eraseFlags(tx *database.Tx, m commerce.MemberID) error {
	for _, q := range []string{
		`UPDATE drop_flags SET objection = '' WHERE entry_id IN (SELECT id FROM drop_entries WHERE member_id = $1)`,
		`DELETE FROM drop_marks WHERE entry_id IN (SELECT id FROM drop_entries WHERE member_id = $1)`,
	} {
		if _, err := tx.Exec(q, m); err != nil {
			return err
		}
	}
	return nil
}
