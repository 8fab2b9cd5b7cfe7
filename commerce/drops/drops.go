// Package drops releases a limited product into many groups at once, from one
// stock: who may have a unit, in which order, until when, and what became of it.
//
// The units are set aside in an allotment (commerce/stock) when the drop is
// announced. A claim that is won is one of them until its end; the order that
// is placed on it is checkout's, which asks and tells this package through
// checkout.Claims. The rules:
//   - The terms are fixed once the drop is announced; the YAML's later words do
//     not change it.
//   - Nothing can be claimed before everybody has been told.
//   - A unit is won by one conditional UPDATE with a CHECK behind it, and is
//     nobody else's until its time is over or its order has lapsed.
//   - What comes back goes to the next in line at that moment, in the same
//     transaction.
//   - Everybody who takes part is told what became of it.
//
// It shows nothing and sends nothing. Start at Plan, then Claim and Step.
package drops

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/live"
)

// Mode is how the units of a drop find their buyers.
type Mode string

const (
	Queue Mode = "queue" // first come, first served, with a line behind
	Draws Mode = "draw"  // who enters in the window has the same chance
	// Invite: those who were chosen by Plan.Who are the line, in the order of its
	// rules and, of each, of how long they meet it.
	Invite Mode = "invite"
	Group  Mode = "group" // the more join, the less all of them pay: see group.go
)

// Plan is a drop as it is declared, and fixed when it is announced.
type Plan struct {
	ID          commerce.DropID
	Name        string // in the YAML
	Title       string
	Text        string
	Brand       commerce.BrandID
	Product     commerce.ProductID
	Units       []Unit
	Price       commerce.Money // of a unit; no currency: what it costs anybody
	Steps       []Step         `json:",omitempty"` // of a group price: it falls as members join
	Mode        Mode
	Announced   time.Time // when the groups are told; zero for at once
	Opens       time.Time
	Closes      time.Time
	PayWithin   time.Duration          // how long a unit that was won is kept for its winner
	Line        int64                  // how many may wait behind the units of a variant
	PerPerson   int64                  // how many units one person may have; zero is one
	Who         []Rule                 // who may take part: who meets one of them; none is anybody
	Spills      time.Duration          // after the opening: what is left of the communities' units is everybody's then; zero for never
	Communities []commerce.CommunityID // that are told; none means all that show the brand
}

// Unit says how many of a variant there are.
type Unit struct {
	Variant  commerce.VariantID
	Units    int64
	Allotted map[commerce.CommunityID]int64 `json:",omitempty"` // of these, for members of a community alone until they spill over
}

// Total is how many units there are of all variants.
func (p Plan) Total() (n int64) {
	for _, u := range p.Units {
		n += u.Units
	}
	return n
}

// State is where a drop stands.
type State string

const (
	Announced State = "announced" // the groups are being told, nothing can be claimed yet
	Open      State = "open"      // members claim
	Closed    State = "closed"    // nobody claims any more, some may still pay
	Over      State = "over"      // all is sold, or back on the shelf
	Cancelled State = "cancelled"
)

// Drop is an announced drop as it stands.
type Drop struct {
	Plan
	State    State
	Paused   bool
	Spilled  bool      // the communities' units are everybody's
	Opens    time.Time // not before; later than planned where the telling takes longer
	OpenedAt time.Time
	EndedAt  time.Time
	Joined   int64     // of a group price: members whose card is authorised, or was charged
	Reached  int64     // of a group price that is closed: what one costs, -1 where too few joined
	Stands   []Stand   // in the order of the plan's units
	Drawings []Drawing // of a draw, one for each variant
}

// Drawn reports whether places are given: at once in a queue, in a draw once
// it is made.
func (d Drop) Drawn() bool {
	for _, w := range d.Drawings {
		if !w.Drawn {
			return false
		}
	}
	return true
}

func (d Drop) drawing(v commerce.VariantID) (w Drawing) {
	for _, w := range d.Drawings {
		if w.Variant == v {
			return w
		}
	}
	return w
}

// Stand is how the units of one variant stand.
type Stand struct {
	Variant commerce.VariantID
	Units   int64
	Claimed int64 // won, and not paid yet
	Sold    int64
	Waiting int64 // members in line
	Pools   []Pool
}

// Pool is the part of a variant's units that is a community's until it spills
// over; "" is everybody's.
type Pool struct {
	Community            commerce.CommunityID
	Units, Claimed, Sold int64
}

// free is how many units nobody has.
func (p Pool) free() int64 { return p.Units - p.Claimed - p.Sold }

