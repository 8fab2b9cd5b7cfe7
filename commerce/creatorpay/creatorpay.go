// Package creatorpay pays creators in money, by Stripe Connect: what they earned
// and what nothing can take back any more goes to an account of theirs.
//
// It calls Stripe and shows nothing. The rules:
//   - Asking takes the whole balance of a currency, at least the minimum, out of
//     the creator's account in the books, in one transaction with the payout. So
//     two presses at once make one payout.
//   - Amount and idempotency key are fixed before Stripe is called, and stay for
//     every try. From the second on Stripe is first asked what the earlier ones
//     did: there is one transfer at most, whatever dies.
//   - What Stripe says no to, and what it takes back later, is in the balance
//     again. What is owed is met from it first (earnings.Meet).
//
// Start at Ask, then Step.
package creatorpay

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/rewards"
)

// State is where a payout stands.
type State string

// States of a payout.
const (
	Due    State = "due"    // being sent
	Sent   State = "sent"   // transferred
	Failed State = "failed" // Stripe said no: it is in the balance again
)

// Payout is money on its way to a creator, or there.
type Payout struct {
	ID        string
	Member    commerce.MemberID
	Account   string // acct_…
	Amount    commerce.Money
	Reversed  int64 // what of it Stripe took back since
	State     State
	Key       string // idempotency key of the transfer
	Transfer  string // tr_…, once sent
	Problem   string // of the last try
	Tries     int64
	CreatedAt time.Time
	SentAt    time.Time
}

// Account is the account at Stripe that a creator is paid to.
type Account struct {
	ID    string // acct_…, "" for none yet
	Ready bool   // Stripe takes transfers to it
}

// Stripe is what this package asks of the payment provider.
type Stripe interface {
	MakePayee(ctx context.Context, key string) (string, error)
	PayeePage(ctx context.Context, id, again, back string) (string, error)
	Payee(ctx context.Context, id string) (payments.Payee, error)
	Transfer(ctx context.Context, t payments.Transfer) (payments.Transferred, error)
	TakenBack(ctx context.Context, transfer string) (commerce.Money, error)
}

// Config is what a Payer is connected to.
type Config struct {
	DB     *database.DB
	Clock  commerce.Clock
	IDs    commerce.IDSource
	Log    *slog.Logger
	Stripe Stripe
	Terms  func() Terms               // as they are now
	Back   func() string              // the address that Stripe's page leads back to
	Admins func() []commerce.MemberID // who hears that Stripe refused; nil for nobody
}

// Terms say when creators are paid.
type Terms struct {
	Money bool          // the programme pays in money
	Least int64         // of a payout, in minor units of whatever currency
	Every time.Duration // by itself so often; 0 for when they ask
}

// Payer pays creators.
type Payer struct{ Config }

// New makes a Payer.
func New(c Config) *Payer { return &Payer{c} }

// Errors of Ask and Connect.
var (
	ErrNoAccount = &commerce.Error{Kind: commerce.Conflict, Message: "creatorpay.noaccount"}
	ErrNotReady  = &commerce.Error{Kind: commerce.Conflict, Message: "creatorpay.notready"}
	ErrLeast     = &commerce.Error{Kind: commerce.Conflict, Message: "creatorpay.least"} // argument "Least"
)

// The accounts of payouts: what is on its way to creators, and what was
// transferred and has left the balance at Stripe.
const (
	onItsWay      rewards.Account = "due:creators"
	cashTransfers rewards.Account = rewards.Cash + ":transfers"
)

const (
	batch = 50
	// lease is how long whoever took a payout has before another may take it:
	// more than the calls to Stripe of one try take.
	lease = 2 * time.Minute
	// looking is how soon the schedule looks again where too little was there.
	looking = 24 * time.Hour
)

// moved is a posting of an amount from one account to another.
func moved(id, memo string, debit, credit rewards.Account, amount commerce.Money) rewards.Posting {
	return rewards.Posting{ID: id, Memo: memo, Entries: []rewards.Entry{{Account: debit, Amount: amount},
		{Account: credit, Amount: commerce.Money{Amount: -amount.Amount, Currency: amount.Currency}}}}
}

// Ask pays a creator all they can be paid in a currency. It returns ErrNoAccount,
// ErrNotReady and ErrLeast.
func (p *Payer) Ask(ctx context.Context, m commerce.MemberID, currency string) (out Payout, err error) {
	err = p.DB.Write(ctx, func(tx *database.Tx) error {
		out, err = p.ask(tx, m, currency)
		return err
	})
	return out, err
}

