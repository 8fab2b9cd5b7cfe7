package notices

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Lease takes up to n notices of some ranks that are due, those of the first
// rank first, for this worker alone until the lease ends. A notice whose worker
// died is leased again, with Maybe set: it may have been sent. What is leased is
// marked as sending before it is sent, so that a crash may repeat a message and
// never loses one.
func (s *Notices) Lease(ctx context.Context, worker string, ranks []Rank, n int, lease time.Duration) (list []Notice, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		list = nil
		now := s.clock.Now()
		for _, r := range ranks {
			for _, where := range []string{
				` WHERE state = 'sending' AND rank = $1 AND leased_to <= $2 ORDER BY due_at, created_at, id LIMIT $3`,
				` WHERE state = 'due' AND rank = $1 AND due_at <= $2 ORDER BY due_at, created_at, id LIMIT $3`,
			} {
				if len(list) == n {
					break
				}
				if err := tx.Rows(selectNotice+where, []any{int(r), commerce.Micros(now), n - len(list)}, collect(&list)); err != nil {
					return err
				}
			}
		}
		for _, notice := range list {
			if _, err := tx.Exec(`UPDATE notices SET state = 'sending', leased_by = $2, leased_to = $3, tries = tries + 1 WHERE id = $1`,
				notice.ID, worker, commerce.Micros(now.Add(lease))); err != nil {
				return err
			}
		}
		return nil
	})
	return list, err
}

// Sent records that the platform took the message.
func (s *Notices) Sent(ctx context.Context, worker string, id commerce.NoticeID, message string) error {
	return s.end(ctx, worker, id, "sent", "", message, time.Time{})
}

// Unreachable records that no way leads to the member now: the notice waits
// for them and heads their next screen.
func (s *Notices) Unreachable(ctx context.Context, worker string, id commerce.NoticeID, problem string) error {
	return s.end(ctx, worker, id, "unread", problem, "", time.Time{})
}

// Dead records that the notice can never be delivered.
func (s *Notices) Dead(ctx context.Context, worker string, id commerce.NoticeID, problem string) error {
	return s.end(ctx, worker, id, "dead", problem, "", time.Time{})
}

// Later gives the notice back, due at a later time. That one waited for its
// member's quiet hours stays known, whatever comes after them.
func (s *Notices) Later(ctx context.Context, worker string, id commerce.NoticeID, problem string, due time.Time) error {
	return s.end(ctx, worker, id, "due", problem, "", due)
}

func (s *Notices) end(ctx context.Context, worker string, id commerce.NoticeID, state, problem, message string, due time.Time) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		now := s.clock.Now()
		if due.IsZero() {
			due = now
		}
		sent := int64(0)
		if state == "sent" {
			sent = commerce.Micros(now)
		}
		_, err := tx.Exec(`UPDATE notices SET state = $3, problem = CASE WHEN $3 = 'due' AND problem = '`+Quiet+`' THEN problem ELSE $4 END, message = $5, due_at = $6, sent_at = $7, leased_by = '', leased_to = 0
			WHERE id = $1 AND leased_by = $2 AND state = 'sending'`,
			id, worker, state, problem, message, commerce.Micros(due), sent)
		return err
	})
}

// Next returns when the next notice is due, or a lease ends; the zero time
// where nothing waits.
func (s *Notices) Next(ctx context.Context) (next time.Time, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		var due, lease int64
		if err := tx.Row(`SELECT COALESCE(MIN(due_at), 0) FROM notices WHERE state = 'due'`).Scan(&due); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COALESCE(MIN(leased_to), 0) FROM notices WHERE state = 'sending'`).Scan(&lease); err != nil {
			return err
		}
		if due == 0 || (lease != 0 && lease < due) {
			due = lease
		}
		next = commerce.FromMicros(due)
		return nil
	})
	return next, err
}
