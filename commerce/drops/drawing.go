package drops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// This file runs draws. What is drawn, and how anybody can check it, is in
// draw.go. The rules are:
//   - The seed is made with the announcement and told when it is drawn; the
//     groups see its commitment from the beginning.
//   - Where some are drawn first, who is in has their tier with the ticket, from when
//     they entered: 0 where they are first, 1 where not. It is in the list.
//   - At the close the list is fixed, and the groups are told its hash. Nothing
//     is drawn before that was sent.
//   - The draw gives everybody a place; from then on it is a line like any
//     other: the first have the units, what comes back goes to the next.

// Drawing is how the draw of one variant stands.
type Drawing struct {
	Variant    commerce.VariantID
	Commitment string
	ListHash   string // from the close on
	Entries    int64  // in that list
	First      int64  // entries of the lowest tier: in that list, before it so far
	Drawn      bool
	Seed       string // once it is drawn
}

func drawings(tx *database.Tx, id commerce.DropID) (list []Drawing, err error) {
	err = tx.Rows(`SELECT variant_id, commitment, list_hash, entries, CASE WHEN list_hash <> '' THEN first ELSE (SELECT COUNT(*) FROM drop_entries e
			WHERE e.drop_id = drop_draws.drop_id AND e.variant_id = drop_draws.variant_id AND e.state = 'waits' AND e.tier = 0) END, CASE WHEN drawn_at > 0 THEN seed ELSE '' END, drawn_at FROM drop_draws
		WHERE drop_id = $1 ORDER BY variant_id`, []any{id}, func(scan func(...any) error) error {
		var d Drawing
		var at int64
		err := scan(&d.Variant, &d.Commitment, &d.ListHash, &d.Entries, &d.First, &d.Seed, &at)
		d.Drawn = at > 0
		list = append(list, d)
		return err
	})
	return list, err
}

// terms are those of a draw, by the method. Of several variants each is a draw
// of its own.
func (d Drop) terms(u Unit, commitment string) DrawTerms {
	name := string(d.ID)
	if len(d.Units) > 1 {
		name += "-" + string(u.Variant)
	}
	return DrawTerms{Drop: name, Title: strings.Join(strings.Fields(d.Title), " "), Units: int(u.Units), Commitment: commitment}
}

// commit makes the seeds of a draw.
func (d *Drops) commit(tx *database.Tx, p Plan) error {
	for _, u := range p.Units {
		seed := NewSeed(d.IDs)
		if _, err := tx.Exec(`INSERT INTO drop_draws (drop_id, variant_id, seed, commitment) VALUES ($1, $2, $3, $4)`,
			p.ID, u.Variant, seed.Reveal(), Commit(seed)); err != nil {
			return err
		}
	}
	return nil
}

// enter writes who is in a draw, with their ticket.
func (d *Drops) enter(tx *database.Tx, drop Drop, e Entry, at Where) error {
	for _, u := range drop.Units {
		if u.Variant == e.Variant {
			h := Holder{Who: at.Who, Salt: d.IDs.Token()}
			if err := h.check(); err != nil {
				return fmt.Errorf("enter drop %s: %w", drop.ID, err)
			}
			_, err := tx.Exec(`UPDATE drop_entries SET who = $2, salt = $3, ticket = $4 WHERE id = $1`, e.ID, h.Who, h.Salt, h.Ticket(drop.terms(u, "").Drop).ID)
			return err
		}
	}
	return ErrNone
}

// draw fixes the lists of draws that are closed, and draws those whose hash
// every group was told.
func (d *Drops) draw(ctx context.Context) (n int, err error) {
	err = d.each(ctx, `state = 'closed' AND created_at <= $1 AND EXISTS (SELECT 1 FROM drop_draws w WHERE w.drop_id = drops.id AND w.list_hash = '')`,
		func(tx *database.Tx, id commerce.DropID, _ time.Time) error { n++; return d.fix(tx, id) })
	if err != nil {
		return n, err
	}
	return n, d.each(ctx, `state = 'closed' AND paused = 0 AND created_at <= $1 AND EXISTS (SELECT 1 FROM drop_draws w WHERE w.drop_id = drops.id AND w.list_hash <> '' AND w.drawn_at = 0)
		AND NOT EXISTS (SELECT 1 FROM drop_posts p JOIN notices n ON n.once = 'drop.list:' || p.drop_id || ':' || p.bot || ':' || p.chat || ':' || p.thread || ':'
		WHERE p.drop_id = drops.id AND n.state IN ('due', 'sending'))`,
		func(tx *database.Tx, id commerce.DropID, _ time.Time) error { n++; return d.drawNow(tx, id) })
}

