package creators

// The rules of the feed:
//   - what may be in it: the picks of those a member follows, the newest of each
//     brand they follow, what is featured
//     (a pick by its own mark, or all of a creator by the community), and picks
//     of creators who are new here.
//   - it is ranked by a formula, score below, which is all there is to it: Feed
//     shows the same to everybody of whom it knows the same, and Why says what
//     counted. Nobody can pay for a place.
//   - of four in a row at most two are of one creator, and at most three of one
//     brand, as long as there are others.
//   - a page goes on where the one before it ended: the cursor says when the
//     first was shown, and what appeared since comes at the head of the next feed.
//   - it is read when somebody looks, never written to followers: one query of
//     the newest picks of those they follow, and what is the same for all is
//     kept for a moment.

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// What counts in the feed, in points.
const (
	pointsFresh    = 100.0 // for what appeared this moment, half of it two days later, and so on
	pointsFollowed = 40.0
	pointsBrand    = 25.0 // of a brand they follow
	pointsFeatured = 20.0
	pointsBought   = 15.0 // of a brand they have bought from lately
	pointsRated    = 10.0 // for each half of a star that its products are rated better than most; less for worse
	pointsNew      = 30.0 // of a creator who is new here, less every day
)

const (
	halfLife  = 48 * time.Hour
	newTime   = 30 * 24 * time.Hour // how long a creator is new
	mostOf    = 400                 // picks of those a member follows that are looked at
	mostPool  = 100                 // of each of the others
	inARow    = 4
	mostInRow = 2  // of a creator
	mostBrand = 3  // of a brand
	enough    = 60 // where there are fewer than these, older ones are looked at
)

// horizons are how far the feed looks back, at first.
var horizons = []time.Duration{30 * 24 * time.Hour, 365 * 24 * time.Hour}

// Feed says whose feed, and where it is shown.
type Feed struct {
	Member   commerce.MemberID
	Featured []commerce.CreatorID                      // whose picks are featured here
	Wanted   func(*Pick) bool                          // asked of a pick without its words; nil wants all
	Brand    func(commerce.ProductID) commerce.BrandID // whose a product is; nil for nobody's
	Rank     func(commerce.ProductID) int              // halves of a star that a product is rated better than most; nil for none
}

// Entry is a pick in a feed.
type Entry struct {
	Pick
	Why Why
}

// Why is what counted for a pick, in points: what it was given them for, none
// for what did not count.
type Why struct {
	Fresh, Followed, Brand, Featured, Bought, Rated, New float64
	Age                                                  time.Duration
}

// Sum is the score.
func (w Why) Sum() float64 {
	return w.Fresh + w.Followed + w.Brand + w.Featured + w.Bought + w.Rated + w.New
}

// candidate is a pick that may be in a feed, without its words.
type candidate struct {
	Pick
	followed, featured, bought bool
	brandFollowed              bool
	brand                      commerce.BrandID
	rank                       float64   // of its products, on average
	madeAt                     time.Time // when its creator became one here
	why                        Why
}

// score is the formula of the feed.
func (c *candidate) score(now time.Time) Why {
	w := Why{Age: max(0, now.Sub(c.CreatedAt))}
	w.Fresh = pointsFresh * math.Exp2(-float64(w.Age)/float64(halfLife))
	if c.followed {
		w.Followed = pointsFollowed
	}
	if c.brandFollowed {
		w.Brand = pointsBrand
	}
	if c.featured {
		w.Featured = pointsFeatured
	}
	if c.bought {
		w.Bought = pointsBought
	}
	w.Rated = pointsRated * c.rank
	if since := now.Sub(c.madeAt); !c.madeAt.IsZero() && since < newTime {
		w.New = pointsNew * (1 - float64(since)/float64(newTime))
	}
	return w
}

// Feed returns a page of at most n picks, the best first. The cursor is "" for
// the first page; ErrCursor says that it is none of ours.
func (c *Creators) Feed(ctx context.Context, f Feed, cursor string, n int) (page commerce.Page[Entry], err error) {
	at, from, err := c.readCursor(cursor)
	if err != nil {
		return page, err
	}
	list, err := c.candidates(ctx, f, at)
	if err != nil {
		return page, err
	}
	list = rank(list, at, from+n+1)
	shown := list[min(from, len(list)):min(from+n, len(list))]
	ids := make([]commerce.PickID, len(shown))
	for i, one := range shown {
		ids[i] = one.ID
	}
	picks, err := c.picksBy(ctx, ids)
	if err != nil {
		return page, err
	}
	for _, one := range shown {
		if p, ok := picks[one.ID]; ok { // else it is gone since
			page.Items = append(page.Items, Entry{p, one.why})
		}
	}
	if len(list) > from+n {
		page.Next = strconv.FormatInt(commerce.Micros(at), 36) + fmt.Sprintf("%03s", strconv.FormatInt(int64(from+n), 36))
	}
	return page, nil
}