func (p *Payer) ask(tx *database.Tx, m commerce.MemberID, currency string) (Payout, error) {
	account, err := accountOf(tx, m)
	switch {
	case err != nil:
		return Payout{}, err
	case account.ID == "":
		return Payout{}, ErrNoAccount
	case !account.Ready:
		return Payout{}, ErrNotReady
	}
	now := p.Clock.Now()
	one := Payout{ID: p.IDs.ID(), Member: m, Account: account.ID, State: Due, CreatedAt: now}
	one.Key = "creator:" + one.ID + ":transfer"
	if err := earnings.Meet(tx, now, "ask:"+one.ID, m, currency); err != nil {
		return Payout{}, err
	}
	if one.Amount, err = rewards.Free(tx, rewards.Income(m), currency); err != nil {
		return Payout{}, err
	}
	if least := max(p.Terms().Least, 1); one.Amount.Amount < least {
		return Payout{}, ErrLeast.With("Least", commerce.Money{Amount: least, Currency: currency})
	}
	if _, err := rewards.Post(tx, now, moved("creatorpay:asked:"+one.ID, "paid out", rewards.Income(m), onItsWay, one.Amount)); err != nil {
		return Payout{}, err
	}
	if _, err := tx.Exec(`INSERT INTO creator_payouts (id, member_id, account, currency, amount, state, key, due_at, created_at) VALUES ($1, $2, $3, $4, $5, 'due', $6, $7, $7)`,
		one.ID, m, one.Account, currency, one.Amount.Amount, one.Key, commerce.Micros(now)); err != nil {
		return Payout{}, err
	}
	return one, earnings.PaidOut(tx, m, currency, one.ID)
}

// Step sends what is due, asks for those whose time has come by the schedule, and
// returns how much that was. Several processes may run it at once.
func (p *Payer) Step(ctx context.Context) (int, error) {
	n, err := p.schedule(ctx)
	if err != nil {
		return n, err
	}
	var due []Payout
	err = p.DB.Write(ctx, func(tx *database.Tx) (err error) {
		now := p.Clock.Now()
		due, err = read(tx, `state = 'due' AND due_at <= $1 ORDER BY due_at, id LIMIT $2`, commerce.Micros(now), batch)
		for _, one := range due {
			if err == nil {
				_, err = tx.Exec(`UPDATE creator_payouts SET due_at = $2, tries = tries + 1 WHERE id = $1`, one.ID, commerce.Micros(now.Add(lease)))
			}
		}
		return err
	})
	for _, one := range due {
		err = errors.Join(err, p.send(ctx, one))
	}
	return n + len(due), err
}

