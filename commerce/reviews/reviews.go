// Package reviews keeps what members say of what they bought: stars, words and
// photos, the brand's answer, who found it helpful, and the scores of products
// and brands.
//
// Nothing here changes a review's stars but its own member, once; the brand can
// answer and nothing else. It sends nothing: who is asked, answered or warned is
// a notice. Start at Received and Write; how stars become an order is scores.go.
package reviews

// The rules:
//   - who received a product is asked about it once, and only they can review it,
//     once. What they wrote they can change once.
//   - whoever works for the brand neither reviews it nor votes.
//   - one vote a member, and none for one's own.
//   - whom moderators froze or banned writes nothing; held.go says what a word
//     holds back.
//   - who is erased takes words and photos along; the stars stay, of nobody.

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

// AskAfter is how long after something arrived its member is asked about it: by
// then they have used it.
const AskAfter = 24 * time.Hour

// Review is what a member says of a product.
type Review struct {
	ID        commerce.ReviewID
	Member    commerce.MemberID // "" where they are erased
	Product   commerce.ProductID
	Brand     commerce.BrandID
	Stars     Stars
	Words     string
	Photos    []string // hashes, as media.Take has them
	WrittenAt time.Time
	Edited    bool
	Helpful   int64
	Hidden    bool   // by a moderator, or until one has looked at it
	Sample    bool   // it was got for free to review
	Answer    string // the brand's

	AnswerHidden bool
	answeredBy   string
	counted      Stars // what the scores have of it, none while it is held back
}

// New reports whether it has been held back since it was written.
func (w Review) New() bool { return w.counted == (Stars{}) }

// Errors of reviews.
var (
	ErrNone     = &commerce.Error{Kind: commerce.NotFound, Message: "review.gone"}
	ErrStars    = &commerce.Error{Kind: commerce.Invalid, Message: "review.nostars"}
	ErrNotYours = &commerce.Error{Kind: commerce.Conflict, Message: "review.notyours"} // they have not received it
	ErrAlready  = &commerce.Error{Kind: commerce.Conflict, Message: "review.already"}
	ErrEdited   = &commerce.Error{Kind: commerce.Conflict, Message: "review.edited"}
	ErrOwn      = &commerce.Error{Kind: commerce.Conflict, Message: "review.own"}      // no vote for one's own
	ErrOwnBrand = &commerce.Error{Kind: commerce.Conflict, Message: "review.ownbrand"} // they work for it
)

// Config is what a Reviews needs.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	// Staff returns who works for a brand; it must not need the database.
	Staff func(commerce.BrandID) []commerce.MemberID
	// Told returns who hears that something is wrong with a brand's goods; the same.
	Told func(commerce.BrandID) []commerce.MemberID
	// Wrote is told of a new review, inside the transaction; nil for nobody.
	Wrote func(tx *database.Tx, w Review) error
	// Expose lets everybody see a photo, Forget deletes one that nothing shows.
	Expose func(hash string) error
	Forget func(hash string)
	// Words are those that hold back what a member writes, until a moderator of
	// Moderation has looked at it; nil for none.
	Words      func(ctx context.Context, m commerce.MemberID) (moderation.Words, error)
	Moderation *moderation.Moderation
}

// Reviews reads and writes reviews and scores.
type Reviews struct {
	Config
	mu    sync.Mutex
	kept  atomic.Pointer[kept]
	stale atomic.Bool
}

// New makes a Reviews.
func New(c Config) *Reviews { return &Reviews{Config: c} }

// Arrival is what arrived: one parcel.
type Arrival struct {
	Member   commerce.MemberID
	Order    commerce.OrderID
	Parcel   string
	Brand    commerce.BrandID
	Products []commerce.ProductID
	Sample   bool // it was got for free to review
}

// Received notes what a member has received, in the transaction in which it
// arrives, and has them asked about what is new to them.
func (r *Reviews) Received(tx *database.Tx, a Arrival) error {
	now, ask := r.Clock.Now(), int64(0)
	for _, p := range a.Products {
		n, err := tx.Exec(`INSERT INTO received (member_id, product_id, brand_id, order_id, parcel_id, at)
			SELECT m.id, p.id, p.brand_id, $3, $4, $5 FROM members m, products p WHERE m.id = $1 AND m.erased_at = 0 AND m.merged_into = '' AND p.id = $2
			ON CONFLICT (member_id, product_id) DO NOTHING`, a.Member, p, a.Order, a.Parcel, commerce.Micros(now))
		if err != nil {
			return err
		}
		ask += n
		if a.Sample {
			if _, err := tx.Exec(`UPDATE received SET sample = 1 WHERE member_id = $1 AND product_id = $2`, a.Member, p); err != nil {
				return err
			}
		}
	}
	if ask == 0 || r.worksFor(a.Brand, a.Member) {
		return nil
	}
	_, err := notices.Add(tx, r.IDs, now, notices.Notice{Kind: notices.ReviewAsk, Member: a.Member, Due: now.Add(AskAfter),
		Args: map[string]string{"parcel": a.Parcel}, Once: notices.ReviewAsk + ":" + a.Parcel})
	return err
}

