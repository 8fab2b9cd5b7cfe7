// Package members knows people: who somebody is on which platform, by which
// way they are reached, where their parcels go; how two accounts become one
// member, and how a person is forgotten.
//
// It keeps no cart, order or follow: the parts that do tell it, by OnLink,
// OnErase and OnExport, what must happen to theirs. It never sends anything.
// Start at Members.Meet.
package members

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/database"
)

// Member is a person, with all accounts they are known by. What a method
// returns is shared with the cache: it must not be changed.
type Member struct {
	ID        commerce.MemberID
	Name      string // as a platform told it last
	Locale    string // BCP 47, "" unknown
	Quiet     Quiet  // zero for none
	Accounts  []Account
	Address   *Address                           // nil for none yet
	Shipping  map[commerce.BrandID]string        // the shipping option chosen last
	In        map[commerce.CommunityID]time.Time // the communities they were seen in, each since when
	CreatedAt time.Time
	New       bool // made by the event that was just met: nothing else is known of them
}

// Account is one account of a member on one platform.
type Account struct {
	Platform string
	ID       string // the platform's id of the person
	Name     string
	Username string    // without @, "" for none
	Bot      string    // the bot they last spoke with in private, "" none
	Reach    Reach     // whether a message to them would arrive
	SeenAt   time.Time // when they last spoke with us in private, to the day
}

// Reach says whether an account takes messages from us.
type Reach string

const (
	Unknown Reach = "unknown" // they never spoke with us in private
	Open    Reach = "open"
	Closed  Reach = "closed" // blocked the bot, closed their messages, or never started it
)

// Seen is what an event tells about who did something.
type Seen struct {
	Platform string
	Account  string
	Name     string
	Username string
	Locale   string // "" where the platform does not tell
	Bot      string
	Private  bool // in a chat with the bot alone
	// Community is the one whose chat it is, "" for none, and Joined when they
	// joined it, zero where the platform does not tell.
	Community commerce.CommunityID
	Joined    time.Time
}

// ErrUnknown is returned where a member is not there, or was erased.
var ErrUnknown = &commerce.Error{Kind: commerce.NotFound, Message: "member.unknown"}

// How many members are kept in memory, and how long: another process may
// change one, so not for long.
const (
	cacheSize = 20_000
	cacheTime = 30 * time.Second
	seenEvery = 24 * time.Hour // how exact SeenAt is
)

// Members finds people.
type Members struct {
	db    *database.DB
	clock commerce.Clock
	ids   commerce.IDSource

	met       *database.Gather // a crowd is written down together
	byAccount *cache.Cache[account, commerce.MemberID]
	byID      *cache.Cache[commerce.MemberID, Member]

	link   []func(tx *database.Tx, keep, gone commerce.MemberID) error
	erase  []func(tx *database.Tx, id commerce.MemberID) error
	export []func(ctx context.Context, id commerce.MemberID) (name string, data any, err error)
}

type account struct{ platform, id string }

// New makes a Members on a database.
func New(db *database.DB, clock commerce.Clock, ids commerce.IDSource) *Members {
	return &Members{
		db: db, clock: clock, ids: ids, met: database.NewGather(db),
		byAccount: cache.New[account, commerce.MemberID](cacheSize, cacheTime, clock),
		byID:      cache.New[commerce.MemberID, Member](cacheSize, cacheTime, clock),
	}
}

// Meet returns the member who did something, and makes one of a person never
// seen before. It writes only when something has changed, so that a tap of a
// known member costs no SQL; two first events of one person make one member.
func (m *Members) Meet(ctx context.Context, s Seen) (Member, error) {
	s.Name, s.Username = clip(tidy(s.Name), maxName), clip(tidy(s.Username), maxName)
	now := m.clock.Now()
	known, err := m.find(ctx, account{s.Platform, s.Account})
	if err == nil && !known.changedBy(s, now) {
		return known, nil
	}
	if err != nil && err != database.ErrNone {
		return Member{}, err
	}
	at, fresh := account{s.Platform, s.Account}, commerce.MemberID(m.ids.ID())
	// Who is new need not be read back, and is kept unless changed meanwhile.
	id := fresh
	made, err := m.byID.Load(fresh, func() (Member, error) {
		id, err = m.write(ctx, s, now, fresh)
		if err == nil && id != fresh {
			err = errKnown
		}
		return s.member(fresh, now), err
	})
	m.byAccount.Drop(at)
	switch err {
	case errKnown:
		m.byID.Drop(id)
		return m.find(ctx, at)
	case nil:
		made.New = true
		_, err = m.byAccount.Load(at, func() (commerce.MemberID, error) { return fresh, nil })
	}
	return made, err
}

// errKnown: the account is one of a member who was there before.
var errKnown = errors.New("members: known")

// Get returns a member. One who was linked into another is found as that
// other. It returns ErrUnknown where there is nobody, or nobody any more.
func (m *Members) Get(ctx context.Context, id commerce.MemberID) (Member, error) {
	return m.byID.Load(id, func() (member Member, err error) {
		err = m.db.Read(ctx, func(tx *database.Tx) error {
			member, err = read(tx, id)
			return err
		})
		return member, err
	})
}

