// Package giftcards keeps gift cards: bought, sent as a link, redeemed onto
// somebody's account, part-used.
//
// What is left on a card stands in the books (rewards.GiftCard); this package
// moves no money but by rewards. It knows no order's state, and never a code:
// of that it keeps a hash, so that whoever reads the database can spend none.
// Start at Issue, then Redeem.
package giftcards

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/rewards"
)

// State is where a card stands.
type State string

const (
	Issued   State = "issued"   // paid for, nobody has it on their account yet
	Redeemed State = "redeemed" // on somebody's account
	Void     State = "void"     // given back unspent
)

// Card is a gift card.
type Card struct {
	ID         string
	Order      commerce.OrderID
	Buyer      commerce.MemberID
	Amount     commerce.Money // when it was bought
	Left       commerce.Money // what is on it now, held or not
	State      State
	LastFour   string // of its code, "" before there is one
	Giver      string // who gives it, as the buyer wants it read
	Words      string // what they say with it
	Owner      commerce.MemberID
	IssuedAt   time.Time
	RedeemedAt time.Time
}

// The conditions a caller branches on.
var (
	ErrNone  = &commerce.Error{Kind: commerce.NotFound, Message: "giftcard.none"}
	ErrTaken = &commerce.Error{Kind: commerce.Conflict, Message: "giftcard.taken"} // on an account already
	ErrSpent = &commerce.Error{Kind: commerce.Conflict, Message: "giftcard.spent"} // it cannot be given back
)

// codeSize is how many letters and digits a code has: 100 random bits, of which
// 80 stay unknown to whoever sees the last four.
const codeSize = 20

// NewCode makes a code out of a secret of an IDSource.
func NewCode(ids commerce.IDSource) commerce.Secret {
	return commerce.Secret(ids.Token()[:codeSize])
}

// Written is a code as people read and type it: in groups of four.
func Written(code commerce.Secret) string {
	s, groups := strings.ToUpper(code.Reveal()), []string{}
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), "-")
}

// Typed reads a code that somebody typed, with or without its dashes, and
// reports whether it could be one.
func Typed(s string) (commerce.Secret, bool) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '-', '–', ' ', '\u00a0', '\n', '\t':
			return -1
		}
		return r
	}, strings.ToLower(s))
	return commerce.Secret(s), len(s) == codeSize && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

func hash(code commerce.Secret) string {
	sum := sha256.Sum256([]byte("giftcard:" + code.Reveal()))
	return hex.EncodeToString(sum[:])
}

// Issue writes a card that has just been paid for; its amount is in the same
// transaction's postings.
func Issue(tx *database.Tx, c Card) error {
	_, err := tx.Exec(`INSERT INTO giftcards (id, order_id, buyer, amount, currency, state, issued_at)
		VALUES ($1, $2, $3, $4, $5, 'issued', $6)`,
		c.ID, c.Order, c.Buyer, c.Amount.Amount, c.Amount.Currency, commerce.Micros(c.IssuedAt))
	return err
}

// Wrap gives a card of the buyer's that nobody has redeemed a code, and says
// what stands beside it. An earlier code is good for nothing from then on. It
// returns ErrNone or ErrTaken.
func Wrap(tx *database.Tx, id string, buyer commerce.MemberID, code commerce.Secret, giver, words string) error {
	n, err := tx.Exec(`UPDATE giftcards SET code_hash = $3, last_four = $4, giver = $5, words = $6
		WHERE id = $1 AND buyer = $2 AND state = 'issued'`, id, buyer, hash(code), strings.ToUpper(code.Reveal()[codeSize-4:]), giver, words)
	if err != nil || n == 1 {
		return err
	}
	c, err := Get(tx, id)
	switch {
	case err != nil:
		return err
	case c.Buyer != buyer:
		return ErrNone
	}
	return ErrTaken
}

// Redeem puts a card onto a member's account, once. Of those who try at the
// same time one wins; the others get ErrTaken, and so does whoever tries again,
// unless it is theirs. It returns ErrNone where no card has the code.
func Redeem(tx *database.Tx, m commerce.MemberID, code commerce.Secret, now time.Time) (Card, error) {
	n, err := tx.Exec(`UPDATE giftcards SET state = 'redeemed', redeemed_by = $2, redeemed_at = $3
		WHERE code_hash = $1 AND state = 'issued'`, hash(code), m, commerce.Micros(now))
	if err != nil {
		return Card{}, err
	}
	c, err := ByCode(tx, code)
	if err == nil && n == 0 && (c.State != Redeemed || c.Owner != m) {
		err = ErrTaken
	}
	return c, err
}

// Take puts a card onto its buyer's own account, without a code. It returns
// ErrNone or ErrTaken.
func Take(tx *database.Tx, m commerce.MemberID, id string, now time.Time) (Card, error) {
	n, err := tx.Exec(`UPDATE giftcards SET state = 'redeemed', redeemed_by = $2, redeemed_at = $3
		WHERE id = $1 AND buyer = $2 AND state = 'issued'`, id, m, commerce.Micros(now))
	if err != nil {
		return Card{}, err
	}
	c, err := Get(tx, id)
	switch {
	case err == nil && c.Buyer != m:
		err = ErrNone
	case err == nil && n == 0 && (c.State != Redeemed || c.Owner != m):
		err = ErrTaken
	}
	return c, err
}

// Keep makes sure that a card is the member's and can be spent, until the
// transaction ends: whoever cancels it at the same time comes before or after.
// It returns ErrTaken.
func Keep(tx *database.Tx, m commerce.MemberID, id string) error {
	n, err := tx.Exec(`UPDATE giftcards SET redeemed_by = $2 WHERE id = $1 AND state = 'redeemed' AND redeemed_by = $2`, id, m)
	if err == nil && n == 0 {
		err = ErrTaken
	}
	return err
}

// Cancel makes a card void on which nothing was spent and nothing is held, in
// the transaction that takes its amount off it: call it before the posting. It
// returns ErrTaken where somebody else than its buyer has it, who was told so,
// ErrSpent where something was spent, ErrNone where the order bought no card.
func Cancel(tx *database.Tx, order commerce.OrderID) error {
	c, err := one(tx, "order_id = $1", order)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE giftcards SET state = 'void' WHERE id = $1 AND redeemed_by IN ('', buyer) AND state <> 'void' AND amount = COALESCE((
		SELECT b.free FROM balances b WHERE b.account = $2 AND b.currency = giftcards.currency), 0)`, c.ID, rewards.GiftCard(c.ID))
	if err == nil && n == 0 {
		if err = ErrSpent; c.Owner != "" && c.Owner != c.Buyer {
			err = ErrTaken
		}
	}
	return err
}
