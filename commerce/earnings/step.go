package earnings

// What is earned is the wallet's once the goods cannot come back any more. The
// worker looks at an order when that may be so, and once a day where nobody
// knows yet, as before it is sent.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
)

const (
	batch     = 100
	lookAgain = 24 * time.Hour
	retry     = time.Hour // what failed
)

// Step makes available what is due, and returns at how many orders it looked.
// Several processes may run it at once.
func (e *Earnings) Step(ctx context.Context) (int, error) {
	var due []commerce.OrderID
	err := e.DB.Read(ctx, func(tx *database.Tx) error {
		due = nil
		seen := map[commerce.OrderID]bool{}
		return tx.Rows(`SELECT order_id FROM earnings WHERE state = 'pending' AND due_at <= $1 ORDER BY due_at LIMIT $2`, []any{commerce.Micros(e.Clock.Now()), batch},
			func(scan func(...any) error) error {
				var id commerce.OrderID
				err := scan(&id)
				if !seen[id] {
					seen[id], due = true, append(due, id)
				}
				return err
			})
	})
	for _, id := range due {
		if one := e.DB.Write(ctx, func(tx *database.Tx) error { return e.look(tx, id) }); one != nil {
			err = errors.Join(err, fmt.Errorf("earnings of order %s: %w", id, one), e.DB.Write(ctx, func(tx *database.Tx) error {
				return later(tx, id, e.Clock.Now().Add(retry))
			}))
		}
	}
	return len(due), err
}

func later(tx *database.Tx, id commerce.OrderID, due time.Time) error {
	_, err := tx.Exec(`UPDATE earnings SET due_at = $2 WHERE order_id = $1 AND state = 'pending'`, id, commerce.Micros(due))
	return err
}

// look decides about one order.
func (e *Earnings) look(tx *database.Tx, id commerce.OrderID) error {
	o, err := orders.Load(tx, "id = $1", id)
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	from, err := e.Kept(tx, o)
	switch {
	case err != nil:
		return err
	case from.IsZero():
		return later(tx, id, now.Add(lookAgain))
	case now.Before(from):
		return later(tx, id, from)
	}
	list, err := where(tx, `order_id = $1 AND state = 'pending' ORDER BY position, creator_id`, id)
	for _, x := range list {
		if err != nil {
			break
		}
		if _, err = rewards.Post(tx, now, moved("earned:free:"+x.ID, "earned", o.ID, rewards.Commission(x.Member), purse(x.Member, x.Unit), x.of(x.Left()))); err != nil {
			break
		}
		if _, err = tx.Exec(`UPDATE earnings SET state = 'available' WHERE id = $1`, x.ID); err == nil && x.Money() {
			err = Meet(tx, now, "free:"+x.ID, x.Member, x.Unit)
		}
	}
	return err
}
