package earnings

// What becomes of earnings when a member links their accounts, is erased, or
// takes along what is known of them.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/rewards"
)

// Link makes the earnings of a member who has become another theirs; the books
// are moved by rewards.Link, before. What the two bought from one another brings
// nothing: it was one person. It is for members.OnLink, after creators.Link.
func (e *Earnings) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	if err := linkBroughtIn(tx, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE earnings SET member_id = $1 WHERE member_id = $2`, keep, gone); err != nil {
		return err
	}
	if err := linkObjections(tx, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE earning_codes SET member_id = $1 WHERE member_id = $2 AND NOT EXISTS (SELECT 1 FROM earning_codes k WHERE k.member_id = $1)`, keep, gone); err != nil {
		return err
	}
	tx.After(func() { e.typed.Drop(keep) })
	if err := linkDebts(tx, keep, gone); err != nil {
		return err
	}
	if err := e.forgetCode(tx, gone); err != nil {
		return err
	}
	if err := e.unbring(tx, keep); err != nil {
		return err
	}
	own, err := where(tx, `member_id = $1 AND state = 'pending' AND order_id IN (SELECT id FROM orders WHERE member_id = $1) ORDER BY id`, keep)
	for _, x := range own {
		if err == nil {
			err = e.takeBack(tx, x, "own", x.worth.Amount)
		}
	}
	return err
}

// Erase gives up what an erased member has not got yet. It is for
// members.OnErase.
func (e *Earnings) Erase(tx *database.Tx, m commerce.MemberID) error {
	if err := e.forgetCode(tx, m); err != nil {
		return err
	}
	if err := eraseObjections(tx, m); err != nil {
		return err
	}
	pending, err := rewards.All(tx, rewards.Commission(m))
	if err != nil {
		return err
	}
	for _, sum := range pending {
		cause := "earned:erased:" + string(m)
		if sum.Currency != rewards.PointsCurrency {
			cause += ":" + sum.Currency
		}
		if _, err := rewards.Post(tx, e.Clock.Now(), moved(cause, "erased", "", rewards.Commission(m), issuer(sum.Currency), sum)); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE earnings SET state = CASE WHEN state = 'pending' THEN 'lost' ELSE state END, member_id = '' WHERE member_id = $1`, m)
	return err
}

// Exported is a receipt as its member takes it along.
type Exported struct {
	At     time.Time `json:"at"`
	Of     string    `json:"of"`
	Why    Why       `json:"why"`
	Points int64     `json:"points"`
	Back   int64     `json:"back"`
	Unit   string    `json:"unit"`
	State  State     `json:"state"`
}

// Export returns what a member earned, the newest first. It is for
// members.OnExport.
func (e *Earnings) Export(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	out := []Exported{}
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		out = []Exported{}
		list, err := where(tx, `member_id = $1 ORDER BY at DESC, id DESC LIMIT 10000`, m)
		for _, x := range list {
			out = append(out, Exported{x.At, x.Label, x.Why, x.Points, x.Back, x.Unit, x.State})
		}
		return err
	})
	return "earnings", out, err
}