func (d *Drops) fix(tx *database.Tx, id commerce.DropID) error {
	drop, err := load(tx, id)
	if err != nil {
		return err
	}
	for i, u := range drop.Units {
		var tickets []Ticket
		first := 0
		if err := tx.Rows(`SELECT ticket, tier FROM drop_entries WHERE drop_id = $1 AND variant_id = $2 AND state = 'waits'`, []any{id, u.Variant}, func(scan func(...any) error) error {
			var t Ticket
			err := scan(&t.ID, &t.Tier)
			if t.Tier == 0 {
				first++
			}
			tickets = append(tickets, t)
			return err
		}); err != nil {
			return err
		}
		list, err := ListOf(drop.terms(u, drop.drawing(drop.Units[i].Variant).Commitment), tickets)
		if err != nil {
			return fmt.Errorf("list of drop %s: %w", id, err)
		}
		if _, err := tx.Exec(`UPDATE drop_draws SET list = $3, list_hash = $4, entries = $5, first = $6 WHERE drop_id = $1 AND variant_id = $2`,
			id, u.Variant, list.Text(Reveal{}), list.Hash(), len(tickets), first); err != nil {
			return err
		}
	}
	return d.tellChats(tx, notices.DropList, id)
}

func (d *Drops) drawNow(tx *database.Tx, id commerce.DropID) error {
	drop, err := load(tx, id)
	if err != nil {
		return err
	}
	now := d.Clock.Now()
	for _, u := range drop.Units {
		drawn, err := drawnOf(tx, id, u.Variant)
		if err != nil {
			return err
		}
		for i, t := range drawn.Order {
			if _, err := tx.Exec(`UPDATE drop_entries SET place = $3 WHERE drop_id = $1 AND ticket = $2`, id, t.ID, i+1); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE drop_draws SET list = $3, drawn_at = $4 WHERE drop_id = $1 AND variant_id = $2`,
			id, u.Variant, drawn.Text(drawn.Reveal), commerce.Micros(now)); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`UPDATE drops SET changes = changes + 1 WHERE id = $1`, id); err != nil {
		return err
	}
	for _, u := range drop.Units {
		if err := d.next(tx, id, u.Variant); err != nil {
			return err
		}
		waiting, err := entries(tx, `drop_id = $1 AND variant_id = $2 AND state = 'waits' ORDER BY place`, id, u.Variant)
		if err != nil {
			return err
		}
		for _, e := range waiting {
			if err := d.tell(tx, notices.DropDrawn, e); err != nil {
				return err
			}
		}
	}
	return d.tellChats(tx, notices.DropSeed, id)
}

// drawnOf makes the draw of a variant from what was fixed.
func drawnOf(tx *database.Tx, id commerce.DropID, v commerce.VariantID) (Drawn, error) {
	var seed commerce.Secret
	var text string
	if err := tx.Row(`SELECT seed, list FROM drop_draws WHERE drop_id = $1 AND variant_id = $2`, id, v).Scan((*string)(&seed), &text); err != nil {
		return Drawn{}, err
	}
	list, err := ReadList(text)
	if err != nil {
		return Drawn{}, err
	}
	return Draw(seed, list.List, "")
}

// ErrNoProof: a proof can be had from the close on, by who is in.
var ErrNoProof = &commerce.Error{Kind: commerce.Conflict, Message: "drop.noproof"}

// Prove returns a member's proof that they are in the draw of a drop, and once
// it is drawn, of their place. It returns ErrNoProof before the close, and where
// they are not in.
func (d *Drops) Prove(ctx context.Context, e Entry) (proof Proof, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		var h Holder
		var text string
		var drawn int64
		err := tx.Row(`SELECT e.who, e.salt, e.tier, w.list, w.drawn_at FROM drop_entries e JOIN drop_draws w ON w.drop_id = e.drop_id AND w.variant_id = e.variant_id
			WHERE e.id = $1`, e.ID).Scan(&h.Who, &h.Salt, &h.Tier, &text, &drawn)
		if err == database.ErrNone || err == nil && (text == "" || h.Salt == "") {
			return ErrNoProof
		}
		if err != nil {
			return err
		}
		if drawn > 0 {
			made, err := drawnOf(tx, e.Drop, e.Variant)
			if err != nil {
				return err
			}
			proof, err = made.Prove(h)
			return proven(err)
		}
		list, err := ReadList(text)
		if err != nil {
			return err
		}
		proof, err = Prove(list.List, h)
		return proven(err)
	})
	return proof, err
}

func proven(err error) error {
	if errors.Is(err, ErrNotEntered) {
		return ErrNoProof
	}
	return err
}

// List returns the published list of a draw as a file; ErrNoProof before the
// close.
func (d *Drops) List(ctx context.Context, id commerce.DropID, v commerce.VariantID) (text string, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT list FROM drop_draws WHERE drop_id = $1 AND variant_id = $2`, id, v).Scan(&text)
		if err == database.ErrNone || err == nil && text == "" {
			err = ErrNoProof
		}
		return err
	})
	return text, err
}
