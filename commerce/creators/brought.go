package creators

// Who brings members in. The rules:
//   - a pick that is passed on carries who passed it on, and everybody has a link
//     of their own. Who is first heard of by opening one was brought in by them,
//     once and for good.
//   - nobody brings themselves in: accounts that are linked later are one member,
//     and what one brought of the other is forgotten. So is who brought in an
//     account of somebody who was here before.

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Bring notes that a member who is new was brought in by another, and reports
// whether that is new. pick is "" for their own link. Where one of them or the
// pick is unknown nothing happens.
func (c *Creators) Bring(ctx context.Context, m, by commerce.MemberID, pick commerce.PickID) (isNew bool, err error) {
	if m == by {
		return false, nil
	}
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`INSERT INTO brought (member_id, by_id, pick_id, created_at) SELECT m.id, b.id, CAST($3 AS TEXT), $4 FROM members m, members b
			WHERE m.id = $1 AND b.id = $2 AND (CAST($3 AS TEXT) = '' OR EXISTS (SELECT 1 FROM picks p WHERE p.id = $3)) ON CONFLICT (member_id) DO NOTHING`, m, by, pick, commerce.Micros(c.clock.Now()))
		isNew = n == 1
		return err
	})
	return isNew, err
}

// BroughtBy returns how many members somebody has brought in.
func (c *Creators) BroughtBy(ctx context.Context, by commerce.MemberID) (n int64, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT COUNT(*) FROM brought WHERE by_id = $1`, by).Scan(&n)
	})
	return n, err
}

func linkBrought(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, do := range []string{
		`DELETE FROM brought WHERE member_id IN ($1, $2) AND by_id IN ($1, $2)`,
		`DELETE FROM brought WHERE member_id = $1 AND EXISTS (SELECT 1 FROM members g WHERE g.id = $2 AND g.created_at < brought.created_at)`,
		`DELETE FROM brought WHERE member_id = $2 AND EXISTS (SELECT 1 FROM members k WHERE k.id = $1 AND k.created_at < brought.created_at)`,
		`DELETE FROM brought WHERE member_id = $2 AND EXISTS (SELECT 1 FROM brought k WHERE k.member_id = $1)`,
		`UPDATE brought SET member_id = $1 WHERE member_id = $2`,
		`UPDATE brought SET by_id = $1 WHERE by_id = $2`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	return nil
}
