// Package media keeps the pictures of products, picks and creators: stored by
// their SHA-256 in a directory, fetched in the background, drawn as a plain
// tile with a title where there is none.
//
// It knows no product: others name a picture by its source and ask for it with
// Want. It never fetches while a member waits, and never from a private
// address. Start at Media.URL to show a picture, at Media.Fetch to see where
// they come from.
package media

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Media is the shop's pictures. Its methods may be called from many goroutines.
type Media struct {
	dir    string
	db     *database.DB
	clock  commerce.Clock
	client *http.Client
	public func(netip.AddrPort) bool // where pictures may be fetched from

	known atomic.Pointer[map[string]string] // source → hash, of those that are here

	mu      sync.Mutex // guards what follows, and the making of known
	version int64
	here    map[string]bool      // hashes whose file was seen
	absent  map[string]time.Time // sources whose file is not here, and when to try again

	decoding chan struct{} // as many as are decoded at a time: each takes much memory
	tiles    tileCache
}

// New keeps pictures in dir, which is made where it is missing, and what is
// known of them in db, whose tables must be up to date.
func New(dir string, db *database.DB, clock commerce.Clock) (*Media, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	m := &Media{
		dir: dir, db: db, clock: clock, public: isPublic,
		version: -1, here: map[string]bool{}, absent: map[string]time.Time{},
		decoding: make(chan struct{}, 2),
	}
	m.client = m.newClient()
	m.known.Store(&map[string]string{})
	return m, m.sync(context.Background())
}

// URL returns the address at which a picture is served, base being that of
// this program: of the stored picture where it is had, else of a tile for the
// product, "" where there is neither.
func (m *Media) URL(base, source string, product commerce.ProductID) string {
	if hash, photo := strings.CutPrefix(source, PhotoSource); photo {
		return base + "/m/" + hash
	}
	if hash := (*m.known.Load())[source]; hash != "" {
		return base + "/m/" + hash
	}
	if product == "" {
		return ""
	}
	return base + "/m/t/" + string(product)
}

// sync learns what other processes have stored since.
func (m *Media) sync(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string]string{}
	var version int64
	err := m.db.Read(ctx, func(tx *database.Tx) error {
		clear(known)
		err := tx.Row("SELECT n FROM versions WHERE name = 'pictures'").Scan(&version)
		if err != nil && err != database.ErrNone {
			return err
		}
		if version == m.version {
			return nil
		}
		return tx.Rows("SELECT source, hash FROM pictures WHERE hash <> ''", nil, func(scan func(...any) error) error {
			var source, hash string
			err := scan(&source, &hash)
			known[source] = hash
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("read pictures: %w", err)
	}
	if version == m.version {
		return nil
	}
	for source, hash := range known {
		if m.here[hash] {
			continue
		}
		if _, err := os.Stat(m.path(hash)); err != nil {
			// Another process has it, or the directory was emptied.
			if _, waits := m.absent[source]; !waits {
				m.absent[source] = time.Time{}
			}
			delete(known, source)
			continue
		}
		m.here[hash] = true
	}
	m.version = version
	m.known.Store(&known)
	return nil
}

// had notes that a source is stored under a hash, in SQL and here.
func (m *Media) had(ctx context.Context, source, hash string) error {
	err := m.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec("UPDATE pictures SET hash = $2, problem = '' WHERE source = $1 AND (hash <> $2 OR problem <> '')", source, hash)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(`INSERT INTO versions (name, n) VALUES ('pictures', 1) ON CONFLICT (name) DO UPDATE SET n = versions.n + 1`)
		return err
	})
	if err != nil {
		return fmt.Errorf("store picture: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.here[hash] = true
	if _, missing := m.absent[source]; missing {
		delete(m.absent, source)
		m.version = -1 // so that sync takes it up though SQL has not changed
	}
	return nil
}

// failed notes why a picture was not had. What it says is read by an admin.
func (m *Media) failed(ctx context.Context, source string, problem error) error {
	text := []rune(strings.ToValidUTF8(problem.Error(), "?"))
	return m.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("UPDATE pictures SET problem = $2 WHERE source = $1", source, string(text[:min(len(text), 300)]))
		return err
	})
}

// Remote reports whether a source is an address, not a file.
func Remote(source string) bool {
	scheme, _, ok := strings.Cut(source, "://")
	return ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}
