package creators

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// row is a creator as it is kept.
type row struct {
	Creator
	position int64
}

func versionOf(tx *database.Tx) (n int64, err error) {
	err = tx.Row(`SELECT n FROM versions WHERE name = 'creators'`).Scan(&n)
	if err == database.ErrNone {
		return 0, nil
	}
	return n, err
}

// changed lets every copy in memory, of this process and others, know.
func changed(tx *database.Tx) error {
	_, err := tx.Exec(`INSERT INTO versions (name, n) VALUES ('creators', 1) ON CONFLICT (name) DO UPDATE SET n = versions.n + 1`)
	return err
}

// rows reads everything: creators as declared, picks in no order, with their
// items in theirs.
func rows(tx *database.Tx) (creators []row, picks []Pick, err error) {
	err = tx.Rows(`SELECT id, name, bio, picture, archived, position FROM creators ORDER BY position, id`, nil,
		func(scan func(dest ...any) error) error {
			var c row
			var archived int64
			if err := scan(&c.ID, &c.Name, &c.Bio, &c.Picture, &archived, &c.position); err != nil {
				return err
			}
			c.Archived = archived != 0
			creators = append(creators, c)
			return nil
		})
	if err != nil {
		return nil, nil, err
	}
	at := map[commerce.PickID]int{}
	err = tx.Rows(`SELECT id, creator_id, title, body, picture, featured, archived, created_at, seq FROM picks ORDER BY seq`, nil,
		func(scan func(dest ...any) error) error {
			var p Pick
			var featured, archived, created int64
			if err := scan(&p.ID, &p.Creator, &p.Title, &p.Body, &p.Picture, &featured, &archived, &created, &p.Seq); err != nil {
				return err
			}
			p.Featured, p.Archived, p.CreatedAt = featured != 0, archived != 0, commerce.FromMicros(created)
			at[p.ID] = len(picks)
			picks = append(picks, p)
			return nil
		})
	if err != nil {
		return nil, nil, err
	}
	err = tx.Rows(`SELECT pick_id, product_id, variant_id FROM pick_items ORDER BY pick_id, position`, nil,
		func(scan func(dest ...any) error) error {
			var id commerce.PickID
			var i Item
			if err := scan(&id, &i.Product, &i.Variant); err != nil {
				return err
			}
			p := &picks[at[id]]
			p.Items = append(p.Items, i)
			return nil
		})
	return creators, picks, err
}

func saveCreator(tx *database.Tx, c Creator, position int64) error {
	_, err := tx.Exec(`INSERT INTO creators (id, name, bio, picture, archived, position) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, bio = excluded.bio, picture = excluded.picture,
		archived = excluded.archived, position = excluded.position`,
		c.ID, c.Name, c.Bio, c.Picture, number(c.Archived), position)
	return err
}

func savePick(tx *database.Tx, p Pick) error {
	_, err := tx.Exec(`INSERT INTO picks (id, creator_id, title, body, picture, featured, archived, created_at, seq)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET creator_id = excluded.creator_id,
		title = excluded.title, body = excluded.body, picture = excluded.picture, featured = excluded.featured,
		archived = excluded.archived`,
		p.ID, p.Creator, p.Title, p.Body, p.Picture, number(p.Featured), number(p.Archived), commerce.Micros(p.CreatedAt), p.Seq)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM pick_items WHERE pick_id = $1`, p.ID); err != nil {
		return err
	}
	for i, item := range p.Items {
		if _, err := tx.Exec(`INSERT INTO pick_items (pick_id, position, product_id, variant_id) VALUES ($1, $2, $3, $4)`,
			p.ID, i, item.Product, item.Variant); err != nil {
			return err
		}
	}
	return nil
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
