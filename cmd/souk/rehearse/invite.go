package rehearse

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// This file holds the invitations against the order that was announced: rule by
// rule, and of each who has met it longest is first.

// invited reads who was invited when, of all who were put in line, by place.
func (r *rehearsal) invited(ctx context.Context, list []place) error {
	n, at := r.report, map[*person]time.Time{}
	if err := r.program().DB.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT member_id, created_at FROM notices WHERE kind = $1 ORDER BY created_at`, []any{notices.DropYours}, func(scan func(...any) error) error {
			var m commerce.MemberID
			var micros int64
			err := scan(&m, &micros)
			at[r.of[m]] = commerce.FromMicros(micros)
			return err
		})
	}); err != nil {
		return err
	}
	var last *person
	for _, p := range list {
		when, was := at[p.who]
		if was {
			n.Invited++
			if len(n.Invites) == 0 || n.Invites[len(n.Invites)-1].At.Before(when) {
				n.Invites = append(n.Invites, Joined{At: when})
			}
			n.Invites[len(n.Invites)-1].Joined = int64(n.Invited)
		}
		if last != nil && (p.who.by < last.by || p.who.by == last.by && p.who.since.Before(last.since) || was && at[last].IsZero() || was && when.Before(at[last])) {
			n.Misplaced++
			n.example("was invited before others who were first", p.who.name)
		}
		last = p.who
	}
	for _, p := range r.people {
		if p.may() {
			n.Chosen++
		}
	}
	n.Misplaced += max(0, n.Chosen-len(list))
	return nil
}
