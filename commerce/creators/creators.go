// Package creators knows who recommends what: creators and their picks, who
// follows whom, the feed, and which pick is posted in which group when.
//
// Creators and picks come from the YAML (Declare) or are made in the chat. It
// knows products by their ids only, and it sends nothing: a post is a notice,
// delivered by bots/outbox. Nothing here reads all creators or all picks: there
// may be millions. Start at Creators.Pick, Creators.List and Creators.Feed.
package creators

import (
	"context"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Creator is somebody who recommends products.
type Creator struct {
	ID       commerce.CreatorID
	Name     string
	Bio      string
	Picture  string            // source address, "" for none
	Member   commerce.MemberID // who they are in the chat, "" where nobody has said
	MadeAt   time.Time         // when they were approved in the chat; zero for one the YAML declares
	Code     string            // that credits them, "" for none
	Archived bool              // no longer declared: found by id, in no list
	Picks    []Pick            // when declared only; PicksOf has them otherwise
}

// Pick is one recommendation: a few products with a word about them.
type Pick struct {
	ID          commerce.PickID
	Creator     commerce.CreatorID
	Title       string
	Body        string
	Picture     string                 // source address, "" takes the first product's
	Photos      []string               // hashes, of one made in the chat
	Video       string                 // hash, "" for none
	Communities []commerce.CommunityID // where it is shown, none is everywhere
	Pinned      bool                   // it heads its creator's page
	Featured    bool                   // shown to everybody, followers or not
	Archived    bool                   // withdrawn, no longer declared, or hidden: in no list
	Hidden      bool                   // by moderation
	Sample      bool                   // its creator got some of it for free to review
	Made        bool                   // posted from the chat; else the YAML declares it
	Items       []Item
	CreatedAt   time.Time
	Seq         int64 // order of appearance: the newest has the highest
}

// Item is a product of a pick.
type Item struct {
	Product commerce.ProductID
	Variant commerce.VariantID // "" leaves the choice to the member
}

// How long what was read may be used without asking again: what another process
// has changed is seen after that.
const (
	keptTime    = 10 * time.Second
	keptSize    = 20_000
	followsSize = 20_000
	followsTime = 30 * time.Second
	boughtTime  = 5 * time.Minute
)

// Creators reads and writes creators, picks and follows.
type Creators struct {
	// Forget deletes a photo, unless something shows it: it is called for each
	// that something has ceased to show, once that is committed. Nil leaves it.
	Forget func(hash string)
	// Expose lets everybody see a photo; again it does nothing. Nil leaves it.
	Expose func(hash string) error
	// Moderation is told what a word holds back; nil where nothing is.
	Moderation *moderation.Moderation
	// Words returns what holds back a post of a member; nil for nothing.
	Words func(ctx context.Context, m commerce.MemberID) (moderation.Words, error)

	// Sampled reports whether a member got one of some products for free to review,
	// Wrote is told of what they have published. Both are called inside the
	// transaction; either may be nil.
	Sampled func(tx *database.Tx, m commerce.MemberID, of []commerce.ProductID) (bool, error)
	Wrote   func(tx *database.Tx, m commerce.MemberID, of []commerce.ProductID) error

	// Bought returns from which brands a member has bought lately; nil for none.
	Bought func(ctx context.Context, m commerce.MemberID) ([]commerce.BrandID, error)

	db           *database.DB
	clock        commerce.Clock
	ids          commerce.IDSource
	boughtFrom   *cache.Cache[commerce.MemberID, []commerce.BrandID]
	follows      *cache.Cache[commerce.MemberID, []commerce.CreatorID]
	creators     *cache.Cache[commerce.CreatorID, Creator]
	picks        *cache.Cache[commerce.PickID, Pick]
	recommending *cache.Cache[commerce.ProductID, []Creator]
	pools        *cache.Cache[string, []candidate]

	brandFollows   *cache.Cache[commerce.MemberID, []commerce.BrandID]
	brandFollowers *cache.Cache[commerce.BrandID, int64]
	collections    *cache.Cache[commerce.CreatorID, int64] // how many
	brandPools     *cache.Cache[commerce.BrandID, []candidate]
	loved          *cache.Cache[string, []Loved]

	mu     sync.Mutex
	opened map[commerce.PickID]int64 // since Count wrote them
}

// New makes a Creators on a database.
func New(db *database.DB, clock commerce.Clock, ids commerce.IDSource) *Creators {
	return &Creators{
		db: db, clock: clock, ids: ids,
		follows:      cache.New[commerce.MemberID, []commerce.CreatorID](followsSize, followsTime, clock),
		boughtFrom:   cache.New[commerce.MemberID, []commerce.BrandID](followsSize, boughtTime, clock),
		creators:     cache.New[commerce.CreatorID, Creator](keptSize, keptTime, clock),
		picks:        cache.New[commerce.PickID, Pick](keptSize, keptTime, clock),
		recommending: cache.New[commerce.ProductID, []Creator](keptSize, keptTime, clock),
		pools:        cache.New[string, []candidate](64, keptTime, clock),

		brandFollows:   cache.New[commerce.MemberID, []commerce.BrandID](followsSize, followsTime, clock),
		brandFollowers: cache.New[commerce.BrandID, int64](keptSize, keptTime, clock),
		collections:    cache.New[commerce.CreatorID, int64](keptSize, keptTime, clock),
		brandPools:     cache.New[commerce.BrandID, []candidate](keptSize/10, keptTime, clock),
		loved:          cache.New[string, []Loved](1, lovedTime, clock),
	}
}

// Refresh forgets what was read of creators and picks.
func (c *Creators) Refresh() {
	c.creators.Clear()
	c.picks.Clear()
	c.recommending.Clear()
	c.clearLists()
}

// clearLists forgets lists that a pick may be in that has changed.
func (c *Creators) clearLists() {
	c.pools.Clear()
	c.brandPools.Clear()
	c.loved.Clear()
}

// Errors of creators, picks and pages.
var (
	ErrUnknownCreator = &commerce.Error{Kind: commerce.NotFound, Message: "creator.unknown"}
	ErrUnknownPick    = &commerce.Error{Kind: commerce.NotFound, Message: "pick.gone"}
	ErrCursor         = &commerce.Error{Kind: commerce.Invalid, Message: "page.unknown"}
)

// Creator returns a creator, also one who is archived. It returns
// ErrUnknownCreator, and costs no SQL where it was asked a moment ago.
func (c *Creators) Creator(ctx context.Context, id commerce.CreatorID) (Creator, error) {
	return c.creators.Load(id, func() (one Creator, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) (err error) {
			one, err = creatorOf(tx, id)
			return err
		})
		return one, err
	})
}

