package creators

// The rules of declaring:
//   - The YAML is the whole truth about the creators and picks it has ever
//     named: what it no longer names is archived, never deleted, since orders
//     and old buttons point at it; named again, it comes back where it was. Who
//     became a creator in the chat, and what was posted there, is not its own.
//   - A pick keeps its place in the feed when its words change. New picks
//     appear together above the old ones: of one creator the one listed last
//     is the newest, and creators take turns, so that the first load of many
//     does not show one of them alone.

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Unknown is an item of a pick that the catalogue does not hold. The pick is
// kept without it, and without any item it is kept out of lists.
type Unknown struct {
	Pick commerce.PickID
	Item Item
}

// Declare makes the creators and picks of the YAML those of the shop, in one
// transaction, and returns the items it had to leave out. It returns an error
// where two picks have one id.
func (c *Creators) Declare(ctx context.Context, list []Creator) (unknown []Unknown, err error) {
	if err := distinct(list); err != nil {
		return nil, err
	}
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		unknown = nil
		products, variants, err := sold(tx)
		if err != nil {
			return err
		}
		creators, err := declared(tx)
		if err != nil {
			return err
		}
		picks, err := picksWhere(tx, `p.made = 0`)
		if err != nil {
			return err
		}
		d := declaration{tx: tx, now: commerce.FromMicros(commerce.Micros(c.clock.Now()))}
		if err := d.creators(list, creators); err != nil {
			return err
		}
		for _, p := range inTurn(list) {
			p.Items = slices.DeleteFunc(slices.Clone(p.Items), func(i Item) bool {
				known := products[i.Product] && (i.Variant == "" || variants[i.Variant] == i.Product)
				if !known {
					unknown = append(unknown, Unknown{p.ID, i})
				}
				return !known
			})
			p.Archived = len(p.Items) == 0
			d.wanted = append(d.wanted, p)
		}
		return d.picks(picks)
	})
	c.Refresh()
	return unknown, err
}

func distinct(list []Creator) error {
	seen, creators := map[commerce.PickID]bool{}, map[commerce.CreatorID]bool{}
	for _, c := range list {
		if creators[c.ID] {
			return fmt.Errorf("creator %s is declared twice", c.ID)
		}
		creators[c.ID] = true
		for _, p := range c.Picks {
			if seen[p.ID] {
				return fmt.Errorf("pick %s is declared twice", p.ID)
			}
			seen[p.ID] = true
		}
	}
	return nil
}

// inTurn lists all declared picks, oldest first, creators taking turns.
func inTurn(list []Creator) (picks []Pick) {
	for i := 0; ; i++ {
		more := false
		for _, c := range list {
			// Counted from the end, so that every creator's newest is in the last round.
			at := len(c.Picks) - 1 - i
			if at < 0 {
				continue
			}
			more = true
			p := c.Picks[at]
			p.Creator = c.ID
			picks = append(picks, p)
		}
		if !more {
			slices.Reverse(picks)
			return picks
		}
	}
}

// declaration writes what differs between what is declared and what is kept.
type declaration struct {
	tx     *database.Tx
	now    time.Time
	wanted []Pick
}

func (d *declaration) creators(list []Creator, kept []row) error {
	old := map[commerce.CreatorID]row{}
	for _, c := range kept {
		old[c.ID] = c
	}
	member := map[commerce.CreatorID]commerce.MemberID{}
	for _, c := range list {
		member[c.ID] = c.Member
	}
	for _, c := range kept { // a member is one creator: who gives one up comes first
		if c.Member != "" && c.Member != member[c.ID] {
			if _, err := d.tx.Exec(`UPDATE creators SET member_id = '' WHERE id = $1`, c.ID); err != nil {
				return err
			}
		}
	}
	for i, c := range list {
		c.Picks, c.Archived = nil, false
		if was, ok := old[c.ID]; !ok || !reflect.DeepEqual(was, row{c, int64(i)}) {
			if err := saveCreator(d.tx, c, int64(i)); err != nil {
				return err
			}
		}
		delete(old, c.ID)
	}
	for _, c := range kept {
		if _, gone := old[c.ID]; gone && !c.Archived {
			c.Archived, c.Member = true, ""
			if err := saveCreator(d.tx, c.Creator, c.position); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *declaration) picks(kept []Pick) error {
	old := map[commerce.PickID]Pick{}
	for _, p := range kept {
		old[p.ID] = p
	}
	for _, p := range d.wanted {
		was, ok := old[p.ID]
		if ok {
			p.Seq, p.CreatedAt = was.Seq, was.CreatedAt
		} else {
			var err error
			if p.Seq, err = nextSeq(d.tx); err != nil {
				return err
			}
			p.CreatedAt = d.now
		}
		if len(p.Items) == 0 {
			p.Items = nil
		}
		if !ok || was.Hidden || !reflect.DeepEqual(was, p) { // savePick leaves it hidden
			if err := savePick(d.tx, p); err != nil {
				return fmt.Errorf("pick %s: %w", p.ID, err)
			}
		}
		delete(old, p.ID)
	}
	for _, p := range kept {
		if _, gone := old[p.ID]; gone && (!p.Archived || p.Hidden) {
			p.Archived, p.Hidden = true, false // savePick leaves that as it is
			if err := savePick(d.tx, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// sold reads which products there are, and which product each variant is of.
func sold(tx *database.Tx) (products map[commerce.ProductID]bool, variants map[commerce.VariantID]commerce.ProductID, err error) {
	products, variants = map[commerce.ProductID]bool{}, map[commerce.VariantID]commerce.ProductID{}
	err = tx.Rows(`SELECT id FROM products`, nil, func(scan func(dest ...any) error) error {
		var id commerce.ProductID
		err := scan(&id)
		products[id] = true
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	err = tx.Rows(`SELECT id, product_id FROM variants`, nil, func(scan func(dest ...any) error) error {
		var id commerce.VariantID
		var of commerce.ProductID
		err := scan(&id, &of)
		variants[id] = of
		return err
	})
	return products, variants, err
}
