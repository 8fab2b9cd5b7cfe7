// Package catalog knows what is for sale: brands, products and their variants,
// taken from product feeds, and finds them by category and by text.
//
// The whole catalogue is kept in memory as a Snapshot, so that a tap costs no
// SQL; it counts no units (commerce/stock does, through Counter) and fetches
// no picture (commerce/media does). Start at Catalog.Snapshot to read, at
// ReadFeed and Catalog.Import to fill.
package catalog

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// checkEvery is how old a snapshot may be before its version is asked for: a
// change made by another process is seen this late at most.
const checkEvery = time.Second

// Catalog is the shop's catalogue. Its methods may be called from many
// goroutines.
type Catalog struct {
	db    *database.DB
	clock commerce.Clock

	snapshot atomic.Pointer[Snapshot]
	checked  atomic.Int64 // when the version was last asked for, in microseconds
	stale    atomic.Bool  // this process has changed the catalogue since
	loading  sync.Mutex

	specials specials
}

// New returns the catalogue kept in db. It reads nothing yet.
func New(db *database.DB, clock commerce.Clock) *Catalog {
	return &Catalog{db: db, clock: clock}
}

// Snapshot returns the catalogue as it is now, without SQL where it was checked
// within the last second. A change made through this Catalog is always seen.
// Where the database does not answer, the last snapshot is returned; only where
// there is none yet does it fail.
func (c *Catalog) Snapshot(ctx context.Context) (*Snapshot, error) {
	have := c.snapshot.Load()
	if have != nil && !c.stale.Load() && c.fresh() {
		return have, nil
	}
	if have != nil && !c.stale.Load() {
		// One caller looks for a newer version, the others go on with this one.
		if !c.loading.TryLock() {
			return have, nil
		}
	} else {
		c.loading.Lock()
	}
	defer c.loading.Unlock()
	if c.snapshot.Load() != have && !c.stale.Load() {
		return c.snapshot.Load(), nil
	}
	fresh, err := c.load(ctx, have)
	if err != nil {
		if have == nil {
			return nil, err
		}
		c.checked.Store(commerce.Micros(c.clock.Now()))
		return have, nil
	}
	return fresh, nil
}

// Refresh makes the next Snapshot look for a newer version at once.
func (c *Catalog) Refresh() { c.stale.Store(true) }

func (c *Catalog) fresh() bool {
	age := c.clock.Now().Sub(commerce.FromMicros(c.checked.Load()))
	return age >= 0 && age < checkEvery
}

// load reads the catalogue anew where its version is not that of have.
func (c *Catalog) load(ctx context.Context, have *Snapshot) (*Snapshot, error) {
	c.stale.Store(false) // before reading: a change from here on is seen next time
	var s *Snapshot
	err := c.db.Read(ctx, func(tx *database.Tx) error {
		n, err := versionOf(tx)
		if err != nil {
			return err
		}
		if have != nil && have.version == n {
			s = have
			return nil
		}
		s, err = readSnapshot(tx, n)
		return err
	})
	if err != nil {
		return nil, err // the version is asked for again in a second
	}
	c.snapshot.Store(s)
	c.checked.Store(commerce.Micros(c.clock.Now()))
	return s, nil
}

func versionOf(tx *database.Tx) (n int64, err error) {
	err = tx.Row("SELECT n FROM versions WHERE name = 'catalog'").Scan(&n)
	if err == database.ErrNone {
		return 0, nil
	}
	return n, err
}

// grow moves the catalogue's version on, so that every process reads it anew.
func (c *Catalog) grow(tx *database.Tx) error {
	tx.After(c.Refresh)
	_, err := tx.Exec(`INSERT INTO versions (name, n) VALUES ('catalog', 1)
		ON CONFLICT (name) DO UPDATE SET n = versions.n + 1`)
	return err
}