// People returns creators by their ids, those that there are: one query for whom
// was not asked for a moment ago.
func (c *Creators) People(ctx context.Context, ids []commerce.CreatorID) (map[commerce.CreatorID]Creator, error) {
	return c.creators.LoadAll(ids, func(missing []commerce.CreatorID) (map[commerce.CreatorID]Creator, error) {
		found := make(map[commerce.CreatorID]Creator, len(missing))
		err := c.db.Read(ctx, func(tx *database.Tx) error {
			marks, args := marks(missing)
			return tx.Rows(`SELECT `+creatorColumns+` FROM creators c WHERE c.id IN (`+marks+`)`, args, func(scan func(...any) error) error {
				one, err := scanCreator(scan)
				found[one.ID] = one.Creator
				return err
			})
		})
		return found, err
	})
}

// picksBy returns picks by their ids, those that there are: one query for what was
// not asked for a moment ago.
func (c *Creators) picksBy(ctx context.Context, ids []commerce.PickID) (map[commerce.PickID]Pick, error) {
	return c.picks.LoadAll(ids, func(missing []commerce.PickID) (map[commerce.PickID]Pick, error) {
		found := make(map[commerce.PickID]Pick, len(missing))
		err := c.db.Read(ctx, func(tx *database.Tx) error {
			marks, args := marks(missing)
			list, err := picksWhere(tx, `p.id IN (`+marks+`)`, args...)
			for _, p := range list {
				found[p.ID] = p
			}
			return err
		})
		return found, err
	})
}

// Pick returns a pick, also one that is archived: old buttons name it. It
// returns ErrUnknownPick, and costs no SQL where it was asked a moment ago.
func (c *Creators) Pick(ctx context.Context, id commerce.PickID) (Pick, error) {
	return c.picks.Load(id, func() (one Pick, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) (err error) {
			one, err = pickOf(tx, id)
			return err
		})
		return one, err
	})
}