// Fresh is Get past what is kept in memory: what another process has just
// changed is seen. Whoever buys is asked for here, or an earlier address of
// theirs could be on the parcel.
func (m *Members) Fresh(ctx context.Context, id commerce.MemberID) (Member, error) {
	m.byID.Drop(id)
	return m.Get(ctx, id)
}

// Ways returns the accounts by which a member can be told something, the one
// they used last first. Those closed to us are left out.
func (m *Members) Ways(ctx context.Context, id commerce.MemberID) ([]Account, error) {
	member, err := m.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(member.Accounts), func(a Account) bool {
		return a.Reach == Closed
	}), nil
}

// Find returns the member of an account, ErrUnknown where it was never seen.
func (m *Members) Find(ctx context.Context, platform, id string) (Member, error) {
	member, err := m.find(ctx, account{platform, id})
	if err == database.ErrNone {
		return Member{}, ErrUnknown
	}
	return member, err
}

// Closed records that an account does not take our messages. Speaking with us
// in private opens it again.
func (m *Members) Closed(ctx context.Context, platform, id string) error {
	var member commerce.MemberID
	err := m.db.Write(ctx, func(tx *database.Tx) error {
		member = ""
		err := tx.Row(`SELECT member_id FROM accounts WHERE platform = $1 AND account = $2`, platform, id).Scan(&member)
		if err == database.ErrNone {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE accounts SET reach = 'closed' WHERE platform = $1 AND account = $2`, platform, id)
		return err
	})
	m.byID.Drop(member)
	return err
}

// SaveAddress keeps where a member's parcels go from now on. The address is
// one that ParseAddress returned.
func (m *Members) SaveAddress(ctx context.Context, id commerce.MemberID, a Address) error {
	return m.change(ctx, id, func(tx *database.Tx, id commerce.MemberID) error { return saveAddress(tx, id, a, m.clock.Now()) })
}

// SaveShipping keeps which shipping option a member chose of a brand.
func (m *Members) SaveShipping(ctx context.Context, id commerce.MemberID, brand commerce.BrandID, option string) error {
	return m.change(ctx, id, func(tx *database.Tx, id commerce.MemberID) error {
		return saveShipping(tx, id, brand, option, m.clock.Now())
	})
}

// Address returns where a member's parcels go, nil where they never said.
func (m *Members) Address(ctx context.Context, id commerce.MemberID) (*Address, error) {
	member, err := m.Fresh(ctx, id)
	return member.Address, err
}

// change runs a write on a member who is there, and forgets the copy in memory.
func (m *Members) change(ctx context.Context, id commerce.MemberID, write func(*database.Tx, commerce.MemberID) error) error {
	var now commerce.MemberID
	err := m.db.Write(ctx, func(tx *database.Tx) (err error) {
		if now, err = Current(tx, id); err != nil {
			return err
		}
		return write(tx, now)
	})
	m.byID.Drop(id, now)
	return err
}

func (m *Members) find(ctx context.Context, a account) (Member, error) {
	id, err := m.byAccount.Load(a, func() (id commerce.MemberID, err error) {
		err = m.db.Read(ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT member_id FROM accounts WHERE platform = $1 AND account = $2`, a.platform, a.id).Scan(&id)
		})
		return id, err
	})
	if err != nil {
		return Member{}, err
	}
	member, err := m.Get(ctx, id)
	if err == nil && slices.ContainsFunc(member.Accounts, a.is) {
		return member, nil
	}
	// The account has moved to another member since, or its member was erased.
	m.byAccount.Drop(a)
	m.byID.Drop(id)
	if err == nil || commerce.KindOf(err) == commerce.NotFound {
		err = database.ErrNone
	}
	return Member{}, err
}

// member is who an event of somebody never seen before makes.
func (s Seen) member(id commerce.MemberID, now time.Time) Member {
	now = commerce.FromMicros(commerce.Micros(now))
	a := Account{Platform: s.Platform, ID: s.Account, Name: s.Name, Username: s.Username, Reach: Unknown, SeenAt: commerce.FromMicros(0)}
	if s.Private {
		a.Bot, a.Reach, a.SeenAt = s.Bot, Open, now
	}
	m := Member{ID: id, Name: s.Name, Locale: s.Locale, Accounts: []Account{a}, CreatedAt: now}
	if s.Community != "" {
		m.In = map[commerce.CommunityID]time.Time{s.Community: commerce.FromMicros(commerce.Micros(s.since(now)))}
	}
	return m
}

func (a account) is(b Account) bool { return a.platform == b.Platform && a.id == b.ID }

// changedBy reports whether an event tells anything new that is worth a write.
func (m Member) changedBy(s Seen, now time.Time) bool {
	at := slices.IndexFunc(m.Accounts, account{s.Platform, s.Account}.is)
	if at < 0 {
		return true
	}
	a := m.Accounts[at]
	if since, known := m.In[s.Community]; s.Community != "" && (!known || !s.Joined.IsZero() && s.Joined.Before(since)) {
		return true
	}
	if a.Name != s.Name || a.Username != s.Username || (s.Locale != "" && s.Locale != m.Locale && at == 0) {
		return true
	}
	// Somebody with two accounts is told things where they spoke last: the
	// order of the accounts is exact, the time only to the day.
	return s.Private && (a.Bot != s.Bot || a.Reach != Open || at != 0 || now.Sub(a.SeenAt) >= seenEvery)
}
