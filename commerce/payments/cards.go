package payments

// This file keeps which cards Stripe keeps for whom. The rules are:
//   - Nothing is kept without the member's consent, which has a time and can be
//     withdrawn; then every card is forgotten, here at once and at Stripe as
//     soon as it answers.
//   - What Stripe has to be asked is written down in the transaction that
//     decides it, and asked until it has answered.
//   - Of a card we keep brand, last four digits and expiry, nothing else.

import (
	"context"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Card is a card that Stripe keeps for a member.
type Card struct {
	ID        string `json:"-"` // public id
	Customer  string `json:"-"`
	Method    string `json:"-"`
	Brand     string `json:"brand"`   // as Visa
	Last4     string `json:"last4"`   // its last four digits
	Expires   string `json:"expires"` // as 2030-12
	Preferred bool   `json:"preferred"`

	Fingerprint string `json:"-"` // the same for the same card, whoever has it
}

// Wallet is whether a member agreed to have cards kept, and which are; the one
// proposed first is first.
type Wallet struct {
	Consent bool   `json:"consent"`
	Cards   []Card `json:"cards"`
}

// First returns the card proposed first, false where none is kept that is good
// at the time.
func (w Wallet) First(now time.Time) (Card, bool) {
	for _, c := range w.Cards {
		if c.Expires >= now.UTC().Format("2006-01") {
			return c, true
		}
	}
	return Card{}, false
}

// Get returns a kept card by its public id.
func (w Wallet) Get(id string) (Card, bool) {
	for _, c := range w.Cards {
		if c.ID == id {
			return c, true
		}
	}
	return Card{}, false
}

// WalletOf reads a member's wallet.
func WalletOf(tx *database.Tx, m commerce.MemberID) (w Wallet, err error) {
	var withdrawn int64
	err = tx.Row(`SELECT withdrawn_at FROM card_consents WHERE member_id = $1`, m).Scan(&withdrawn)
	if err != nil && err != database.ErrNone {
		return w, err
	}
	w.Consent = err == nil && withdrawn == 0
	err = tx.Rows(`SELECT id, customer, method, brand, last4, expires, preferred FROM cards WHERE member_id = $1
		ORDER BY preferred DESC, added_at DESC, id`, []any{m}, func(scan func(...any) error) error {
		var c Card
		var preferred int64
		err := scan(&c.ID, &c.Customer, &c.Method, &c.Brand, &c.Last4, &c.Expires, &preferred)
		c.Preferred = preferred == 1
		w.Cards = append(w.Cards, c)
		return err
	})
	return w, err
}

// Agree writes down that a member agreed to have cards kept.
func Agree(tx *database.Tx, m commerce.MemberID, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO card_consents (member_id, agreed_at) VALUES ($1, $2)
		ON CONFLICT (member_id) DO UPDATE SET withdrawn_at = 0, agreed_at = CASE
			WHEN card_consents.withdrawn_at = 0 THEN card_consents.agreed_at ELSE excluded.agreed_at END`, m, commerce.Micros(now))
	return err
}

// Withdraw writes down that a member agrees no more, and forgets their cards.
func Withdraw(tx *database.Tx, m commerce.MemberID, now time.Time) error {
	if _, err := tx.Exec(`UPDATE card_consents SET withdrawn_at = $2 WHERE member_id = $1 AND withdrawn_at = 0`, m, commerce.Micros(now)); err != nil {
		return err
	}
	w, err := WalletOf(tx, m)
	if err != nil {
		return err
	}
	for _, c := range w.Cards {
		if err := RemoveCard(tx, m, c, now); err != nil {
			return err
		}
	}
	return nil
}

// KeepCard keeps a card that has paid, where its member still agrees; else
// Stripe is asked to forget it. The newest card is proposed first.
func KeepCard(tx *database.Tx, m commerce.MemberID, c Card, now time.Time) error {
	w, err := WalletOf(tx, m)
	if err != nil {
		return err
	}
	if !w.Consent {
		return plan(tx, "forget", c.Method, now)
	}
	for _, have := range w.Cards {
		if have.Method == c.Method {
			return nil
		}
		if have.Brand == c.Brand && have.Last4 == c.Last4 && have.Expires == c.Expires { // the same card, typed again
			if err := RemoveCard(tx, m, have, now); err != nil {
				return err
			}
			c.ID = have.ID // its buttons go on
		}
	}
	if _, err := tx.Exec(`UPDATE cards SET preferred = 0 WHERE member_id = $1`, m); err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO cards (id, member_id, customer, method, brand, last4, expires, preferred, added_at, fingerprint)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9) ON CONFLICT (method) DO NOTHING`,
		c.ID, m, c.Customer, c.Method, c.Brand, c.Last4, c.Expires, commerce.Micros(now), c.Fingerprint)
	return err
}

