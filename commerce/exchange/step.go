package exchange

// What the clock does. Each thing is done in a transaction of its own, by a
// condition on how it stands then: two that work at once do it once.

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// stepped is how many things are done of each kind in a step, and told how many
// creators.
const stepped = 200

// Step does what is due, and returns how much that was.
func (e *Exchange) Step(ctx context.Context) (n int, err error) {
	for _, do := range []func(context.Context) (int, error){e.dueBids, e.dueBriefs, e.pass} {
		m, err := do(ctx)
		if n += m; err != nil {
			return n, err
		}
	}
	return n, nil
}

// due lists ids of which something is due.
func due[ID ~string](e *Exchange, ctx context.Context, query string) (list []ID, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(query, []any{commerce.Micros(e.Clock.Now()), stepped}, func(scan func(...any) error) error {
			var id ID
			err := scan(&id)
			list = append(list, id)
			return err
		})
	})
	return list, err
}

func (e *Exchange) dueBids(ctx context.Context) (int, error) {
	list, err := due[commerce.BidID](e, ctx, `SELECT id FROM bids WHERE due_at > 0 AND due_at <= $1 ORDER BY due_at, id LIMIT $2`)
	for _, id := range list {
		if err != nil {
			break
		}
		err = e.DB.Write(ctx, func(tx *database.Tx) error {
			b, err := bid(tx, `id = $1`, id)
			if err != nil || b.due.IsZero() || b.due.After(e.Clock.Now()) {
				return err
			}
			return e.dueBid(tx, b)
		})
	}
	return len(list), err
}

func (e *Exchange) dueBid(tx *database.Tx, b Bid) error {
	set := func(what string, at int64) error {
		_, err := tx.Exec(`UPDATE bids SET `+what+`, due_at = $2 WHERE id = $1`, b.ID, at)
		return err
	}
	switch {
	case b.State == Chosen:
		if err := e.free(tx, b, Missed); err != nil {
			return err
		}
		return e.tell(tx, notices.ExchangeMissed, b)
	case b.State == Arrived && !b.reminded:
		if err := set(`reminded = 1`, commerce.Micros(b.ReviewBy)); err != nil {
			return err
		}
		return e.tell(tx, notices.ExchangeSoon, b)
	case b.State == Arrived && !b.Late:
		until := commerce.Micros(e.Clock.Now().Add(RateWithin))
		if _, err := tx.Exec(`UPDATE bids SET late = 1, rate_until = $2, due_at = $2 WHERE id = $1`, b.ID, until); err != nil {
			return err
		}
		if err := e.count(tx, "creator", string(b.Creator), `late = exchange_scores.late + 1`, 0, 1); err != nil {
			return err
		}
		if err := e.tell(tx, notices.ExchangeLate, b); err != nil {
			return err
		}
		return e.tellBrand(tx, notices.StaffBidLate, b, string(b.ID))
	case !b.RateUntil.IsZero() && b.ShownAt.IsZero():
		return e.reveal(tx, b, "")
	}
	return set(`reminded = reminded`, 0)
}

// dueBriefs ends the time to apply, and then the time to choose.
func (e *Exchange) dueBriefs(ctx context.Context) (int, error) {
	list, err := due[commerce.BriefID](e, ctx, `SELECT id FROM briefs WHERE state = 'open' AND due_at <= $1 ORDER BY due_at, id LIMIT $2`)
	for _, id := range list {
		if err != nil {
			break
		}
		err = e.DB.Write(ctx, func(tx *database.Tx) error {
			now := e.Clock.Now()
			b, err := brief(tx, `id = $1 AND state = 'open' AND due_at <= $2`, id, commerce.Micros(now))
			if err == ErrNoBrief {
				return nil
			}
			if err != nil {
				return err
			}
			choose := b.ClosesAt.Add(ChooseWithin)
			if b.Waits == 0 || !now.Before(choose) {
				return e.end(tx, b, Closed)
			}
			if _, err := tx.Exec(`UPDATE briefs SET due_at = $2 WHERE id = $1`, id, commerce.Micros(choose)); err != nil {
				return err
			}
			return e.tellBrand(tx, notices.StaffChoose, Bid{Brand: b.Brand, Brief: b.ID}, string(b.ID))
		})
	}
	return len(list), err
}

// pass tells those who were not chosen for briefs that are over, some at a time.
func (e *Exchange) pass(ctx context.Context) (n int, err error) {
	var over []commerce.BriefID
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		over = nil
		return tx.Rows(`SELECT id FROM briefs WHERE telling = 1 ORDER BY id LIMIT $1`, []any{stepped}, func(scan func(...any) error) error {
			var id commerce.BriefID
			err := scan(&id)
			over = append(over, id)
			return err
		})
	})
	for _, id := range over {
		if err != nil {
			break
		}
		err = e.DB.Write(ctx, func(tx *database.Tx) error {
			list, err := bids(tx, `brief_id = $1 AND state = 'waits' ORDER BY at, id LIMIT $2`, id, stepped)
			for _, b := range list {
				if err != nil {
					return err
				}
				if err = e.stopWaiting(tx, b, Passed); err == nil {
					err = e.tell(tx, notices.ExchangePassed, b)
				}
			}
			if err == nil && len(list) < stepped {
				_, err = tx.Exec(`UPDATE briefs SET telling = 0 WHERE id = $1`, id)
			}
			return err
		})
		n++
	}
	return n, err
}
