package creators

import (
	"slices"

	"github.com/soukchat/souk/commerce/database"
)

// show notes which photos something of creators shows from now on. What nothing
// shows any more is deleted, once that is committed.
func (c *Creators) show(tx *database.Tx, by string, photos []string) error {
	gone, err := Show(tx, by, photos)
	for _, hash := range gone {
		tx.After(func() {
			if c.Forget != nil {
				c.Forget(hash)
			}
		})
	}
	return err
}

// shownBy lists what a post shows.
func shownBy(photos []string, video string) []string {
	if video == "" {
		return photos
	}
	return append(slices.Clone(photos), video)
}

// Show notes which photos of members something shows from now on, and returns
// those that it has ceased to show.
func Show(tx *database.Tx, by string, photos []string) (gone []string, err error) {
	if err := tx.Rows(`SELECT hash FROM shown_photos WHERE shown_by = $1`, []any{by}, func(scan func(...any) error) error {
		var hash string
		err := scan(&hash)
		if !slices.Contains(photos, hash) {
			gone = append(gone, hash)
		}
		return err
	}); err != nil {
		return nil, err
	}
	for _, hash := range gone {
		if _, err := tx.Exec(`DELETE FROM shown_photos WHERE shown_by = $1 AND hash = $2`, by, hash); err != nil {
			return nil, err
		}
	}
	for _, hash := range photos {
		if _, err := tx.Exec(`INSERT INTO shown_photos (hash, shown_by) VALUES ($1, $2) ON CONFLICT (shown_by, hash) DO NOTHING`, hash, by); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// Shown reports whether anything that Show was told of shows a photo.
func Shown(tx *database.Tx, photo string) (bool, error) {
	n := 0
	err := tx.Row(`SELECT COUNT(*) FROM shown_photos WHERE hash = $1`, photo).Scan(&n)
	return n > 0, err
}