// PreferCard proposes a card first. It returns false where it is not there.
func PreferCard(tx *database.Tx, m commerce.MemberID, id string) (bool, error) {
	var one int64
	if err := tx.Row(`SELECT COUNT(*) FROM cards WHERE member_id = $1 AND id = $2`, m, id).Scan(&one); err != nil || one == 0 {
		return false, err
	}
	if _, err := tx.Exec(`UPDATE cards SET preferred = 0 WHERE member_id = $1 AND id <> $2`, m, id); err != nil {
		return false, err
	}
	n, err := tx.Exec(`UPDATE cards SET preferred = 1 WHERE member_id = $1 AND id = $2`, m, id)
	return n == 1, err
}

// RemoveCard forgets a card here, and has Stripe forget it.
func RemoveCard(tx *database.Tx, m commerce.MemberID, c Card, now time.Time) error {
	if _, err := tx.Exec(`DELETE FROM cards WHERE member_id = $1 AND method = $2`, m, c.Method); err != nil {
		return err
	}
	return plan(tx, "forget", c.Method, now)
}

// CustomerOf returns the customer whose cards Stripe keeps for a member, and
// the key to make one with where customer is empty: it is stored by then.
func CustomerOf(tx *database.Tx, m commerce.MemberID, now time.Time) (customer, key string, err error) {
	err = tx.Row(`SELECT customer, key FROM customers WHERE member_id = $1 ORDER BY customer DESC, key LIMIT 1`, m).Scan(&customer, &key)
	if err != database.ErrNone {
		return customer, key, err
	}
	key = fmt.Sprintf("member:%s:customer:%d", m, commerce.Micros(now))
	_, err = tx.Exec(`INSERT INTO customers (key, member_id) VALUES ($1, $2)`, key, m)
	return "", key, err
}

// SetCustomer writes down the customer that was made with a key. It returns
// false where the member has been erased meanwhile: nothing is kept for them.
func SetCustomer(tx *database.Tx, key, customer string, now time.Time) (bool, error) {
	n, err := tx.Exec(`UPDATE customers SET customer = $2 WHERE key = $1`, key, customer)
	if err != nil || n == 1 {
		return n == 1, err
	}
	return false, plan(tx, "forget", customer, now)
}

