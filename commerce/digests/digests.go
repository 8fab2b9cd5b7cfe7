// Package digests tells creators once a week what came of what they posted, with
// one recommendation.
//
// It holds figures of the creator alone: nothing of who looked, kept or bought.
// It neither draws nor sends. The rules:
//   - a week is seven days from Monday on, in UTC as the picks are counted. It is
//     told on the Monday after it, from ten o'clock on where the shop is, and not
//     in the shop's quiet hours; a member's own are for who sends it.
//   - it is told once, and only where something happened.
//   - what was told stays as it was told.
//   - who does not want it is not told, and can still look.
//
// Start at Step; what is recommended is in advice.go.
package digests

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

const (
	hour    = 10  // of Monday, from which on it is told
	atOnce  = 50  // creators of one transaction
	kept    = 52  // weeks that are kept
	shown   = 200 // picks of a creator that are looked at
	oneDay  = 24 * time.Hour
	days    = 7
	firstOf = 4 // January 5, 1970, was the first Monday
)

// Digest is what a week brought to a creator.
type Digest struct {
	ID        string // secret: it names the picture
	Creator   commerce.CreatorID
	Week      int64
	Opened    []int64 // by day, from Monday on
	Saved     int64
	Bought    int64
	Followers int64 // new ones
	Points    int64 // earned
	Best      commerce.PickID
	Advice    Advice
}

// From is the Monday with which a week begins.
func (d Digest) From() time.Time {
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(firstOf+days*d.Week))
}

// Looks is how often others looked at the picks.
func (d Digest) Looks() (n int64) {
	for _, one := range d.Opened {
		n += one
	}
	return n
}

// empty reports whether nothing happened.
func (d Digest) empty() bool { return d.Looks()+d.Saved+d.Bought+d.Followers+d.Points == 0 }

// Config is what a Digests is connected to.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	Zone  func() *time.Location                        // where the shop is
	Quiet func(at time.Time) (until time.Time, q bool) // its quiet hours
	// Earned returns what points a member has earned in a time.
	Earned func(tx *database.Tx, m commerce.MemberID, from, to time.Time) (int64, error)
}

// Digests writes and reads digests.
type Digests struct {
	Config
	told atomic.Int64 // the last week that all were told of, and one
}

// New makes a Digests.
func New(cfg Config) *Digests { return &Digests{Config: cfg} }

// ErrNone says that there is no such digest.
var ErrNone = &commerce.Error{Kind: commerce.NotFound, Message: "digest.none"}

// due is the last week that may be told of now.
func (d *Digests) due(now time.Time) int64 {
	local := now.In(d.Zone())
	today := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
	since := int64(today.Sub(time.Unix(0, 0).UTC())/oneDay) - firstOf
	week := since/days - 1
	if since%days == 0 && local.Hour() < hour {
		week--
	}
	return week
}

// Step writes the digests of some creators, and returns at how many it looked.
// Several processes may run it at once.
func (d *Digests) Step(ctx context.Context) (n int, err error) {
	now := d.Clock.Now()
	week := d.due(now)
	// What the clock in the shop's zone calls over must be so where it is counted.
	if d.told.Load() > week || now.Before(Digest{Week: week + 1}.From()) {
		return 0, nil
	}
	at := now
	if until, quiet := d.Quiet(now); quiet {
		at = until
	}
	over := false
	err = d.DB.Write(ctx, func(tx *database.Tx) error {
		n, over = 0, false
		if _, err := tx.Exec(`INSERT INTO digest_rounds (week) VALUES ($1) ON CONFLICT (week) DO UPDATE SET done = digest_rounds.done`, week); err != nil {
			return err
		}
		upto, done := "", 0
		if err := tx.Row(`SELECT upto, done FROM digest_rounds WHERE week = $1`, week).Scan(&upto, &done); err != nil {
			return err
		}
		if over = done > 0; over {
			return nil
		}
		list, err := creators.Wanting(tx, commerce.CreatorID(upto), atOnce)
		if err != nil {
			return err
		}
		n, over = len(list), len(list) < atOnce
		for _, c := range list {
			if err := d.tell(tx, c, week, now, at); err != nil {
				return err
			}
			upto = string(c.ID)
		}
		done = 0
		if over {
			done = 1
		}
		_, err = tx.Exec(`UPDATE digest_rounds SET upto = $2, done = $3 WHERE week = $1`, week, upto, done)
		return err
	})
	if err == nil && over {
		d.told.Store(week + 1)
	}
	return n, err
}

