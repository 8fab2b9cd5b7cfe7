package promotions

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Voucher is a code that serves once.
type Voucher struct {
	Code string
	Made time.Time
	Used bool // an order has it; it may still lapse
}

// Make makes n codes of a promotion, each of which serves once, and returns
// them as people write them. A code has 50 random bits.
func Make(ctx context.Context, db *database.DB, ids commerce.IDSource, now time.Time, r Rule, n int) (codes []string, err error) {
	err = db.Write(ctx, func(tx *database.Tx) error {
		codes = nil
		if _, err := tx.Exec(`INSERT INTO promotions (id, kind, name) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`, r.ID, r.Kind, r.Name); err != nil {
			return err
		}
		for len(codes) < n {
			code := strings.ToUpper(ids.ID())
			made, err := tx.Exec(`INSERT INTO promotion_codes (code, promotion_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (code) DO NOTHING`,
				code, r.ID, commerce.Micros(now))
			if err != nil {
				return err
			}
			if made == 1 {
				codes = append(codes, spell(code))
			}
		}
		return nil
	})
	return codes, err
}

// Vouchers lists the codes of a promotion that serve once, the oldest first.
func Vouchers(ctx context.Context, db *database.DB, promotion string) (list []Voucher, err error) {
	err = db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT code, created_at, order_id FROM promotion_codes WHERE promotion_id = $1 ORDER BY created_at, code`, []any{promotion},
			func(scan func(...any) error) error {
				var code, order string
				var at int64
				err := scan(&code, &at, &order)
				list = append(list, Voucher{spell(code), commerce.FromMicros(at), order != ""})
				return err
			})
	})
	return list, err
}

// spell writes a code in two halves.
func spell(code string) string {
	if len(code) != 10 {
		return code
	}
	return fmt.Sprintf("%s-%s", code[:5], code[5:])
}
