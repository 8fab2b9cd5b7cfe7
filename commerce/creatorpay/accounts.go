package creatorpay

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

func accountOf(tx *database.Tx, m commerce.MemberID) (a Account, err error) {
	ready := 0
	err = tx.Row(`SELECT account, ready FROM creator_accounts WHERE member_id = $1`, m).Scan(&a.ID, &ready)
	if err == database.ErrNone {
		err = nil
	}
	a.Ready = ready == 1
	return a, err
}

// AccountOf returns a creator's account, as Stripe said last.
func (p *Payer) AccountOf(ctx context.Context, m commerce.MemberID) (a Account, err error) {
	err = p.DB.Read(ctx, func(tx *database.Tx) error {
		a, err = accountOf(tx, m)
		return err
	})
	return a, err
}

// Connect returns the address of Stripe's page on which a creator sets their
// account up, and makes the account where there is none. What it is made with is
// written first: the same account comes of a second call.
func (p *Payer) Connect(ctx context.Context, m commerce.MemberID) (page string, err error) {
	var id, key string
	if err := p.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO creator_accounts (member_id, key, created_at) VALUES ($1, $2, $3) ON CONFLICT (member_id) DO NOTHING`,
			m, "creator:"+p.IDs.ID()+":account", commerce.Micros(p.Clock.Now())); err != nil {
			return err
		}
		return tx.Row(`SELECT account, key FROM creator_accounts WHERE member_id = $1`, m).Scan(&id, &key)
	}); err != nil {
		return "", err
	}
	if id == "" {
		if id, err = p.Stripe.MakePayee(ctx, key); err != nil {
			return "", err
		}
		if err := p.DB.Write(ctx, func(tx *database.Tx) error {
			if _, err := tx.Exec(`UPDATE creator_accounts SET account = $2 WHERE member_id = $1 AND account = ''`, m, id); err != nil {
				return err
			}
			return tx.Row(`SELECT account FROM creator_accounts WHERE member_id = $1`, m).Scan(&id)
		}); err != nil {
			return "", err
		}
	}
	back := p.Back()
	return p.Stripe.PayeePage(ctx, id, back, back)
}

// Look asks Stripe whether an account that was not ready is so now.
func (p *Payer) Look(ctx context.Context, m commerce.MemberID) (Account, error) {
	a, err := p.AccountOf(ctx, m)
	if err != nil || a.ID == "" || a.Ready {
		return a, err
	}
	there, err := p.Stripe.Payee(ctx, a.ID)
	if err != nil || !there.Ready {
		return a, err
	}
	a.Ready = true
	return a, p.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE creator_accounts SET ready = 1 WHERE member_id = $1 AND account = $2`, m, a.ID)
		return err
	})
}

// Link makes the account and the payouts of a member who has become another
// theirs. It is for members.OnLink.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, do := range []string{
		`DELETE FROM creator_accounts WHERE member_id = $1 AND account = '' AND EXISTS (SELECT 1 FROM creator_accounts g WHERE g.member_id = $2)`,
		`UPDATE creator_accounts SET member_id = $1 WHERE member_id = $2 AND NOT EXISTS (SELECT 1 FROM creator_accounts k WHERE k.member_id = $1)`,
		`UPDATE creator_payouts SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`DELETE FROM creator_accounts WHERE member_id = $1`, gone)
	return err
}

// Erase forgets which account a member has. What was paid stays in the books, as
// the law wants it, and what is on its way goes on. It is for members.OnErase.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`DELETE FROM creator_accounts WHERE member_id = $1`, m)
	return err
}
