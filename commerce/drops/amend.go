package drops

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/stock"
)

// This file changes the terms of a drop that was announced. The rules are:
//   - Nobody loses by it: it opens and closes later, there are more units, who
//     wins from now on has longer to pay. The price stays.
//   - It opens later only before it has opened; once it has closed nothing changes
//     any more: the list of a draw is fixed then, with its units in it.
//   - Where cards are authorised on the terms nothing changes once it has opened, and
//     it is not open longer than was planned: an authorisation would end before.
//   - It is one act, with who did it, what was before and what is now; the groups
//     and those who take part are told.

// Amendment is what shall be instead of an announced drop's terms; what is not
// set stays.
type Amendment struct {
	Opens, Closes time.Time
	Units         map[commerce.VariantID]int64 // how many there shall be, of some variants
	PayWithin     time.Duration
}

// The reasons why an amendment is refused.
var (
	ErrNotLater  = &commerce.Error{Kind: commerce.Conflict, Message: "drop.notlater"}  // "what": opens, closes
	ErrFewer     = &commerce.Error{Kind: commerce.Conflict, Message: "drop.fewer"}     // units
	ErrShorter   = &commerce.Error{Kind: commerce.Conflict, Message: "drop.shorter"}   // time to pay
	ErrAgreed    = &commerce.Error{Kind: commerce.Conflict, Message: "drop.agreed"}    // cards are authorised on the terms
	ErrUnamended = &commerce.Error{Kind: commerce.Conflict, Message: "drop.unamended"} // nothing would change
)

// amended is what an audit entry keeps of the terms.
type amended struct {
	Opens     time.Time                    `json:"opens"`
	Closes    time.Time                    `json:"closes"`
	Units     map[commerce.VariantID]int64 `json:"units"`
	PayWithin string                       `json:"pay_within"`
}

func (d Drop) amended() amended {
	a := amended{Opens: d.Opens, Closes: d.Closes, Units: map[commerce.VariantID]int64{}, PayWithin: d.PayWithin.String()}
	for _, u := range d.Units {
		a.Units[u.Variant] = u.Units
	}
	return a
}

// Amend changes the terms of an announced drop. It returns ErrNone, ErrClosed
// where it is over, one of the reasons above, and stock.ErrSoldOut where not so
// many units are free: then nothing has changed.
func (d *Drops) Amend(ctx context.Context, id commerce.DropID, a Amendment, actor string) error {
	return d.change(ctx, id, func(tx *database.Tx, drop Drop) error {
		before, told := drop.amended(), map[string]string{"drop": string(id)}
		if drop.State == Closed {
			return ErrClosed
		}
		if drop.Mode.authorises() && drop.State != Announced {
			return ErrAgreed
		}
		lasts := drop.Closes.Sub(drop.Opens)
		if !a.Opens.IsZero() && !a.Opens.Equal(drop.Opens) {
			if drop.State != Announced || a.Opens.Before(drop.Opens) {
				return ErrNotLater.With("what", "opens")
			}
			drop.Opens, told["opens"] = a.Opens, strconv.FormatInt(commerce.Micros(a.Opens), 10)
		}
		if !a.Closes.IsZero() && !a.Closes.Equal(drop.Closes) {
			if a.Closes.Before(drop.Closes) || drop.Mode == Group { // as long as authorisations last
				return ErrNotLater.With("what", "closes")
			}
			drop.Closes, told["closes"] = a.Closes, strconv.FormatInt(commerce.Micros(a.Closes), 10)
		}
		if !drop.Closes.After(drop.Opens.Add(drop.Spills)) { // what is left spills over before it closes
			return ErrNotLater.With("what", "closes")
		}
		if drop.Mode.authorises() && drop.Closes.Sub(drop.Opens) > lasts {
			return ErrAgreed
		}
		if a.PayWithin != 0 && a.PayWithin != drop.PayWithin {
			if a.PayWithin < drop.PayWithin {
				return ErrShorter
			}
			drop.PayWithin, told["pay"] = a.PayWithin, a.PayWithin.String()
		}
		more, err := d.moreUnits(tx, &drop, a.Units)
		if err != nil {
			return err
		}
		if len(more) > 0 {
			told["units"] = strconv.FormatInt(drop.Total(), 10)
		}
		if len(told) == 1 {
			return ErrUnamended
		}
		if err := rewrite(tx, drop); err != nil {
			return err
		}
		for _, v := range more {
			if err := d.next(tx, id, v); err != nil {
				return err
			}
		}
		detail, err := json.Marshal(map[string]amended{"before": before, "after": drop.amended()})
		if err != nil {
			return err
		}
		if err := d.recordAt(tx, id, "amended", actor, string(detail), d.Clock.Now()); err != nil {
			return err
		}
		return d.tellAmended(tx, drop, told)
	})
}