// pools are those a member of a community may have units of, their own first.
func (s Stand) pools(c commerce.CommunityID) (list []Pool) {
	for _, p := range s.Pools {
		if p.Community == c || p.Community == "" {
			list = append(list, p)
		}
	}
	slices.SortStableFunc(list, func(a, b Pool) int { return -strings.Compare(string(a.Community), string(b.Community)) })
	return list
}

// For is how the units stand that members of a community may have.
func (s Stand) For(c commerce.CommunityID) (p Pool) {
	for _, one := range s.pools(c) {
		p.Units, p.Claimed, p.Sold = p.Units+one.Units, p.Claimed+one.Claimed, p.Sold+one.Sold
	}
	return p
}

// For is how the units stand that somebody may have who waits.
func (d Drop) For(e Entry) (p Pool) {
	for _, s := range d.Stands {
		if one := s.For(e.From); s.Variant == e.Variant || d.anyOf() {
			p.Units, p.Claimed, p.Sold = p.Units+one.Units, p.Claimed+one.Claimed, p.Sold+one.Sold
		}
	}
	return p
}

// Allotment is what a community had of a variant's units for itself, and how many
// of those were sold to its members.
type Allotment struct {
	Variant     commerce.VariantID
	Community   commerce.CommunityID
	Units, Sold int64
}

// Allotments lists what was kept for communities.
func (d Drop) Allotments() (list []Allotment) {
	for _, u := range d.Units {
		s, _ := d.stand(u.Variant)
		for _, p := range s.Pools {
			if p.Community != "" {
				list = append(list, Allotment{u.Variant, p.Community, u.Allotted[p.Community], p.Sold})
			}
		}
	}
	return list
}

// Left is how many units are not sold: a number that only falls.
func (d Drop) Left() (n int64) {
	for _, s := range d.Stands {
		n += s.Units - s.Sold
	}
	return n
}

// Free is how many units nobody has.
func (d Drop) Free() (n int64) {
	for _, s := range d.Stands {
		n += s.Units - s.Sold - s.Claimed
	}
	return n
}

// Waiting is how many members are in line.
func (d Drop) Waiting() (n int64) {
	for _, s := range d.Stands {
		n += s.Waiting
	}
	return n
}

// EntryState is what became of a member who takes part.
type EntryState string

const (
	Waits  EntryState = "waits"  // in line
	Won    EntryState = "won"    // a unit is theirs until Until
	Sold   EntryState = "sold"   // paid
	Lapsed EntryState = "lapsed" // they did not pay in time
	Lost   EntryState = "lost"   // all was sold before it was their turn
	Left   EntryState = "left"   // they gave their place up
)

// Entry is a member in a drop.
type Entry struct {
	ID      commerce.EntryID
	Drop    commerce.DropID
	Member  commerce.MemberID
	Variant commerce.VariantID
	Seat    int64 // which of the member's, from 0
	Place   int64 // in the order of arrival, over the whole drop
	State   EntryState
	From    commerce.CommunityID // they came from
	Pool    commerce.CommunityID // whose unit they won, "" for everybody's
	Rule    int                  // of the plan's Who, by which they take part; -1 where none was asked
	Tier    int                  // in a draw: those of a lower one come first
	Bot     string               // they came by, "" where they were only chosen
	Until   time.Time            // of a unit that was won
	Order   commerce.OrderID     // placed on it
	At      time.Time
	Ahead   int64 // members in line before them, where they wait
}

// Where is the chat a member comes from, and what they know themself by, as
// "telegram 1001": it is in the proof of a draw, and nowhere else.
type Where struct {
	Bot, Chat, Who string
	Community      commerce.CommunityID // "" where it is not certain
	Roles          []string             // they have there, by the platform's ids
	Seat           int64                // which of their units this is to be, from 0
	Tapped         time.Time            // when this process heard of it
	New            bool                 // this very tap is the first that is heard of them: they have nothing yet
	May            func() error         // asked before anything is written, not of those who are too late; nil for always
}

// Chat is a group that drops are told in.
type Chat struct {
	Bot, ID, Thread string
	Community       commerce.CommunityID
	Sells           func(commerce.BrandID) bool
}

// The conditions a caller branches on.
var (
	ErrNone    = &commerce.Error{Kind: commerce.NotFound, Message: "drop.none"}
	ErrNotYet  = &commerce.Error{Kind: commerce.Conflict, Message: "drop.notyet"} // "opens"
	ErrPaused  = &commerce.Error{Kind: commerce.Conflict, Message: "drop.paused"}
	ErrClosed  = &commerce.Error{Kind: commerce.Conflict, Message: "drop.closed"}
	ErrTooLate = &commerce.Error{Kind: commerce.Conflict, Message: "drop.toolate"} // no unit is left, and the line is full
	ErrNotFor  = &commerce.Error{Kind: commerce.Conflict, Message: "drop.notfor"}  // it is for others
	ErrLapsed  = &commerce.Error{Kind: commerce.Conflict, Message: "drop.lapsed"}  // the unit is not kept for them any more
)

