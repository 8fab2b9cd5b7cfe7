package creators

import (
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// row is a creator as it is kept.
type row struct {
	Creator
	position int64
}

const (
	creatorColumns = `c.id, c.name, c.bio, c.picture, c.member_id, c.made_at, c.code, c.archived, c.position`
	pickColumns    = `p.id, p.creator_id, p.title, p.body, p.picture, p.featured, p.archived, p.created_at, p.seq, p.items, p.made, p.photos, p.communities, p.pinned, p.sample, p.video`
)

func scanCreator(scan func(dest ...any) error) (c row, err error) {
	var archived, made int64
	err = scan(&c.ID, &c.Name, &c.Bio, &c.Picture, &c.Member, &made, &c.Code, &archived, &c.position)
	c.Archived, c.MadeAt = archived != 0, commerce.FromMicros(made)
	return c, err
}

func scanPick(scan func(dest ...any) error) (p Pick, err error) {
	var featured, archived, created, made, pinned, sample int64
	var items, photos, communities string
	err = scan(&p.ID, &p.Creator, &p.Title, &p.Body, &p.Picture, &featured, &archived, &created, &p.Seq, &items, &made, &photos, &communities, &pinned, &sample, &p.Video)
	p.Featured, p.Archived, p.Made, p.CreatedAt, p.Items = featured != 0, archived != 0, made != 0, commerce.FromMicros(created), readItems(items)
	p.Hidden = archived&hiddenMark != 0
	p.Photos, p.Communities, p.Pinned, p.Sample = strings.Fields(photos), readCommunities(communities), pinned != 0, sample != 0
	return p, err
}

// Load reads a creator within a transaction. It returns ErrUnknownCreator.
func Load(tx *database.Tx, id commerce.CreatorID) (Creator, error) { return creatorOf(tx, id) }

func creatorOf(tx *database.Tx, id commerce.CreatorID) (Creator, error) {
	c, err := scanCreator(tx.Row(`SELECT `+creatorColumns+` FROM creators c WHERE c.id = $1`, id).Scan)
	if err == database.ErrNone {
		err = ErrUnknownCreator
	}
	return c.Creator, err
}

// creatorBy reads the creator a member is.
func creatorBy(tx *database.Tx, m commerce.MemberID) (Creator, error) {
	c, err := scanCreator(tx.Row(`SELECT `+creatorColumns+` FROM creators c WHERE c.member_id = $1 AND c.member_id <> ''`, m).Scan)
	if err == database.ErrNone {
		err = ErrUnknownCreator
	}
	return c.Creator, err
}

func pickOf(tx *database.Tx, id commerce.PickID) (Pick, error) {
	p, err := scanPick(tx.Row(`SELECT `+pickColumns+` FROM picks p WHERE p.id = $1`, id).Scan)
	if err == database.ErrNone {
		err = ErrUnknownPick
	}
	return p, err
}

// picksWhere reads picks; what comes after WHERE may order and limit them.
func picksWhere(tx *database.Tx, where string, args ...any) (list []Pick, err error) {
	return picksFrom(tx, `picks p WHERE `+where, args...)
}

// picksFrom reads picks, called p, that are found by another table.
func picksFrom(tx *database.Tx, from string, args ...any) (list []Pick, err error) {
	err = tx.Rows(`SELECT `+pickColumns+` FROM `+from, args, func(scan func(...any) error) error {
		p, err := scanPick(scan)
		list = append(list, p)
		return err
	})
	return list, err
}

// declared reads the creators that the YAML has or had.
func declared(tx *database.Tx) (list []row, err error) {
	err = tx.Rows(`SELECT `+creatorColumns+` FROM creators c WHERE c.made_at = 0 ORDER BY c.position, c.id`, nil, func(scan func(...any) error) error {
		c, err := scanCreator(scan)
		list = append(list, c)
		return err
	})
	return list, err
}

// nextSeq gives a new pick its place.
func nextSeq(tx *database.Tx) (n int64, err error) {
	err = tx.Row(`INSERT INTO versions (name, n) VALUES ('picks', 1) ON CONFLICT (name) DO UPDATE SET n = versions.n + 1 RETURNING n`).Scan(&n)
	return n, err
}

// writeItems writes the goods of a pick as one text, readItems reads it.
func writeItems(items []Item) string {
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(item.Product))
		if item.Variant != "" {
			b.WriteByte('/')
			b.WriteString(string(item.Variant))
		}
	}
	return b.String()
}

func readItems(text string) (items []Item) {
	for one := range strings.FieldsSeq(text) {
		product, variant, _ := strings.Cut(one, "/")
		items = append(items, Item{commerce.ProductID(product), commerce.VariantID(variant)})
	}
	return items
}

func saveCreator(tx *database.Tx, c Creator, position int64) error {
	_, err := tx.Exec(`INSERT INTO creators (id, name, bio, picture, member_id, made_at, code, archived, position) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, bio = excluded.bio, picture = excluded.picture, member_id = excluded.member_id,
		archived = excluded.archived, position = excluded.position`,
		c.ID, c.Name, c.Bio, c.Picture, c.Member, commerce.Micros(c.MadeAt), c.Code, number(c.Archived), position)
	return err
}

func savePick(tx *database.Tx, p Pick) error {
	_, err := tx.Exec(`INSERT INTO picks (id, creator_id, title, body, picture, featured, archived, created_at, seq, items, made, photos, communities, video)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO UPDATE SET creator_id = excluded.creator_id,
		title = excluded.title, body = excluded.body, picture = excluded.picture, featured = excluded.featured,
		archived = excluded.archived | (picks.archived & 2), items = excluded.items, photos = excluded.photos, communities = excluded.communities, video = excluded.video`,
		p.ID, p.Creator, p.Title, p.Body, p.Picture, number(p.Featured), number(p.Archived && !p.Hidden), commerce.Micros(p.CreatedAt), p.Seq, writeItems(p.Items), number(p.Made), strings.Join(p.Photos, " "), writeCommunities(p.Communities), p.Video)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM pick_items WHERE pick_id = $1`, p.ID); err != nil {
		return err
	}
	for i, item := range p.Items {
		if _, err := tx.Exec(`INSERT INTO pick_items (pick_id, position, product_id, variant_id, seq) VALUES ($1, $2, $3, $4, $5)`,
			p.ID, i, item.Product, item.Variant, p.Seq); err != nil {
			return err
		}
	}
	return saveBrands(tx, p)
}

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
