package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/soukchat/souk/commerce/database"
)

// TakeFiles stores every wanted picture that is a file, at once: those beside
// the configuration. A file that has changed since is taken anew. What is
// wrong with one is noted as its problem; the error is one of the database or
// the directory. Whoever calls Want with a path vouches that it may be shown.
func (m *Media) TakeFiles(ctx context.Context) error {
	files := map[string]string{}
	err := m.db.Read(ctx, func(tx *database.Tx) error {
		clear(files)
		return tx.Rows("SELECT source, hash FROM pictures WHERE source NOT LIKE 'http://%' AND source NOT LIKE 'https://%'", nil,
			func(scan func(...any) error) error {
				var source, hash string
				err := scan(&source, &hash)
				files[source] = hash
				return err
			})
	})
	if err != nil {
		return fmt.Errorf("read pictures: %w", err)
	}
	var errs []error
	for source, hash := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, m.takeFile(ctx, source, hash))
	}
	return errors.Join(append(errs, m.sync(ctx))...)
}

func (m *Media) takeFile(ctx context.Context, source, hash string) error {
	info, err := os.Stat(source)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a file")
	}
	if err == nil && isHash(hash) {
		stored, err := os.Stat(m.path(hash))
		if err == nil && stored.ModTime().After(info.ModTime()) {
			return nil
		}
	}
	var data []byte
	if err == nil {
		data, err = readFile(source)
	}
	if err == nil {
		data, err = m.digest(ctx, data)
	}
	if err != nil {
		return m.failed(ctx, source, err)
	}
	if hash, err = m.keep(data); err != nil {
		return fmt.Errorf("store picture: %w", err)
	}
	return m.had(ctx, source, hash)
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if len(data) > maxBytes {
		return nil, errTooLarge
	}
	return data, err
}
