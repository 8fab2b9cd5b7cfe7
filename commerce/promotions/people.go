package promotions

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link gives what one member has claimed and used to another: they are one
// person, and a limit for one person counts both.
func Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, q := range []string{
		`INSERT INTO promotion_members (promotion_id, member_id, used) SELECT promotion_id, $1, used FROM promotion_members WHERE member_id = $2
			ON CONFLICT (promotion_id, member_id) DO UPDATE SET used = promotion_members.used + excluded.used`,
		// A claim both have is one: the used one counts, and one claim is free again.
		`UPDATE promotion_claims SET state = 'used' WHERE member_id = $1 AND EXISTS (SELECT 1 FROM promotion_claims g
			WHERE g.member_id = $2 AND g.promotion_id = promotion_claims.promotion_id AND g.state = 'used')`,
		`UPDATE promotions SET claimed = claimed - 1 WHERE kind = 'offer' AND EXISTS (SELECT 1 FROM promotion_claims k JOIN promotion_claims g
			ON g.promotion_id = k.promotion_id WHERE k.member_id = $1 AND g.member_id = $2 AND k.promotion_id = promotions.id)`,
		`INSERT INTO promotion_claims (member_id, promotion_id, code, state, created_at)
			SELECT $1, promotion_id, code, state, created_at FROM promotion_claims WHERE member_id = $2
			ON CONFLICT (member_id, promotion_id) DO NOTHING`,
		`UPDATE promotion_uses SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(q, keep, gone); err != nil {
			return err
		}
	}
	return Erase(tx, gone)
}

// Erase forgets what waits for a member and how often they used what. That an
// order used a promotion stays with the order.
func Erase(tx *database.Tx, m commerce.MemberID) error {
	for _, q := range []string{`DELETE FROM promotion_claims WHERE member_id = $1`, `DELETE FROM promotion_members WHERE member_id = $1`} {
		if _, err := tx.Exec(q, m); err != nil {
			return err
		}
	}
	return nil
}

// Exported is a code or an offer as its member takes it along.
type Exported struct {
	Label   string    `json:"label"`
	Kind    Kind      `json:"kind"`
	Code    string    `json:"code,omitempty"`
	Used    bool      `json:"used"`
	Claimed time.Time `json:"claimed"`
}

// Export returns what a member has claimed.
func (p *Promotions) Export(ctx context.Context, m commerce.MemberID) (out []Exported, err error) {
	out = []Exported{}
	err = p.db.Read(ctx, func(tx *database.Tx) error {
		list, err := p.claims(tx, m, ``)
		out = out[:0]
		for _, c := range list {
			out = append(out, Exported{c.Rule.Label(), c.Rule.Kind, c.Code, c.Used, c.At})
		}
		return err
	})
	return out, err
}