func (r *Reviews) worksFor(b commerce.BrandID, m commerce.MemberID) bool {
	if r.Staff == nil {
		return false
	}
	for _, who := range r.Staff(b) {
		if who == m {
			return true
		}
	}
	return false
}

// Asked lists what came in a parcel and its member has not reviewed.
func (r *Reviews) Asked(ctx context.Context, m commerce.MemberID, parcel string) (list []commerce.ProductID, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT product_id FROM received AS c WHERE parcel_id = $1 AND member_id = $2
			AND NOT EXISTS (SELECT 1 FROM reviews AS v WHERE v.member_id = c.member_id AND v.member_id <> '' AND v.product_id = c.product_id) ORDER BY product_id`,
			[]any{parcel, m}, func(scan func(...any) error) error {
				var p commerce.ProductID
				err := scan(&p)
				list = append(list, p)
				return err
			})
	})
	return list, err
}

// Bought reports whether a member has received a product.
func (r *Reviews) Bought(ctx context.Context, m commerce.MemberID, p commerce.ProductID) (yes bool, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		n := 0
		err := tx.Row(`SELECT COUNT(*) FROM received WHERE member_id = $1 AND product_id = $2`, m, p).Scan(&n)
		yes = n > 0
		return err
	})
	return yes, err
}

// Write keeps a review of a product that its member has received: member,
// product, stars, words and photos are given. It is Hidden where a word holds it
// back. It returns ErrNotYours, ErrAlready, ErrOwnBrand or ErrStars.
func (r *Reviews) Write(ctx context.Context, w Review) (Review, error) {
	if !w.Stars.Valid() {
		return w, ErrStars
	}
	if err := r.expose(w.Photos); err != nil {
		return w, err
	}
	words, err := r.words(ctx, w.Member)
	if err != nil {
		return w, err
	}
	word := words.Find(w.Words)
	w.ID, w.WrittenAt, w.Hidden = commerce.ReviewID(r.IDs.ID()), commerce.FromMicros(commerce.Micros(r.Clock.Now())), word != ""
	var sample int64
	err = r.DB.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, w.Member, r.Clock.Now()); err != nil {
			return err
		}
		err := tx.Row(`SELECT brand_id, sample FROM received WHERE member_id = $1 AND product_id = $2`, w.Member, w.Product).Scan(&w.Brand, &sample)
		switch {
		case err == database.ErrNone:
			return ErrNotYours
		case err != nil:
			return err
		case r.worksFor(w.Brand, w.Member):
			return ErrOwnBrand
		}
		w.Sample = sample != 0
		n, err := tx.Exec(`INSERT INTO reviews (id, member_id, product_id, brand_id, described, quality, service, body, photos, written_at, hidden, sample)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (member_id, product_id) WHERE member_id <> '' DO NOTHING`,
			w.ID, w.Member, w.Product, w.Brand, w.Stars[0], w.Stars[1], w.Stars[2], w.Words, strings.Join(w.Photos, " "), commerce.Micros(w.WrittenAt), bit(w.Hidden), sample)
		if err == nil && n == 0 {
			err = ErrAlready
		}
		if err != nil {
			return err
		}
		if err := r.show(tx, w.ID, w.Photos); err != nil {
			return err
		}
		if r.Wrote != nil {
			if err := r.Wrote(tx, w); err != nil {
				return err
			}
		}
		if w.Hidden {
			return r.hold(tx, moderation.Review, string(w.ID), w.Member, word)
		}
		return r.settle(tx, w.ID)
	})
	return w, err
}

func bit(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// Edit changes what a member wrote, once, and while a word holds it back as often
// as they like: id, member, stars, words and photos are given. It returns ErrNone,
// ErrEdited, ErrHidden or ErrStars.
func (r *Reviews) Edit(ctx context.Context, w Review) error {
	if !w.Stars.Valid() {
		return ErrStars
	}
	if err := r.expose(w.Photos); err != nil {
		return err
	}
	words, err := r.words(ctx, w.Member)
	if err != nil {
		return err
	}
	word := words.Find(w.Words)
	return r.DB.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, w.Member, r.Clock.Now()); err != nil {
			return err
		}
		was, err := one(tx, `id = $1 AND member_id = $2`, w.ID, w.Member)
		if err != nil {
			return err
		}
		if was.Hidden {
			if err := decided(tx, moderation.Review, string(w.ID)); err != nil {
				return err
			}
		}
		n, err := tx.Exec(`UPDATE reviews SET described = $3, quality = $4, service = $5, body = $6, photos = $7, edits = CASE WHEN counted = 0 THEN edits ELSE 1 END, hidden = $8
			WHERE id = $1 AND member_id = $2 AND (edits = 0 OR hidden = 1)`,
			w.ID, w.Member, w.Stars[0], w.Stars[1], w.Stars[2], w.Words, strings.Join(w.Photos, " "), bit(word != ""))
		if err == nil && n == 0 {
			err = ErrEdited
		}
		if err != nil {
			return err
		}
		if err := r.show(tx, w.ID, w.Photos); err != nil {
			return err
		}
		if word != "" {
			return r.hold(tx, moderation.Review, string(w.ID), w.Member, word)
		}
		if was.Hidden {
			if err := r.mended(tx, moderation.Review, string(w.ID)); err != nil {
				return err
			}
		}
		return r.settle(tx, w.ID)
	})
}

// Helpful counts a member's vote for a review, once. It returns ErrOwn for one's
// own and ErrOwnBrand for who works for the brand.
func (r *Reviews) Helpful(ctx context.Context, m commerce.MemberID, id commerce.ReviewID) error {
	return r.DB.Write(ctx, func(tx *database.Tx) error {
		w, err := one(tx, `id = $1 AND hidden = 0`, id)
		switch {
		case err != nil:
			return err
		case w.Member == m:
			return ErrOwn
		case r.worksFor(w.Brand, m):
			return ErrOwnBrand
		}
		n, err := tx.Exec(`INSERT INTO review_votes (review_id, member_id) VALUES ($1, $2) ON CONFLICT (review_id, member_id) DO NOTHING`, id, m)
		if err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(`UPDATE reviews SET helpful = helpful + 1 WHERE id = $1`, id)
		return err
	})
}

// Answer writes or changes the brand's answer to a review of one of the brands,
// nil for all; the member is told of the first. It touches nothing else of it. It
// returns ErrHidden for one that a decision hides.
func (r *Reviews) Answer(ctx context.Context, actor string, of []commerce.BrandID, id commerce.ReviewID, words string) error {
	now, by := r.Clock.Now(), answerer(actor)
	hold, err := r.words(ctx, by)
	if err != nil {
		return err
	}
	word := hold.Find(words)
	return r.DB.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, by, now); err != nil {
			return err
		}
		w, err := one(tx, `id = $1 AND hidden = 0`, id)
		if err == nil && !among(of, w.Brand) {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		if w.AnswerHidden {
			if err := decided(tx, moderation.Answer, string(id)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE reviews SET answer = $2, answered_at = $3, answered_by = $4, answer_hidden = $5 WHERE id = $1`, id, words, commerce.Micros(now), actor, bit(word != "")); err != nil {
			return err
		}
		if word != "" {
			return r.hold(tx, moderation.Answer, string(id), by, word)
		}
		if w.AnswerHidden {
			if err := r.mended(tx, moderation.Answer, string(id)); err != nil {
				return err
			}
		}
		return r.tellAnswer(tx, w)
	})
}

// tellAnswer tells a member that the brand has answered their review, once.
func (r *Reviews) tellAnswer(tx *database.Tx, w Review) error {
	if w.Member == "" {
		return nil
	}
	_, err := notices.Add(tx, r.IDs, r.Clock.Now(), notices.Notice{Kind: notices.ReviewAnswered, Member: w.Member,
		Args: map[string]string{"review": string(w.ID)}, Once: notices.ReviewAnswered + ":" + string(w.ID)})
	return err
}

func (r *Reviews) expose(photos []string) error {
	for _, hash := range photos {
		if r.Expose != nil {
			if err := r.Expose(hash); err != nil {
				return err
			}
		}
	}
	return nil
}

// show notes which photos a review shows; what nothing shows any more is
// deleted once that is committed.
func (r *Reviews) show(tx *database.Tx, id commerce.ReviewID, photos []string) error {
	gone, err := creators.Show(tx, "review:"+string(id), photos)
	for _, hash := range gone {
		tx.After(func() {
			if r.Forget != nil {
				r.Forget(hash)
			}
		})
	}
	return err
}