// authorises reports whether who takes part has their card authorised at once.
func (m Mode) authorises() bool { return m != Queue && m != Draws && m != Invite }

// moreUnits sets units aside that a drop shall have on top, and returns of which
// variants there are more.
func (d *Drops) moreUnits(tx *database.Tx, drop *Drop, units map[commerce.VariantID]int64) (more []commerce.VariantID, err error) {
	drop.Units = slices.Clone(drop.Units)
	for _, v := range slices.Sorted(maps.Keys(units)) {
		at := slices.IndexFunc(drop.Units, func(u Unit) bool { return u.Variant == v })
		if at < 0 {
			return nil, ErrNone
		}
		by := units[v] - drop.Units[at].Units
		if by == 0 {
			continue
		}
		if by < 0 {
			return nil, ErrFewer
		}
		if err := stock.AllotMore(tx, allotment(drop.ID), stock.Line{Variant: v, Quantity: by}); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(`UPDATE drop_units SET units = units + $3 WHERE drop_id = $1 AND variant_id = $2 AND community_id = ''`, drop.ID, v, by); err != nil {
			return nil, err
		}
		drop.Units[at].Units, more = units[v], append(more, v)
	}
	return more, nil
}

// rewrite writes the terms of a drop anew.
func rewrite(tx *database.Tx, drop Drop) error {
	p := drop.Plan
	p.Opens = drop.Opens
	terms, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE drops SET terms = $2, opens_at = $3, closes_at = $4, changes = changes + 1 WHERE id = $1`,
		drop.ID, string(terms), commerce.Micros(drop.Opens), commerce.Micros(drop.Closes))
	return err
}

// tellAmended tells the groups, those who take part and, of a later opening, those
// who were told in private when it opens.
func (d *Drops) tellAmended(tx *database.Tx, drop Drop, told map[string]string) error {
	var seq int64
	if err := tx.Row(`SELECT MAX(seq) FROM drop_events WHERE drop_id = $1`, drop.ID).Scan(&seq); err != nil {
		return err
	}
	now, once := d.Clock.Now(), []string{notices.DropAmended, string(drop.ID), strconv.FormatInt(seq, 10)}
	var to []notices.Notice
	if err := tx.Rows(`SELECT bot, chat, thread FROM drop_posts WHERE drop_id = $1`, []any{drop.ID}, func(scan func(...any) error) error {
		var n notices.Notice
		err := scan(&n.Bot, &n.Chat, &n.Thread)
		n.Once = strings.Join(append(once, n.Bot, n.Chat, n.Thread), ":")
		to = append(to, n)
		return err
	}); err != nil {
		return err
	}
	query := `SELECT member_id FROM drop_entries WHERE drop_id = $1 AND state IN ('waits', 'won') AND bot <> ''`
	if told["opens"] != "" {
		query += ` UNION SELECT member_id FROM drop_tellings WHERE drop_id = $1`
	}
	if err := tx.Rows(`SELECT DISTINCT t.member_id FROM (`+query+`) t`, []any{drop.ID}, func(scan func(...any) error) error {
		var n notices.Notice
		err := scan(&n.Member)
		n.Once = strings.Join(append(once, string(n.Member)), ":")
		to = append(to, n)
		return err
	}); err != nil {
		return err
	}
	for _, n := range to {
		n.Kind, n.Args = notices.DropAmended, told
		if _, err := notices.Add(tx, d.IDs, now, n); err != nil {
			return err
		}
	}
	return nil
}