// Config is what a Drops is connected to.
type Config struct {
	DB    *database.DB
	Live  *live.Live
	Clock commerce.Clock
	IDs   commerce.IDSource
	Log   *slog.Logger
	Chats func() []Chat // the groups, as they are declared now
	// Staff returns who is told about a drop of the brand. It must not need the
	// database.
	Staff func(brand commerce.BrandID) []commerce.MemberID
	// Quiet reports whether the groups have quiet hours at a time, and until when;
	// nil for never. In them nothing is posted and nobody invited.
	Quiet func(at time.Time) (until time.Time, quiet bool)
	// Recommend returns the creators who recommend a product: who follows their
	// drops is told of one of it. Pace is the time between two messages of a bot
	// that go to many, of the slowest for "". Either may be nil.
	Recommend func(ctx context.Context, p commerce.ProductID) []commerce.CreatorID
	Pace      func(bot string) time.Duration
	// Born returns when an account of a platform was made, where it tells it; Card
	// by what the card that paid an order is known again, "" for none. Either may
	// be nil.
	Born func(platform, account string) (time.Time, bool)
	Card func(ctx context.Context, o commerce.OrderID) (string, error)
	// GiveUp closes an order that waits to be paid; nil for nothing.
	GiveUp func(ctx context.Context, m commerce.MemberID, o commerce.OrderID) error
}

// Drops runs drops. Its methods may be called from many goroutines.
type Drops struct {
	Config
	plans  atomic.Pointer[[]Plan]
	claims *database.Gather
	seen   *cache.Cache[commerce.DropID, Drop]
	may    *cache.Cache[asked, int] // by which rule somebody may claim

	taps taps

	mu    sync.Mutex
	gates map[commerce.DropID]string // as what this process has set them last
	doubt map[doubt]time.Time        // since when one counts more than the database
}

// New makes a Drops, with no plan yet.
func New(cfg Config) *Drops {
	d := &Drops{Config: cfg, claims: database.NewGather(cfg.DB), gates: map[commerce.DropID]string{}, doubt: map[doubt]time.Time{},
		seen: cache.New[commerce.DropID, Drop](100, time.Second, cfg.Clock),
		may:  cache.New[asked, int](20_000, 10*time.Second, cfg.Clock)}
	d.plans.Store(&[]Plan{})
	return d
}

// Declare replaces the plans. Those that were announced stay as they were.
func (d *Drops) Declare(list []Plan) { d.plans.Store(&list) }

// Get returns a drop that was announced, or ErrNone.
func (d *Drops) Get(ctx context.Context, id commerce.DropID) (drop Drop, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		drop, err = load(tx, id)
		return err
	})
	return drop, err
}

// Look is Get, but at most a second old: for those whom nothing depends on.
func (d *Drops) Look(ctx context.Context, id commerce.DropID) (Drop, error) {
	return d.seen.Load(id, func() (Drop, error) { return d.Get(ctx, id) })
}

// Current lists the drops that are announced and not over, the next first.
func (d *Drops) Current(ctx context.Context) (list []Drop, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		ids, err := inState(tx, Announced, Open, Closed)
		list = nil
		for _, id := range ids {
			if err != nil {
				return err
			}
			var one Drop
			one, err = load(tx, id)
			list = append(list, one)
		}
		return err
	})
	return list, err
}

// Mine returns a member's entry, ErrNone where they take no part.
func (d *Drops) Mine(ctx context.Context, id commerce.DropID, m commerce.MemberID) (e Entry, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		e, err = entry(tx, `drop_id = $1 AND member_id = $2 ORDER BY seat LIMIT 1`, id, m)
		return err
	})
	return e, err
}

// Own lists a member's entries, by their seats.
func (d *Drops) Own(ctx context.Context, id commerce.DropID, m commerce.MemberID) (list []Entry, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = entries(tx, `drop_id = $1 AND member_id = $2 ORDER BY seat`, id, m)
		return err
	})
	return list, err
}

// Latest returns the drop that a member came to last, ErrNone for none.
func (d *Drops) Latest(ctx context.Context, m commerce.MemberID) (id commerce.DropID, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT drop_id FROM drop_entries WHERE member_id = $1 AND bot <> '' ORDER BY created_at DESC, id LIMIT 1`, m).Scan(&id)
		if err == database.ErrNone {
			err = ErrNone
		}
		return err
	})
	return id, err
}

// Entry returns an entry by its id, or ErrNone.
func (d *Drops) Entry(ctx context.Context, id commerce.EntryID) (e Entry, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		e, err = entry(tx, `id = $1`, id)
		return err
	})
	return e, err
}
