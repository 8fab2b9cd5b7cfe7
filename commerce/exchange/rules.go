package exchange

// Who may apply, and what a brief may say. Each rule is asked in one place: what
// somebody is told before they apply is what refuses them.

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Standing is how somebody stands to a brief: what lets them apply, or does not.
type Standing struct {
	Creator   creators.Creator // the zero Creator where they are none
	Followers int64
	Needs     int64     // followers
	Given     int64     // samples that were theirs in the last Month, as many as count
	Most      int64     // of these, at most
	Again     time.Time // when they get another, where they have had as many
	Works     bool      // for the brand
	Reviewed  bool      // they have written the only review it asks for
	Over      bool      // nobody can apply any more
	Barred    error     // by moderators
	Bid       Bid       // they have applied
}

// Missing is how many followers are missing.
func (s Standing) Missing() int64 { return max(0, s.Needs-s.Followers) }

// Err is why they cannot apply, nil where they can.
func (s Standing) Err() error {
	switch {
	case s.Creator.ID == "":
		return ErrNoCreator
	case s.Bid.ID != "" && s.Bid.State != Withdrawn:
		return ErrApplied
	case s.Over:
		return ErrOver
	case s.Barred != nil:
		return s.Barred
	case s.Works:
		return ErrOwn
	case s.Reviewed:
		return ErrReviewed
	case s.Missing() > 0:
		return ErrFew.With("has", s.Followers).With("needs", s.Needs).With("missing", s.Missing())
	case !s.Again.IsZero():
		return ErrMonth.With("most", s.Most).With("at", s.Again)
	}
	return nil
}

// Standing says how a member stands to a brief. It returns ErrNoBrief.
func (e *Exchange) Standing(ctx context.Context, m commerce.MemberID, of commerce.BriefID) (s Standing, err error) {
	by, followers, err := e.creator(ctx, m)
	if err != nil {
		return s, err
	}
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		b, err := brief(tx, `id = $1 AND state <> 'draft'`, of)
		if err != nil {
			return err
		}
		s, err = e.standing(tx, b, by, followers)
		return err
	})
	return s, err
}

// creator reads the creator a member is, and who follows them.
func (e *Exchange) creator(ctx context.Context, m commerce.MemberID) (by creators.Creator, followers int64, err error) {
	if by, err = e.Creators.Of(ctx, m); errors.Is(err, creators.ErrUnknownCreator) {
		return creators.Creator{}, 0, nil
	}
	if err == nil {
		followers, err = e.Creators.Followers(ctx, by.ID)
	}
	return by, followers, err
}

func (e *Exchange) standing(tx *database.Tx, b Brief, by creators.Creator, followers int64) (s Standing, err error) {
	now, house := e.Clock.Now(), e.House()
	s = Standing{Creator: by, Followers: followers, Needs: max(b.Followers, house.Followers), Most: house.Month, Over: b.State != Open || !now.Before(b.ClosesAt)}
	if by.ID == "" {
		return s, nil
	}
	s.Works = e.worksFor(b.Brand, by.Member)
	if s.Bid, err = bid(tx, `brief_id = $1 AND creator_id = $2`, b.ID, by.ID); err != nil && !errors.Is(err, ErrNoBid) {
		return s, err
	}
	if s.Given, s.Again, err = e.month(tx, by.Member); err != nil {
		return s, err
	}
	if b.Asks == AskReview {
		var n int64
		if err := tx.Row(`SELECT COUNT(*) FROM reviews WHERE member_id = $1 AND member_id <> '' AND product_id = $2`, by.Member, b.Product).Scan(&n); err != nil {
			return s, err
		}
		s.Reviewed = n > 0
	}
	err = moderation.May(tx, by.Member, now)
	if commerce.KindOf(err) == commerce.Conflict {
		s.Barred, err = err, nil
	}
	return s, err
}

// month counts the samples of a member in the last Month, as many as count, and
// says when they get another where there are as many.
func (e *Exchange) month(tx *database.Tx, m commerce.MemberID) (n int64, again time.Time, err error) {
	most := e.House().Month
	oldest := int64(0)
	err = tx.Rows(`SELECT chosen_at FROM bids WHERE member_id = $1 AND given = 1 AND chosen_at > $2 ORDER BY chosen_at DESC LIMIT $3`,
		[]any{m, commerce.Micros(e.Clock.Now().Add(-Month)), most}, func(scan func(...any) error) error {
			n++
			return scan(&oldest)
		})
	if err == nil && n >= most {
		again = commerce.FromMicros(oldest).Add(Month)
	}
	return n, again, err
}

func (e *Exchange) worksFor(b commerce.BrandID, m commerce.MemberID) bool {
	for _, who := range e.Works(b) {
		if who == m {
			return true
		}
	}
	return false
}

// The rules of a brief, as faults name them beside those of creators.House.
const (
	Praise       = "praise"       // it asks for stars, or for praise
	FewFollowers = "fewfollowers" // than the house asks for
	TooMany      = "toomany"      // N is what there can be at most
	NoNumber     = "nonumber"     // of Word there has to be a number from one on
)

// Most of what a brief says in numbers.
const (
	mostUnits = 500
	mostDays  = 60
)

const (
	shortWords = 20
	longWords  = 600
)

// praise is what asks for stars or for praise: a review is honest whatever it says.
var praise = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(^|[^\p{L}\d])([1-5]|one|two|three|four|five|eine?n?|zwei|drei|vier|fünf|full|volle?|all|alle)[\s-]*(out of 5[\s-]*)?(stars?|sterne?n?)([^\p{L}]|$)`),
	regexp.MustCompile(`[★⭐🌟]`),
	regexp.MustCompile(`(?i)(^|[^\p{L}])(positive[nrs]?|good|great|nice|favou?rable|gute[nrs]?|tolle[nrs]?|nette[nrs]?|begeisterte[nrs]?)\s+(reviews?|ratings?|words?|bewertung(en)?|kritik(en)?|worte?)([^\p{L}]|$)`),
	regexp.MustCompile(`(?i)(^|[^\p{L}])(only|just|nur)\s+(say|write|post|gutes|positives|good|nice|positive)([^\p{L}]|$)`),
}

// Faults returns all that is wrong with a brief.
func (h House) Faults(b Brief) (list []creators.Fault) {
	for _, n := range []struct {
		name     string
		is, most int64
	}{{"units", b.Units, mostUnits}, {"days", b.Days, mostDays}, {"lasts", b.Lasts, mostDays}} {
		if n.is < 1 {
			list = append(list, creators.Fault{What: NoNumber, Word: n.name})
		} else if n.is > n.most {
			list = append(list, creators.Fault{What: TooMany, N: n.most, Word: n.name})
		}
	}
	if b.Followers < h.Followers {
		list = append(list, creators.Fault{What: FewFollowers, N: h.Followers})
	}
	list = append(list, creators.House{Short: shortWords, Long: longWords}.Check(creators.Draft{Words: b.Words, Products: []commerce.ProductID{b.Product}})...)
	for _, p := range praise {
		if m := p.FindString(b.Words); m != "" {
			return append(list, creators.Fault{What: Praise, Word: strings.TrimFunc(m, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) })})
		}
	}
	return list
}

// Faults returns all that is wrong with a brief, by what the house asks now.
func (e *Exchange) Faults(b Brief) []creators.Fault { return e.House().Faults(b) }

// Rules returns what the shop asks of the exchange now.
func (e *Exchange) Rules() House { return e.House() }
