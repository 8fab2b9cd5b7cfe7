package exchange

// How the two sides rate each other, and what is known of each.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

// Side is who rates.
type Side string

const (
	ByBrand   Side = "brand"
	ByCreator Side = "creator"
)

func (s Side) other() Side {
	if s == ByBrand {
		return ByCreator
	}
	return ByBrand
}

// Rating is what one side says of the other.
type Rating struct {
	Bid   commerce.BidID
	Side  Side
	Stars int64
	Words string
	At    time.Time
	// Hidden reports whether moderators hide the words, or have to look at them first.
	Hidden bool

	by string // "staff:" or "member:" with the member's id
}

// ErrStars is returned for stars that are not from one to five.
var ErrStars = &commerce.Error{Kind: commerce.Invalid, Message: "review.nostars"}

// RateBrand keeps what a creator says of a brand, once. It returns ErrNoBid,
// ErrRated, ErrNoRating and ErrStars.
func (e *Exchange) RateBrand(ctx context.Context, m commerce.MemberID, r Rating) error {
	r.Side, r.by = ByCreator, "member:"+string(m)
	word, err := e.word(ctx, m, r.Words)
	if err != nil {
		return err
	}
	return e.own(ctx, m, r.Bid, func(tx *database.Tx, b Bid) error { return e.rate(tx, b, r, word) })
}

// RateCreator keeps what one of the brands says of a creator, once. It returns
// the same.
func (e *Exchange) RateCreator(ctx context.Context, actor string, of []commerce.BrandID, r Rating) error {
	r.Side, r.by = ByBrand, actor
	word, err := e.word(ctx, r.author(), r.Words)
	if err != nil {
		return err
	}
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := bid(tx, `id = $1`, r.Bid)
		if err == nil && !speaksFor(of, b.Brand) {
			err = ErrNoBid
		}
		if err != nil {
			return err
		}
		return e.rate(tx, b, r, word)
	})
}

func (e *Exchange) rate(tx *database.Tx, b Bid, r Rating, word string) error {
	now := e.Clock.Now()
	if err := moderation.May(tx, r.author(), now); err != nil {
		return err
	}
	if r.Stars < 1 || r.Stars > 5 {
		return ErrStars
	}
	if !b.CanRate(now) {
		return ErrNoRating
	}
	n, err := tx.Exec(`INSERT INTO bid_ratings (bid_id, side, stars, words, at, made_by, hidden) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bid_id, side) DO NOTHING`,
		b.ID, r.Side, r.Stars, r.Words, commerce.Micros(now), r.by, flag(word != ""))
	if err == nil && n == 0 {
		err = ErrRated
	}
	if err != nil {
		return err
	}
	if word != "" {
		if err := e.Moderation.Hold(tx, moderation.Ref{Kind: r.Side.KindOf(), ID: string(b.ID)}, r.author(), word); err != nil {
			return err
		}
	}
	list, err := ratings(tx, b.ID)
	if err != nil || len(list) < 2 {
		return err
	}
	return e.reveal(tx, b, r.Side)
}

// reveal shows what both sides said, and counts it, once. Who is looking at it,
// having rated last, need not be told.
func (e *Exchange) reveal(tx *database.Tx, b Bid, looks Side) error {
	n, err := tx.Exec(`UPDATE bids SET shown_at = $2, due_at = 0 WHERE id = $1 AND shown_at = 0`, b.ID, commerce.Micros(e.Clock.Now()))
	if err != nil || n == 0 {
		return err
	}
	list, err := ratings(tx, b.ID)
	for _, r := range list {
		of := string(b.Creator)
		if r.Side == ByCreator {
			of = string(b.Brand)
		}
		if _, err := tx.Exec(`INSERT INTO exchange_scores (kind, id, n, stars) VALUES ($1, $2, 1, $3)
			ON CONFLICT (kind, id) DO UPDATE SET n = exchange_scores.n + 1, stars = exchange_scores.stars + excluded.stars`, r.Side.other(), of, r.Stars); err != nil {
			return err
		}
		switch {
		case r.Side.other() == looks:
		case r.Side == ByBrand:
			err = e.tell(tx, notices.ExchangeRated, b)
		default:
			err = e.tellBrand(tx, notices.StaffBidRated, b, string(b.ID))
		}
		if err != nil {
			return err
		}
	}
	return err
}