// DropCustomer forgets a customer that Stripe does not have any more, with the
// cards that were kept for them.
func DropCustomer(tx *database.Tx, customer string) error {
	if _, err := tx.Exec(`DELETE FROM cards WHERE customer = $1`, customer); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM customers WHERE customer = $1`, customer)
	return err
}

// Unheard is before the key of a customer who may have been made: Stripe's
// answer was never heard.
const Unheard = "unheard:"

// CardWork is one thing Stripe has yet to be asked about cards.
type CardWork struct {
	What   string // keep: Object is a payment; forget: pm_…, cus_… or Unheard and a key
	Object string
	Tries  int64
}

// plan writes down what Stripe has to be asked. Again it changes nothing.
func plan(tx *database.Tx, what, object string, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO card_work (what, object, due_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, what, object, commerce.Micros(now))
	return err
}

// PlanKeep has the card of a payment kept, as its member agreed.
func PlanKeep(tx *database.Tx, p commerce.PaymentID, now time.Time) error {
	return plan(tx, "keep", string(p), now)
}

// DueCards takes up to n things to ask Stripe about cards, as DueRefunds does.
func DueCards(tx *database.Tx, now time.Time, n int) (list []CardWork, err error) {
	err = tx.Rows(`SELECT what, object, tries FROM card_work WHERE due_at <= $1 ORDER BY due_at, object LIMIT $2`, []any{commerce.Micros(now), n},
		func(scan func(...any) error) error {
			var w CardWork
			err := scan(&w.What, &w.Object, &w.Tries)
			list = append(list, w)
			return err
		})
	for _, w := range list {
		if err == nil {
			err = AgainCard(tx, w, now.Add(lease))
		}
	}
	return list, err
}

// AgainCard says when something is asked again, and counts the try.
func AgainCard(tx *database.Tx, w CardWork, due time.Time) error {
	_, err := tx.Exec(`UPDATE card_work SET due_at = $3, tries = $4 WHERE what = $1 AND object = $2`, w.What, w.Object, commerce.Micros(due), w.Tries+1)
	return err
}

// CardDone ends it.
func CardDone(tx *database.Tx, w CardWork) error {
	_, err := tx.Exec(`DELETE FROM card_work WHERE what = $1 AND object = $2`, w.What, w.Object)
	return err
}

// Link gives the cards of one member to another: they are one person. The
// consent is the one that either gave, unless the one who stays withdrew it.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	w, err := WalletOf(tx, keep)
	if err != nil {
		return err
	}
	steps := []string{
		`INSERT INTO card_consents (member_id, agreed_at, withdrawn_at) SELECT $1, agreed_at, withdrawn_at FROM card_consents
			WHERE member_id = $2 ON CONFLICT (member_id) DO NOTHING`,
		`DELETE FROM card_consents WHERE member_id = $2 AND member_id <> $1`,
		`UPDATE customers SET member_id = $1 WHERE member_id = $2`,
	}
	if len(w.Cards) > 0 {
		steps = append(steps, `UPDATE cards SET preferred = 0 WHERE member_id = $2 AND member_id <> $1`)
	}
	for _, q := range append(steps, `UPDATE cards SET member_id = $1 WHERE member_id = $2`) {
		if _, err := tx.Exec(q, keep, gone); err != nil {
			return err
		}
	}
	if w, err = WalletOf(tx, keep); err != nil || w.Consent {
		return err
	}
	for _, c := range w.Cards {
		if err := RemoveCard(tx, keep, c, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// Erase forgets a member's cards and customers, here and at Stripe.
func Erase(tx *database.Tx, m commerce.MemberID, now time.Time) error {
	if err := Withdraw(tx, m, now); err != nil {
		return err
	}
	var list []string
	if err := tx.Rows(`SELECT customer, key FROM customers WHERE member_id = $1`, []any{m}, func(scan func(...any) error) error {
		var c, key string
		err := scan(&c, &key)
		if c == "" {
			c = Unheard + key
		}
		list = append(list, c)
		return err
	}); err != nil {
		return err
	}
	for _, c := range list {
		if err := plan(tx, "forget", c, now); err != nil {
			return err
		}
	}
	for _, q := range []string{`DELETE FROM customers WHERE member_id = $1`, `DELETE FROM card_consents WHERE member_id = $1`} {
		if _, err := tx.Exec(q, m); err != nil {
			return err
		}
	}
	return nil
}

// ExportWallet is what a member takes along of their cards.
func ExportWallet(ctx context.Context, db *database.DB, m commerce.MemberID) (w Wallet, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		w, err = WalletOf(tx, m)
		return err
	})
	return w, err
}
