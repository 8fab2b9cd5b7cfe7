package earnings

// The code of a creator that somebody types counts for their next order, for
// what no pick brought. Another one takes its place.

import (
	"context"
	"errors"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
)

// Use keeps the code of a creator for a member's next order. It returns
// creators.ErrUnknownCreator where it is nobody's who earns, and ErrOwn.
func (e *Earnings) Use(ctx context.Context, m commerce.MemberID, code string) (creators.Creator, error) {
	c, err := e.Creators.ByCode(ctx, code)
	if err == nil && !e.Pay(c) {
		err = creators.ErrUnknownCreator
	}
	if err == nil && c.Member == m {
		err = ErrOwn
	}
	if err != nil {
		return creators.Creator{}, err
	}
	return c, e.DB.Write(ctx, func(tx *database.Tx) error {
		tx.After(func() { e.typed.Drop(m) })
		_, err := tx.Exec(`INSERT INTO earning_codes (member_id, creator_id, at) VALUES ($1, $2, $3)
			ON CONFLICT (member_id) DO UPDATE SET creator_id = excluded.creator_id, at = excluded.at`, m, c.ID, commerce.Micros(e.Clock.Now()))
		return err
	})
}

// ErrOwn is returned for one's own code.
var ErrOwn = &commerce.Error{Kind: commerce.Conflict, Message: "code.own"}

// Used returns the creator whose code a member has typed, false for none.
func (e *Earnings) Used(ctx context.Context, m commerce.MemberID) (creators.Creator, bool, error) {
	if !e.Rules().Pay() {
		return creators.Creator{}, false, nil
	}
	id, err := e.typed.Load(m, func() (id commerce.CreatorID, err error) {
		err = e.DB.Read(ctx, func(tx *database.Tx) error {
			id, err = codeOf(tx, m)
			return err
		})
		return id, err
	})
	if err != nil || id == none {
		return creators.Creator{}, false, err
	}
	c, err := e.Creators.Creator(ctx, id)
	if errors.Is(err, creators.ErrUnknownCreator) {
		return c, false, nil
	}
	return c, err == nil && e.Pay(c), err
}

// none is where somebody has typed no code.
const none commerce.CreatorID = "-"

// codeOf returns the creator whose code a member has typed, none for nobody.
func codeOf(tx *database.Tx, m commerce.MemberID) (id commerce.CreatorID, err error) {
	err = tx.Row(`SELECT creator_id FROM earning_codes WHERE member_id = $1`, m).Scan(&id)
	if err == database.ErrNone {
		return none, nil
	}
	return id, err
}

// Unuse takes the code off again.
func (e *Earnings) Unuse(ctx context.Context, m commerce.MemberID) error {
	return e.DB.Write(ctx, func(tx *database.Tx) error { return e.forgetCode(tx, m) })
}

func (e *Earnings) forgetCode(tx *database.Tx, m commerce.MemberID) error {
	tx.After(func() { e.typed.Drop(m) })
	_, err := tx.Exec(`DELETE FROM earning_codes WHERE member_id = $1`, m)
	return err
}
