package exchange

// What is said of the other side is reported, and held back by words, as reviews
// are. The rules:
//   - words that are hidden, or wait for a moderator, are read by who wrote them
//     alone. The stars count: nobody changes a score by having it hidden.

import (
	"context"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// Rated shows to moderators what one side says of the other, by the id of the
// application: it is a moderation.Part.
type Rated struct {
	*Exchange
	Side Side
}

// KindOf is what moderation calls what a side says.
func (s Side) KindOf() moderation.Kind {
	if s == ByBrand {
		return moderation.ByBrand
	}
	return moderation.ByCreator
}

// Look implements moderation.Part.
func (r Rated) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	b, err := bid(tx, `id = $1`, id)
	if err == ErrNoBid {
		return s, moderation.ErrUnknown
	}
	if err != nil {
		return s, err
	}
	said, err := ratingBy(tx, b.ID, r.Side)
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: said.author(), Words: said.Words, Hidden: said.Hidden, Gone: said.Words == "" || b.ShownAt.IsZero() && !said.Hidden, Brand: b.Brand}
	if r.Side == ByBrand {
		err = tx.Row(`SELECT name FROM brands WHERE id = $1`, b.Brand).Scan(&s.By)
	} else {
		var by creators.Creator
		by, err = creators.Load(tx, b.Creator)
		s.By = by.Name
	}
	if err == database.ErrNone || err == creators.ErrUnknownCreator {
		err = nil
	}
	if err == nil && said.by != "" {
		err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM bid_ratings WHERE made_by = $1 AND made_by <> '' AND bid_id <> $2 LIMIT $3) r`, said.by, id, moderation.MostOthers).Scan(&s.Others)
	}
	return s, err
}

// Hide implements moderation.Part.
func (r Rated) Hide(tx *database.Tx, id string) error { return r.set(tx, id, true) }

// Restore implements moderation.Part.
func (r Rated) Restore(tx *database.Tx, id string) error { return r.set(tx, id, false) }

func (r Rated) set(tx *database.Tx, id string, hidden bool) error {
	_, err := tx.Exec(`UPDATE bid_ratings SET hidden = $3 WHERE bid_id = $1 AND side = $2`, id, r.Side, flag(hidden))
	return err
}

func ratingBy(tx *database.Tx, id commerce.BidID, side Side) (Rating, error) {
	list, err := ratings(tx, id)
	for _, r := range list {
		if r.Side == side {
			return r, err
		}
	}
	if err == nil {
		err = moderation.ErrUnknown
	}
	return Rating{}, err
}

// author is the member who wrote a rating.
func (r Rating) author() commerce.MemberID {
	_, who, _ := strings.Cut(r.by, ":")
	return commerce.MemberID(who)
}

// word is what holds back what somebody says, "" for nothing.
func (e *Exchange) word(ctx context.Context, m commerce.MemberID, said string) (string, error) {
	if e.Words == nil || e.Moderation == nil {
		return "", nil
	}
	words, err := e.Words(ctx, m)
	return words.Find(said), err
}
