package drops

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Rush is how members came to a drop over time, in bars of equal time from the
// opening to the last who came. It names nobody.
type Rush struct {
	From, To time.Time
	Bars     []int64
	Came     int64 // all of them
}

// Rush counts who came to a drop, in so many bars. Who was invited came when
// they bought.
func (d *Drops) Rush(ctx context.Context, id commerce.DropID, bars int) (r Rush, err error) {
	err = d.DB.Read(ctx, func(tx *database.Tx) error {
		r = Rush{}
		drop, err := terms(tx, id)
		if err != nil {
			return err
		}
		at, where := "created_at", "drop_id = $1"
		if drop.Mode == Invite {
			at, where = "ended_at", "drop_id = $1 AND state = 'sold'"
		}
		var first, last int64
		if err := tx.Row(`SELECT COUNT(*), COALESCE(MIN(`+at+`), 0), COALESCE(MAX(`+at+`), 0) FROM drop_entries WHERE `+where, id).Scan(&r.Came, &first, &last); err != nil || r.Came == 0 {
			return err
		}
		if opened := commerce.Micros(drop.OpenedAt); !drop.OpenedAt.IsZero() {
			first = min(first, opened)
		}
		width := (last-first)/int64(bars) + 1
		width = max(width, time.Second.Microseconds()) // shorter is no time
		r.From, r.To, r.Bars = commerce.FromMicros(first), commerce.FromMicros(first+width*int64(bars)), make([]int64, bars)
		return tx.Rows(`SELECT (`+at+` - $2) / $3, COUNT(*) FROM drop_entries WHERE `+where+` GROUP BY 1`, []any{id, first, width}, func(scan func(...any) error) error {
			var bar, n int64
			err := scan(&bar, &n)
			r.Bars[min(max(bar, 0), int64(bars-1))] += n
			return err
		})
	})
	return r, err
}
