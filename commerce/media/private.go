package media

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/soukchat/souk/commerce"
)

// ErrNoPhoto is returned by Take for what is no photo, or too large.
var ErrNoPhoto = &commerce.Error{Kind: commerce.Invalid, Message: "form.nophoto"}

// Take stores a photo somebody has sent, and returns its hash. It is drawn
// anew, so that nothing of its file but the picture stays: no place, no time.
// It lies apart from the pictures of the shop and is served at no address until
// Expose: Photo alone returns it. What is no photo is ErrNoPhoto.
func (m *Media) Take(ctx context.Context, data []byte) (hash string, err error) {
	if len(data) > maxBytes {
		return "", ErrNoPhoto
	}
	if data, err = m.digest(ctx, data); ctx.Err() != nil {
		return "", ctx.Err()
	} else if err != nil {
		return "", ErrNoPhoto
	}
	return store(m.private, data, 0o600)
}

// Photo returns a photo that Take has stored, or ErrNone.
func (m *Media) Photo(hash string) ([]byte, error) {
	if !isHash(hash) {
		return nil, ErrNone
	}
	data, err := os.ReadFile(m.private(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	return data, err
}

// Size is how large a photo is, in pixels, or ErrNone.
func (m *Media) Size(hash string) (width, height int, err error) {
	data, err := m.Photo(hash)
	if err != nil {
		return 0, 0, err
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(data))
	return c.Width, c.Height, err
}

// Drop deletes a photo or a video. Whoever calls it knows that nothing shows it any more.
func (m *Media) Drop(hash string) error {
	if !isHash(hash) {
		return nil
	}
	for _, path := range []string{m.exposed(hash), m.exposedVideo(hash), m.private(hash)} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Expose serves a photo to everybody, at the address that URL has for the source
// PhotoSource and its hash, or a video by Video, until it is dropped. It returns ErrNone.
func (m *Media) Expose(hash string) error {
	data, err := m.Photo(hash)
	if err != nil {
		return err
	}
	place := m.exposed
	if isVideo(data) {
		place = m.exposedVideo
	}
	_, err = store(place, data, 0o644)
	return err
}

// PhotoSource begins the source of a picture that is a photo of a member.
const PhotoSource = "photo:"

// private is where a photo lies; no hash of a picture leads there.
func (m *Media) private(hash string) string {
	return filepath.Join(m.dir, "private", hash[:2], hash)
}

func (m *Media) exposed(hash string) string { return filepath.Join(m.dir, "exposed", hash[:2], hash) }
