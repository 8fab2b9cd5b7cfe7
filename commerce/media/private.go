package media

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// Take stores a photo somebody has sent, and returns its hash. It is drawn
// anew, so that nothing of its file but the picture stays: no place, no time.
// No source names it: it is shown only to whom its hash is given, a number
// that nobody finds who does not have the photo. It returns what is wrong with
// a file that is no picture, or too large.
func (m *Media) Take(ctx context.Context, data []byte) (hash string, err error) {
	if len(data) > maxBytes {
		return "", errTooLarge
	}
	if data, err = m.digest(ctx, data); err != nil {
		return "", err
	}
	return m.keep(data)
}

// Drop deletes a stored picture. Whoever calls it knows that nothing shows it
// any more.
func (m *Media) Drop(hash string) error {
	if !isHash(hash) {
		return nil
	}
	err := os.Remove(m.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