func ratings(tx *database.Tx, id commerce.BidID) (list []Rating, err error) {
	err = tx.Rows(`SELECT bid_id, side, stars, words, at, made_by, hidden FROM bid_ratings WHERE bid_id = $1 ORDER BY side`, []any{id}, func(scan func(...any) error) error {
		var r Rating
		var at, hidden int64
		err := scan(&r.Bid, &r.Side, &r.Stars, &r.Words, &at, &r.by, &hidden)
		r.At, r.Hidden = commerce.FromMicros(at), hidden > 0
		list = append(list, r)
		return err
	})
	return list, err
}

// Ratings returns what a side may read of the ratings of an application: its own,
// and the other's once they are shown, without words that are hidden. A nil one is
// not there, or not yet.
func (e *Exchange) Ratings(ctx context.Context, id commerce.BidID, side Side) (own, other *Rating, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		own, other = nil, nil
		b, err := bid(tx, `id = $1`, id)
		if err != nil {
			return err
		}
		list, err := ratings(tx, id)
		for _, r := range list {
			switch {
			case r.Side == side:
				own = &r
			case !b.ShownAt.IsZero():
				other = r.read()
			}
		}
		return err
	})
	return own, other, err
}

// read is a rating as others read it.
func (r Rating) read() *Rating {
	if r.Hidden {
		r.Words = ""
	}
	return &r
}

// Score is what is known of a creator or a brand in the exchange.
type Score struct {
	Kept  int64 // reviews that came in time, of a creator
	Late  int64
	N     int64 // ratings
	Stars int64 // of them all
}

// Mean is the mean of the stars in thousandths, 0 for none.
func (s Score) Mean() int64 {
	if s.N == 0 {
		return 0
	}
	return s.Stars * 1000 / s.N
}

func score(tx *database.Tx, kind Side, id string) (s Score, err error) {
	err = tx.Row(`SELECT kept, late, n, stars FROM exchange_scores WHERE kind = $1 AND id = $2`, kind, id).Scan(&s.Kept, &s.Late, &s.N, &s.Stars)
	if err == database.ErrNone {
		err = nil
	}
	return s, err
}

// Profile is what is shown of a creator or a brand to the other side.
type Profile struct {
	Score
	Picks int64    // of a creator, up to mostCounted
	Sold  int64    // sales that their picks and code brought, up to mostCounted
	Said  []Rating // of them, the newest first
}

// mostCounted is up to where things are counted to be shown.
const mostCounted = 1000

// saidOf is how many ratings a profile shows with their words.
const saidOf = 3

// Creator returns the profile of a creator.
func (e *Exchange) Creator(ctx context.Context, id commerce.CreatorID, m commerce.MemberID) (p Profile, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		p = Profile{}
		if p.Score, err = score(tx, ByCreator, string(id)); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM picks WHERE creator_id = $1 AND archived = 0 LIMIT $2) n`, id, mostCounted).Scan(&p.Picks); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM earnings WHERE member_id = $1 AND state IN ('pending', 'available') LIMIT $2) n`, m, mostCounted).Scan(&p.Sold); err != nil {
			return err
		}
		p.Said, err = said(tx, `creator_id = $1`, ByBrand, string(id))
		return err
	})
	return p, err
}

// Brand returns the profile of a brand.
func (e *Exchange) Brand(ctx context.Context, id commerce.BrandID) (p Profile, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		p = Profile{}
		if p.Score, err = score(tx, ByBrand, string(id)); err != nil {
			return err
		}
		p.Said, err = said(tx, `brand_id = $1`, ByCreator, string(id))
		return err
	})
	return p, err
}

// said lists the newest ratings by a side that are shown, as others read them.
func said(tx *database.Tx, of string, by Side, id string) (list []Rating, err error) {
	shown, err := bids(tx, of+` AND shown_at > 0 ORDER BY shown_at DESC, id DESC LIMIT $2`, id, 2*saidOf)
	for _, b := range shown {
		if err != nil {
			return nil, err
		}
		var all []Rating
		all, err = ratings(tx, b.ID)
		for _, r := range all {
			if r.Side == by && len(list) < saidOf {
				list = append(list, *r.read())
			}
		}
	}
	return list, err
}
