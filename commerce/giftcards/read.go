package giftcards

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/rewards"
)

// Get returns a card by its id, or ErrNone.
func Get(tx *database.Tx, id string) (Card, error) { return one(tx, "id = $1", id) }

// ByCode returns the card with a code, or ErrNone.
func ByCode(tx *database.Tx, code commerce.Secret) (Card, error) {
	return one(tx, "code_hash = $1", hash(code))
}

// OfOrder returns the card an order has bought, or ErrNone.
func OfOrder(tx *database.Tx, o commerce.OrderID) (Card, error) { return one(tx, "order_id = $1", o) }

// Of returns the cards on a member's account in a currency, in the order in
// which they are spent: as they were redeemed.
func Of(tx *database.Tx, m commerce.MemberID, currency string) ([]Card, error) {
	return list(tx, "redeemed_by = $1 AND state = 'redeemed' AND currency = $2 ORDER BY redeemed_at, id", m, currency)
}

// Mine returns the cards on a member's account in all currencies, in the order
// in which they are spent.
func Mine(tx *database.Tx, m commerce.MemberID) ([]Card, error) {
	return list(tx, "redeemed_by = $1 AND state = 'redeemed' ORDER BY redeemed_at, id", m)
}

// BoughtBy returns the cards a member has bought, the newest first.
func BoughtBy(tx *database.Tx, m commerce.MemberID, n int) ([]Card, error) {
	return list(tx, "buyer = $1 ORDER BY issued_at DESC, id LIMIT $2", m, n)
}

func one(tx *database.Tx, where string, args ...any) (Card, error) {
	found, err := list(tx, where, args...)
	if err == nil && len(found) == 0 {
		err = ErrNone
	}
	if err != nil {
		return Card{}, err
	}
	return found[0], nil
}

func list(tx *database.Tx, where string, args ...any) (cards []Card, err error) {
	err = tx.Rows(`SELECT id, order_id, buyer, amount, currency, state, last_four, giver, words, redeemed_by, issued_at, redeemed_at
		FROM giftcards WHERE `+where, args, func(scan func(...any) error) error {
		var c Card
		var issued, redeemed int64
		err := scan(&c.ID, &c.Order, &c.Buyer, &c.Amount.Amount, &c.Amount.Currency, &c.State, &c.LastFour, &c.Giver, &c.Words, &c.Owner, &issued, &redeemed)
		c.IssuedAt, c.RedeemedAt = commerce.FromMicros(issued), commerce.FromMicros(redeemed)
		cards = append(cards, c)
		return err
	})
	for i := range cards {
		if err != nil {
			break
		}
		c := &cards[i]
		c.Left.Currency = c.Amount.Currency
		c.Left.Amount, err = rewards.Has(tx, rewards.GiftCard(c.ID), c.Amount.Currency)
	}
	return cards, err
}

// Link gives the cards of one member to another: they are one person.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, q := range []string{
		`UPDATE giftcards SET buyer = $1 WHERE buyer = $2`,
		`UPDATE giftcards SET redeemed_by = $1 WHERE redeemed_by = $2`,
	} {
		if _, err := tx.Exec(q, keep, gone); err != nil {
			return err
		}
	}
	return nil
}

// Erase takes what a member wrote off the cards they bought. The cards stay:
// those they gave away are somebody else's, and the books know the others.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	_, err := tx.Exec(`UPDATE giftcards SET giver = '', words = '' WHERE buyer = $1`, m)
	return err
}

// Exported is a card as its member takes it along.
type Exported struct {
	Amount string    `json:"amount"`
	Left   string    `json:"left,omitempty"`
	State  State     `json:"state"`
	At     time.Time `json:"at"`
	Giver  string    `json:"giver,omitempty"`
	Words  string    `json:"words,omitempty"`
}

// Export returns the cards a member has bought and those on their account.
func Export(ctx context.Context, db *database.DB, m commerce.MemberID) (out map[string][]Exported, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		out = map[string][]Exported{"bought": {}, "redeemed": {}}
		bought, err := BoughtBy(tx, m, 10_000)
		if err != nil {
			return err
		}
		for _, c := range bought {
			out["bought"] = append(out["bought"], Exported{Amount: c.Amount.String(), State: c.State, At: c.IssuedAt, Giver: c.Giver, Words: c.Words})
		}
		mine, err := list(tx, "redeemed_by = $1 ORDER BY redeemed_at, id", m) // void ones too
		for _, c := range mine {
			out["redeemed"] = append(out["redeemed"], Exported{Amount: c.Amount.String(), Left: c.Left.String(), State: c.State, At: c.RedeemedAt})
		}
		return err
	})
	return out, err
}