// readCursor reads when the first page was shown, and how many were.
func (c *Creators) readCursor(cursor string) (at time.Time, from int, err error) {
	if cursor == "" {
		return c.clock.Now(), 0, nil
	}
	cut := max(0, len(cursor)-3)
	micros, err1 := strconv.ParseInt(cursor[:cut], 36, 64)
	count, err2 := strconv.ParseInt(cursor[cut:], 36, 64)
	if err1 != nil || err2 != nil || micros <= 0 || count < 0 {
		return at, 0, ErrCursor
	}
	return commerce.FromMicros(micros), int(count), nil
}

// candidates reads what may be in a feed.
func (c *Creators) candidates(ctx context.Context, f Feed, at time.Time) (list []candidate, err error) {
	pool, err := c.pool(ctx, f.Featured)
	if err != nil {
		return nil, err
	}
	if f.Member != "" {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			for i := 0; ; i++ {
				since := int64(0)
				if i < len(horizons) {
					since = commerce.Micros(at.Add(-horizons[i]))
				}
				list, err = candidatesOf(tx, true, false, `follows f JOIN picks p ON p.creator_id = f.creator_id JOIN creators c ON c.id = p.creator_id
					WHERE f.member_id = $1 AND p.archived = 0 AND c.archived = 0 AND p.created_at <= $2 AND p.seq >= COALESCE((SELECT o.seq FROM picks o WHERE o.created_at < $3 ORDER BY o.created_at DESC, o.seq DESC LIMIT 1), 0)
					ORDER BY p.seq DESC LIMIT $4`, f.Member, commerce.Micros(at), since, mostOf)
				if err != nil || len(list) >= enough || i == len(horizons) {
					return err
				}
			}
		})
	}
	if err != nil {
		return nil, err
	}
	seen := make(map[commerce.PickID]int, len(list))
	for i := range list {
		seen[list[i].ID] = i
	}
	brands, err := c.BrandsFollowed(ctx, f.Member)
	if err != nil {
		return nil, err
	}
	for _, brand := range brands {
		more, err := c.ofBrand(ctx, brand)
		if err != nil {
			return nil, err
		}
		pool = append(pool[:len(pool):len(pool)], more...)
	}
	for _, one := range pool {
		if i, ok := seen[one.ID]; ok {
			list[i].featured = list[i].featured || one.featured
			list[i].brandFollowed = list[i].brandFollowed || one.brandFollowed
		} else if !one.CreatedAt.After(at) {
			seen[one.ID] = len(list)
			list = append(list, one)
		}
	}
	list = slices.DeleteFunc(list, func(one candidate) bool { return f.Wanted != nil && !f.Wanted(&one.Pick) })
	rate(f, list)
	return list, c.brands(ctx, f, list)
}

// rate notes how the products of picks are rated.
func rate(f Feed, list []candidate) {
	for i := range list {
		if f.Rank == nil || len(list[i].Items) == 0 {
			continue
		}
		sum := 0
		for _, item := range list[i].Items {
			sum += f.Rank(item.Product)
		}
		list[i].rank = float64(sum) / float64(len(list[i].Items))
	}
}

// brands notes whose goods picks recommend, and whether the member has bought
// there lately.
func (c *Creators) brands(ctx context.Context, f Feed, list []candidate) error {
	if f.Brand == nil {
		return nil
	}
	follows, err := c.BrandsFollowed(ctx, f.Member)
	if err != nil {
		return err
	}
	var bought []commerce.BrandID
	if c.Bought != nil && f.Member != "" {
		if bought, err = c.boughtFrom.Load(f.Member, func() ([]commerce.BrandID, error) { return c.Bought(ctx, f.Member) }); err != nil {
			return err
		}
	}
	for i := range list {
		for j, item := range list[i].Items {
			brand := f.Brand(item.Product)
			if j == 0 {
				list[i].brand = brand
			}
			list[i].bought = list[i].bought || slices.Contains(bought, brand)
			list[i].brandFollowed = list[i].brandFollowed || slices.Contains(follows, brand)
		}
	}
	return nil
}