// tell writes the digest of a creator, and has it told to them.
func (d *Digests) tell(tx *database.Tx, c creators.Creator, week int64, now, at time.Time) error {
	one, err := d.make(tx, c, week)
	if err != nil || one.empty() {
		return err
	}
	opened := make([]string, len(one.Opened))
	for i, n := range one.Opened {
		opened[i] = strconv.FormatInt(n, 10)
	}
	if _, err := tx.Exec(`DELETE FROM digests WHERE creator_id = $1 AND week < $2`, c.ID, week-kept); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO digests (id, creator_id, week, opened, saved, bought, followers, points, best, advice, advice_pick, advice_n, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		one.ID, c.ID, week, strings.Join(opened, " "), one.Saved, one.Bought, one.Followers, one.Points, one.Best, one.Advice.Rule, one.Advice.Pick, one.Advice.N, commerce.Micros(now)); err != nil {
		return err
	}
	_, err = notices.Add(tx, d.IDs, now, notices.Notice{Kind: notices.CreatorDigest, Member: c.Member, Args: map[string]string{"digest": one.ID}, Due: at,
		Once: notices.CreatorDigest + ":" + string(c.ID) + ":" + strconv.FormatInt(week, 10)})
	return err
}

// make adds up a week of a creator.
func (d *Digests) make(tx *database.Tx, c creators.Creator, week int64) (one Digest, err error) {
	one = Digest{ID: d.IDs.Token(), Creator: c.ID, Week: week, Opened: make([]int64, days)}
	from, to := one.From(), Digest{Week: week + 1}.From()
	list, err := creators.WeekOf(tx, c.ID, from, days, shown)
	if err != nil {
		return one, err
	}
	best := int64(0)
	for _, p := range list {
		for i, n := range p.Opened {
			one.Opened[i] += n
		}
		one.Saved += p.Saved
		one.Bought += p.Bought
		if n := worth(p); n > best {
			best, one.Best = n, p.ID
		}
	}
	if one.Followers, err = creators.NewFollowers(tx, c.ID, from, to); err != nil {
		return one, err
	}
	if one.Points, err = d.Earned(tx, c.Member, from, to); err != nil {
		return one, err
	}
	one.Advice = advise(list, one, to)
	return one, nil
}

// worth is what orders the picks of a week: what was bought counts most, a look
// least.
func worth(p creators.PickWeek) int64 { return p.Looks() + 5*p.Saved + 20*p.Bought }

// Last returns the newest digest of a creator, or ErrNone.
func (d *Digests) Last(ctx context.Context, of commerce.CreatorID) (Digest, error) {
	return d.one(ctx, `creator_id = $1 ORDER BY week DESC LIMIT 1`, of)
}

// One returns a digest, or ErrNone.
func (d *Digests) One(ctx context.Context, id string) (Digest, error) {
	return d.one(ctx, `id = $1`, id)
}

func (d *Digests) one(ctx context.Context, where string, args ...any) (one Digest, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) (err error) {
		opened := ""
		one = Digest{}
		err = tx.Row(`SELECT id, creator_id, week, opened, saved, bought, followers, points, best, advice, advice_pick, advice_n FROM digests WHERE `+where, args...).
			Scan(&one.ID, &one.Creator, &one.Week, &opened, &one.Saved, &one.Bought, &one.Followers, &one.Points, &one.Best, &one.Advice.Rule, &one.Advice.Pick, &one.Advice.N)
		if err == database.ErrNone {
			return ErrNone
		}
		for word := range strings.FieldsSeq(opened) {
			n, _ := strconv.ParseInt(word, 10, 64)
			one.Opened = append(one.Opened, n)
		}
		return err
	})
	return one, err
}

// Erase forgets the digests of the creator a member is. It is for
// members.OnErase, before they are nobody.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`DELETE FROM digests WHERE creator_id IN (SELECT c.id FROM creators c WHERE c.member_id = $1 AND c.member_id <> '')`, m)
	return err
}

// Export returns what a member was told of their weeks.
func (d *Digests) Export(ctx context.Context, m commerce.MemberID) (string, any, error) {
	type week struct {
		From                                     string
		Opened, Saved, Bought, Followers, Points int64
	}
	list := []week{}
	err := d.DB.Read(ctx, func(tx *database.Tx) error {
		list = []week{}
		return tx.Rows(`SELECT d.week, d.opened, d.saved, d.bought, d.followers, d.points FROM digests d JOIN creators c ON c.id = d.creator_id WHERE c.member_id = $1 AND c.member_id <> '' ORDER BY d.week`, []any{m}, func(scan func(...any) error) error {
			var w week
			var of Digest
			opened := ""
			err := scan(&of.Week, &opened, &w.Saved, &w.Bought, &w.Followers, &w.Points)
			for word := range strings.FieldsSeq(opened) {
				n, _ := strconv.ParseInt(word, 10, 64)
				w.Opened += n
			}
			w.From = of.From().Format(time.DateOnly)
			list = append(list, w)
			return err
		})
	})
	return "weeks", list, err
}
