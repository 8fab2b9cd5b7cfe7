package reviews

// What a word of the lists holds back. The rules:
//   - a review, question, answer or brand's answer with such a word is not shown
//     until a moderator has looked at it. Its author knows that, and may write it
//     anew meanwhile: without the word it is shown at once.
//   - what is held back moves no score and tells nobody. Once a moderator has
//     looked at a review its stars count, whether its words are shown or not:
//     nobody changes a score by having a review hidden.
//   - what a decision hides cannot be changed until it is decided otherwise.

import (
	"context"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// ErrHidden says that a decision of moderators hides it.
var ErrHidden = &commerce.Error{Kind: commerce.Conflict, Message: "review.ishidden"}

// words are those that hold back what a member writes.
func (r *Reviews) words(ctx context.Context, m commerce.MemberID) (moderation.Words, error) {
	if r.Words == nil || r.Moderation == nil {
		return nil, nil
	}
	return r.Words(ctx, m)
}

// decided returns ErrHidden for what a decision hides.
func decided(tx *database.Tx, kind moderation.Kind, id string) error {
	hides, err := moderation.Hides(tx, moderation.Ref{Kind: kind, ID: id})
	if err == nil && hides {
		err = ErrHidden
	}
	return err
}

// hold tells moderators of what a word holds back; mended closes their case where
// the word is gone.
func (r *Reviews) hold(tx *database.Tx, kind moderation.Kind, id string, author commerce.MemberID, word string) error {
	return r.Moderation.Hold(tx, moderation.Ref{Kind: kind, ID: id}, author, word)
}

func (r *Reviews) mended(tx *database.Tx, kind moderation.Kind, id string) error {
	if r.Moderation == nil {
		return nil
	}
	return r.Moderation.Mended(tx, moderation.Ref{Kind: kind, ID: id})
}

// digits are the stars as they are kept of what was counted.
func (s Stars) digits() int64 { return 100*s[0] + 10*s[1] + s[2] }

func starsOf(digits int64) Stars { return Stars{digits / 100, digits / 10 % 10, digits % 10} }

// settle has the scores say what a review says, whatever they said before of it,
// and warns the brand where there is a reason.
func (r *Reviews) settle(tx *database.Tx, id commerce.ReviewID) error {
	w, err := one(tx, `id = $1`, id)
	if err != nil || w.counted == w.Stars {
		return err
	}
	n := int64(0)
	if w.counted == (Stars{}) {
		n = 1
	}
	by := Stars{}
	for i := range by {
		by[i] = w.Stars[i] - w.counted[i]
	}
	if err := r.count(tx, w.Product, w.Brand, n, by); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE reviews SET counted = $2 WHERE id = $1`, id, w.Stars.digits()); err != nil {
		return err
	}
	return r.warn(tx, w)
}

// answerer is the member who wrote a brand's answer, "" for the clock or nobody.
func answerer(by string) commerce.MemberID {
	who, ok := strings.CutPrefix(by, "staff:")
	if !ok {
		return ""
	}
	return commerce.MemberID(who)
}