// Explain says what counts for one pick in a member's feed, wherever they see
// it. It returns ErrUnknownPick for one that is not shown.
func (c *Creators) Explain(ctx context.Context, f Feed, id commerce.PickID) (Why, error) {
	p, err := c.Pick(ctx, id)
	if err == nil && p.Archived {
		err = ErrUnknownPick
	}
	if err != nil {
		return Why{}, err
	}
	by, err := c.Creator(ctx, p.Creator)
	if err != nil {
		return Why{}, err
	}
	follows, err := c.Follows(ctx, f.Member)
	if err != nil {
		return Why{}, err
	}
	list := []candidate{{Pick: p, madeAt: by.MadeAt, followed: slices.Contains(follows, p.Creator), featured: p.Featured || slices.Contains(f.Featured, p.Creator)}}
	rate(f, list)
	if err := c.brands(ctx, f, list); err != nil {
		return Why{}, err
	}
	return list[0].score(c.clock.Now()), nil
}

// pool reads what may be in everybody's feed where these creators are featured.
func (c *Creators) pool(ctx context.Context, featured []commerce.CreatorID) ([]candidate, error) {
	featured = slices.Sorted(slices.Values(featured))
	key := make([]string, len(featured))
	for i, id := range featured {
		key[i] = string(id)
	}
	return c.pools.Load(strings.Join(key, " "), func() (list []candidate, err error) {
		err = c.db.Read(ctx, func(tx *database.Tx) error {
			const today, newest = ` p.archived = 0 AND c.archived = 0`, ` ORDER BY p.seq DESC LIMIT $1`
			list, err = candidatesOf(tx, false, true, `picks p JOIN creators c ON c.id = p.creator_id WHERE p.featured = 1 AND`+today+newest, mostPool)
			if err != nil {
				return err
			}
			if len(featured) > 0 {
				marks, args := marks(featured, mostPool)
				more, err := candidatesOf(tx, false, true, `picks p JOIN creators c ON c.id = p.creator_id WHERE p.creator_id IN (`+marks+`) AND`+today+newest, args...)
				if err != nil {
					return err
				}
				list = append(list, more...)
			}
			more, err := candidatesOf(tx, false, false, `creators c JOIN picks p ON p.creator_id = c.id WHERE c.made_at > 0 AND c.made_at > $2 AND`+today+newest,
				mostPool, commerce.Micros(c.clock.Now().Add(-newTime)))
			list = append(list, more...)
			return err
		})
		return list, err
	})
}

// marks writes the placeholders of ids, which come after what args has already.
func marks[T any](ids []T, args ...any) (string, []any) {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteString(", ")
		}
		args = append(args, id)
		fmt.Fprintf(&b, "$%d", len(args))
	}
	return b.String(), args
}

func candidatesOf(tx *database.Tx, followed, featured bool, from string, args ...any) (list []candidate, err error) {
	err = tx.Rows(`SELECT p.id, p.creator_id, p.created_at, p.seq, p.items, p.communities, c.made_at FROM `+from, args, func(scan func(...any) error) error {
		one := candidate{followed: followed, featured: featured}
		var created, made int64
		var items, communities string
		err := scan(&one.ID, &one.Creator, &created, &one.Seq, &items, &communities, &made)
		one.CreatedAt, one.madeAt, one.Items = commerce.FromMicros(created), commerce.FromMicros(made), readItems(items)
		one.Communities = readCommunities(communities)
		list = append(list, one)
		return err
	})
	return list, err
}

// rank orders candidates by their score, the newest first where it is the same,
// and spreads the creators; only so many are needed.
func rank(list []candidate, now time.Time, need int) (out []candidate) {
	for i := range list {
		list[i].why = list[i].score(now)
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.why.Sum(), a.why.Sum()), cmp.Compare(b.Seq, a.Seq))
	})
	for len(list) > 0 && len(out) < need {
		next := max(0, slices.IndexFunc(list, func(one candidate) bool {
			same, brand := 0, 0
			for _, before := range out[max(0, len(out)-inARow+1):] {
				if before.Creator == one.Creator {
					same++
				}
				if before.brand == one.brand && one.brand != "" {
					brand++
				}
			}
			return same < mostInRow && brand < mostBrand
		}))
		out = append(out, list[next])
		list = slices.Delete(list, next, next+1)
	}
	return out
}