// send makes the transfer of a payout.
func (p *Payer) send(ctx context.Context, one Payout) error {
	done, e := p.Stripe.Transfer(ctx, payments.Transfer{Group: "creator:" + one.ID, Account: one.Account, Amount: one.Amount, Key: one.Key, Tries: one.Tries})
	ready := 1
	if e != nil && !payments.Ambiguous(e) {
		if there, err := p.Stripe.Payee(ctx, one.Account); err == nil && !there.Ready {
			ready = 0 // its owner has to go to Stripe's page again
		}
	}
	return p.DB.Write(ctx, func(tx *database.Tx) error {
		now := p.Clock.Now()
		switch {
		case e == nil:
			n, err := tx.Exec(`UPDATE creator_payouts SET state = 'sent', transfer = $2, sent_at = $3, problem = '' WHERE id = $1 AND state = 'due'`, one.ID, done.ID, commerce.Micros(now))
			if err != nil || n == 0 {
				return err
			}
			if _, err := rewards.Post(tx, now, moved("creatorpay:sent:"+one.ID, "paid out", onItsWay, cashTransfers, one.Amount)); err != nil {
				return err
			}
			return p.tell(tx, notices.CreatorPaid, one)
		case payments.Ambiguous(e) || commerce.KindOf(e) == commerce.Unavailable:
			_, err := tx.Exec(`UPDATE creator_payouts SET problem = $2, due_at = $3 WHERE id = $1 AND state = 'due'`, one.ID, payments.Reason(e), commerce.Micros(now.Add(pause(one.Tries))))
			return err
		}
		n, err := tx.Exec(`UPDATE creator_payouts SET state = 'failed', problem = $2 WHERE id = $1 AND state = 'due'`, one.ID, payments.Reason(e))
		if err != nil || n == 0 {
			return err
		}
		p.Log.Warn("Stripe did not pay a creator", "payout", one.ID, "why", payments.Reason(e))
		if _, err := rewards.Post(tx, now, moved("creatorpay:back:"+one.ID, "not paid out", onItsWay, rewards.Income(one.Member), one.Amount)); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE creator_accounts SET ready = $3, pay_at = $4 WHERE member_id = $1 AND account = $2`, one.Member, one.Account, ready, commerce.Micros(now.Add(looking))); err != nil {
			return err
		}
		if err := earnings.NotPaidOut(tx, one.ID); err != nil {
			return err
		}
		if err := earnings.Meet(tx, now, "back:"+one.ID, one.Member, one.Amount.Currency); err != nil {
			return err
		}
		if p.Admins != nil {
			for _, m := range p.Admins() {
				if _, err := notices.Add(tx, p.IDs, now, notices.Notice{Kind: notices.StaffUnpaid, Member: m, Args: map[string]string{"payout": one.ID}, Once: notices.StaffUnpaid + ":" + one.ID + ":" + string(m)}); err != nil {
					return err
				}
			}
		}
		return p.tell(tx, notices.CreatorUnpaid, one)
	})
}

// pause is how long to wait after so many tries.
func pause(tries int64) time.Duration {
	return min(time.Minute<<min(tries, 10), 6*time.Hour)
}

func (p *Payer) tell(tx *database.Tx, kind string, one Payout) error {
	_, err := notices.Add(tx, p.IDs, p.Clock.Now(), notices.Notice{Kind: kind, Member: one.Member, Args: map[string]string{"payout": one.ID}, Once: kind + ":" + one.ID})
	return err
}

// Reversed looks at what Stripe took back of a transfer, which may be no
// creator's: that is in the balance again.
func (p *Payer) Reversed(ctx context.Context, transfer string) error {
	found := false
	if err := p.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := read(tx, `transfer = $1 AND transfer <> ''`, transfer)
		found = len(list) == 1
		return err
	}); err != nil || !found {
		return err
	}
	back, err := p.Stripe.TakenBack(ctx, transfer)
	if err != nil {
		return err
	}
	return p.DB.Write(ctx, func(tx *database.Tx) error {
		list, err := read(tx, `transfer = $1 AND transfer <> ''`, transfer)
		if err != nil || len(list) == 0 || list[0].Reversed >= back.Amount {
			return err
		}
		one, now := list[0], p.Clock.Now()
		if _, err := tx.Exec(`UPDATE creator_payouts SET reversed = $2 WHERE id = $1`, one.ID, back.Amount); err != nil {
			return err
		}
		cause := one.ID + ":" + back.Decimal()
		more := commerce.Money{Amount: back.Amount - one.Reversed, Currency: one.Amount.Currency}
		if _, err := rewards.Post(tx, now, moved("creatorpay:reversed:"+cause, "not paid out", cashTransfers, rewards.Income(one.Member), more)); err != nil {
			return err
		}
		if back.Amount == one.Amount.Amount {
			if err := earnings.NotPaidOut(tx, one.ID); err != nil {
				return err
			}
		}
		if err := earnings.Meet(tx, now, "reversed:"+cause, one.Member, one.Amount.Currency); err != nil {
			return err
		}
		return p.tell(tx, notices.CreatorUnpaid, one)
	})
}

// schedule asks for those whose time has come.
func (p *Payer) schedule(ctx context.Context) (n int, err error) {
	terms := p.Terms()
	if !terms.Money || terms.Every <= 0 {
		return 0, nil
	}
	err = p.DB.Write(ctx, func(tx *database.Tx) error {
		var due []commerce.MemberID
		now := p.Clock.Now()
		if err := tx.Rows(`SELECT member_id FROM creator_accounts WHERE ready = 1 AND pay_at <= $1 ORDER BY pay_at LIMIT $2`, []any{commerce.Micros(now), batch}, func(scan func(...any) error) error {
			var m commerce.MemberID
			err := scan(&m)
			due = append(due, m)
			return err
		}); err != nil {
			return err
		}
		n = len(due)
		for _, m := range due {
			all, err := rewards.All(tx, rewards.Income(m))
			if err != nil {
				return err
			}
			next := now.Add(looking)
			for _, sum := range all {
				_, err := p.ask(tx, m, sum.Currency)
				switch {
				case err == nil:
					next = now.Add(terms.Every)
				case !errors.Is(err, ErrLeast):
					return err
				}
			}
			if _, err := tx.Exec(`UPDATE creator_accounts SET pay_at = $2 WHERE member_id = $1`, m, commerce.Micros(next)); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
