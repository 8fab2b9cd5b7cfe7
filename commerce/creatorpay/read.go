package creatorpay

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// ErrUnknown is returned where there is no such payout.
var ErrUnknown = &commerce.Error{Kind: commerce.NotFound, Message: "creatorpay.none"}

func read(tx *database.Tx, where string, args ...any) (list []Payout, err error) {
	err = tx.Rows(`SELECT id, member_id, account, currency, amount, reversed, state, key, transfer, problem, tries, created_at, sent_at FROM creator_payouts WHERE `+where, args,
		func(scan func(...any) error) error {
			var p Payout
			var created, sent int64
			err := scan(&p.ID, &p.Member, &p.Account, &p.Amount.Currency, &p.Amount.Amount, &p.Reversed, &p.State, &p.Key, &p.Transfer, &p.Problem, &p.Tries, &created, &sent)
			p.CreatedAt, p.SentAt = commerce.FromMicros(created), commerce.FromMicros(sent)
			list = append(list, p)
			return err
		})
	return list, err
}

// One returns a payout, or ErrUnknown.
func (p *Payer) One(ctx context.Context, id string) (one Payout, err error) {
	err = p.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := read(tx, `id = $1`, id)
		if err == nil && len(list) == 0 {
			err = ErrUnknown
		}
		if err == nil {
			one = list[0]
		}
		return err
	})
	return one, err
}

// Of lists the newest payouts of a creator.
func (p *Payer) Of(ctx context.Context, m commerce.MemberID, n int) (list []Payout, err error) {
	err = p.DB.Read(ctx, func(tx *database.Tx) error {
		list, err = read(tx, `member_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2`, m, n)
		return err
	})
	return list, err
}

// Newest lists the newest payouts of all creators.
func Newest(ctx context.Context, db *database.DB, n int) (list []Payout, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list, err = read(tx, `id <> '' ORDER BY created_at DESC, id DESC LIMIT $1`, n)
		return err
	})
	return list, err
}

// Exported is a payout as its creator takes it along.
type Exported struct {
	At     string `json:"at"`
	Amount string `json:"amount"`
	State  State  `json:"state"`
}

// Export returns what a creator was paid, the newest first. It is for
// members.OnExport.
func (p *Payer) Export(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	out := []Exported{}
	list, err := p.Of(ctx, m, 10_000)
	for _, one := range list {
		out = append(out, Exported{one.CreatedAt.UTC().Format("2006-01-02T15:04:05Z"), one.Amount.String(), one.State})
	}
	return "payouts", out, err
}
