// Package creators knows who recommends what: creators and their picks, who
// follows whom, the feed, and which pick is posted in which group when.
//
// It takes creators and picks as the YAML declares them and never invents any.
// It knows products by their ids only, and it sends nothing: a post is a
// notice, delivered by bots/outbox. Start at Creators.Snapshot and
// Creators.Feed.
package creators

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/database"
)

// Creator is somebody who recommends products.
type Creator struct {
	ID       commerce.CreatorID
	Name     string
	Bio      string
	Picture  string // source address, "" for none
	Archived bool   // no longer declared: found by id, in no list
	Picks    []Pick // when declared only; Snapshot.PicksOf has them otherwise
}

// Pick is one recommendation: a few products with a word about them.
type Pick struct {
	ID        commerce.PickID
	Creator   commerce.CreatorID
	Title     string
	Body      string
	Picture   string // source address, "" takes the first product's
	Featured  bool   // shown to everybody, followers or not
	Archived  bool
	Items     []Item
	CreatedAt time.Time
	Seq       int64 // order of appearance: the newest has the highest
}

// Item is a product of a pick.
type Item struct {
	Product commerce.ProductID
	Variant commerce.VariantID // "" leaves the choice to the member
}

// How long what was read may be used without asking again.
const (
	versionTime = time.Second // how often the version is looked at
	followsSize = 20_000
	followsTime = 30 * time.Second
)

// Creators reads and writes creators, picks and follows.
type Creators struct {
	db      *database.DB
	clock   commerce.Clock
	ids     commerce.IDSource
	follows *cache.Cache[commerce.MemberID, []commerce.CreatorID]

	mu      sync.Mutex
	current *Snapshot
	looked  time.Time // when the version was looked at last
}

// New makes a Creators on a database.
func New(db *database.DB, clock commerce.Clock, ids commerce.IDSource) *Creators {
	return &Creators{
		db: db, clock: clock, ids: ids,
		follows: cache.New[commerce.MemberID, []commerce.CreatorID](followsSize, followsTime, clock),
	}
}

// Snapshot is all creators and picks at one moment. It never changes, and what
// it returns must not be changed.
type Snapshot struct {
	version  int64
	creators []*Creator // those of today, as declared
	byID     map[commerce.CreatorID]*Creator
	picks    []*Pick // those of today, newest first
	pickByID map[commerce.PickID]*Pick
	of       map[commerce.CreatorID][]*Pick
}

// Snapshot returns the present state. It costs no SQL but a look at the
// version, once a second at most; while the database does not answer, the last
// state known is returned.
func (c *Creators) Snapshot(ctx context.Context) (*Snapshot, error) {
	now := c.clock.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil && now.Sub(c.looked) < versionTime {
		return c.current, nil
	}
	s, err := c.read(ctx, c.current)
	if err != nil {
		if c.current == nil {
			return nil, err
		}
		s = c.current
	}
	c.current, c.looked = s, now
	return s, nil
}

// Refresh makes the next Snapshot look at the database.
func (c *Creators) Refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looked = time.Time{}
}

// Creator finds a creator, also one who is archived.
func (s *Snapshot) Creator(id commerce.CreatorID) (*Creator, bool) {
	c, ok := s.byID[id]
	return c, ok
}

// Creators lists the creators as the YAML does.
func (s *Snapshot) Creators() []*Creator { return s.creators }

// Pick finds a pick, also one that is archived: old buttons name it.
func (s *Snapshot) Pick(id commerce.PickID) (*Pick, bool) {
	p, ok := s.pickByID[id]
	return p, ok
}

// Picks lists all picks, newest first.
func (s *Snapshot) Picks() []*Pick { return s.picks }

// PicksOf lists a creator's picks, newest first.
func (s *Snapshot) PicksOf(id commerce.CreatorID) []*Pick { return s.of[id] }

// Recommending lists the creators who recommend a product, each once, the one
// with the newest pick first.
func (s *Snapshot) Recommending(product commerce.ProductID) (list []*Creator) {
	for _, p := range s.picks {
		if !slices.ContainsFunc(p.Items, func(i Item) bool { return i.Product == product }) {
			continue
		}
		if c := s.byID[p.Creator]; c != nil && !slices.Contains(list, c) {
			list = append(list, c)
		}
	}
	return list
}

// read loads the state, or returns the known one where the version is the same.
func (c *Creators) read(ctx context.Context, known *Snapshot) (s *Snapshot, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		version, err := versionOf(tx)
		if err != nil {
			return err
		}
		if known != nil && known.version == version {
			s = known
			return nil
		}
		s, err = load(tx, version)
		return err
	})
	return s, err
}

func load(tx *database.Tx, version int64) (*Snapshot, error) {
	creators, picks, err := rows(tx)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{
		version:  version,
		byID:     make(map[commerce.CreatorID]*Creator, len(creators)),
		pickByID: make(map[commerce.PickID]*Pick, len(picks)),
		of:       map[commerce.CreatorID][]*Pick{},
	}
	for i := range creators {
		c := &creators[i].Creator
		s.byID[c.ID] = c
		if !c.Archived {
			s.creators = append(s.creators, c)
		}
	}
	for i := range picks {
		p := &picks[i]
		s.pickByID[p.ID] = p
		if !p.Archived {
			s.picks = append(s.picks, p)
		}
	}
	slices.SortFunc(s.picks, func(a, b *Pick) int { return cmp.Compare(b.Seq, a.Seq) })
	for _, p := range s.picks {
		s.of[p.Creator] = append(s.of[p.Creator], p)
	}
	return s, nil
}
