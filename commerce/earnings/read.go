package earnings

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/rewards"
)

// Pay reports whether a creator earns from what is bought because of them.
func (e *Earnings) Pay(c creators.Creator) bool {
	return c.Member != "" && !c.Archived && e.Rules().Pay()
}

// Sum is what a member has earned.
type Sum struct {
	Pending int64 // points that wait
	Points  int64 // that they can spend, whatever they are from
}

// SumOf returns what a member has earned, however many receipts that is.
func (e *Earnings) SumOf(ctx context.Context, m commerce.MemberID) (s Sum, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		if s.Pending, err = rewards.Has(tx, rewards.Commission(m), rewards.PointsCurrency); err != nil {
			return err
		}
		s.Points, err = rewards.Has(tx, rewards.Points(m), rewards.PointsCurrency)
		return err
	})
	return s, err
}

// Receipts returns a page of what a member earned, the newest first.
func (e *Earnings) Receipts(ctx context.Context, m commerce.MemberID, cursor string, n int) (page commerce.Page[Earning], err error) {
	before, last := int64(1)<<62, ""
	if cursor != "" {
		at, id, _ := strings.Cut(cursor, "x") // no digit of base 32
		if before, err = strconv.ParseInt(at, 32, 64); err != nil {
			return page, creators.ErrCursor
		}
		last = id
	}
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		page.Items, err = where(tx, `member_id = $1 AND (at < $2 OR at = $2 AND id < $3) ORDER BY at DESC, id DESC LIMIT $4`, m, before, last, n+1)
		return err
	})
	if err == nil && len(page.Items) > n {
		page.Items = page.Items[:n]
		end := page.Items[n-1]
		page.Next = strconv.FormatInt(commerce.Micros(end.At), 32) + "x" + end.ID
	}
	return page, err
}

// One returns a receipt of a member, or ErrUnknown.
func (e *Earnings) One(ctx context.Context, m commerce.MemberID, id string) (Earning, error) {
	var list []Earning
	err := e.DB.Read(ctx, func(tx *database.Tx) (err error) {
		list, err = where(tx, `id = $1 AND member_id = $2 AND member_id <> ''`, id, m)
		return err
	})
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Earning{}, err
	}
	return list[0], nil
}

// Earned is what a member earned within a time.
type Earned struct {
	commerce.Money
	Brought bool // for bringing members in
}

// Since sums what a member earned in the minute that began then, points and money
// apart.
func (e *Earnings) Since(ctx context.Context, m commerce.MemberID, from time.Time) (list []Earned, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT SUM(points - back), unit, CASE WHEN why = 'brought' THEN 1 ELSE 0 END FROM earnings WHERE member_id = $1 AND at >= $2 AND at < $3 AND state IN ('pending', 'available') GROUP BY unit, CASE WHEN why = 'brought' THEN 1 ELSE 0 END ORDER BY 3 DESC, unit`,
			[]any{m, commerce.Micros(from), commerce.Micros(from.Add(time.Minute))}, func(scan func(...any) error) error {
				var sum Earned
				brought := 0
				err := scan(&sum.Amount, &sum.Currency, &brought)
				sum.Brought = brought == 1
				list = append(list, sum)
				return err
			})
	})
	return list, err
}

// Between sums what points a member has earned in a time, less what went back.
func Between(tx *database.Tx, m commerce.MemberID, from, to time.Time) (points int64, err error) {
	err = tx.Row(`SELECT CAST(COALESCE(SUM(points - back), 0) AS BIGINT) FROM earnings WHERE member_id = $1 AND at >= $2 AND at < $3 AND state IN ('pending', 'available')`,
		m, commerce.Micros(from), commerce.Micros(to)).Scan(&points)
	return points, err
}
