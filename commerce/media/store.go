package media

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/soukchat/souk/commerce"
)

// ErrNone is returned by Open where no picture is stored under the name.
var ErrNone = &commerce.Error{Kind: commerce.NotFound, Message: "media.none"}

// Open returns a stored picture by its hash, with its Content-Type. The bytes
// must not be changed.
func (m *Media) Open(ctx context.Context, hash string) (data []byte, kind string, err error) {
	if !isHash(hash) {
		return nil, "", ErrNone
	}
	data, err = os.ReadFile(m.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(m.exposed(hash))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", ErrNone
	}
	return data, kindOf(data), err
}

func kindOf(data []byte) string {
	if bytes.HasPrefix(data, []byte("\x89PNG")) {
		return "image/png"
	}
	return "image/jpeg"
}

func isHash(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*sha256.Size
}

// path spreads the files over 256 directories.
func (m *Media) path(hash string) string { return filepath.Join(m.dir, hash[:2], hash) }

func (m *Media) keep(data []byte) (hash string, err error) { return store(m.path, data, 0o644) }

// store keeps bytes under their SHA-256 and returns it. A crash leaves the
// whole file or none: it is written beside its place, flushed, then moved. One
// that is there already is written again, and so is newer than its source.
func store(place func(hash string) string, data []byte, mode fs.FileMode) (hash string, err error) {
	sum := sha256.Sum256(data)
	hash = hex.EncodeToString(sum[:])
	path := place(hash)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "new-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name()) // fails once it has been moved
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	if err := os.Chmod(f.Name(), mode); err != nil {
		return "", err
	}
	return hash, os.Rename(f.Name(), path)
}
