package earnings

// The tiers of creators, by which they may earn another rate. The rules are:
//   - A tier is the creator's: by how many follow them, or by what they brought in
//     within a time: what stands on their receipts, net, less what went back.
//   - It is fixed with the order, as the rules are: whoever follows or buys later
//     changes nothing of it.
//   - What is brought in is noted by inserting a row and added up by the worker, so
//     that two sales of one creator do not wait for one another.

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
)

// Tier is one that creators can reach: by Followers, or by Brought.
type Tier struct {
	ID        string
	Name      string
	Names     map[string]string `json:",omitempty"` // in other languages
	Followers int64             `json:",omitempty"`
	Brought   int64             `json:",omitempty"` // in minor units of the currency of Worth
}

// rank is the place of a tier, from 1; 0 for none.
func (r Rules) rank(id string) int {
	return slices.IndexFunc(r.Tiers, func(t Tier) bool { return t.ID == id }) + 1
}

// TierStanding is how it stands for a creator.
type TierStanding struct {
	Rules   Rules
	Rank    int   // from 1; 0 for none
	Missing int64 // to the next: followers, or minor units
}

// Tier is the creator's, nil for none.
func (s TierStanding) Tier() *Tier {
	if s.Rank == 0 {
		return nil
	}
	return &s.Rules.Tiers[s.Rank-1]
}

// Next is the tier above it, nil for none.
func (s TierStanding) Next() *Tier {
	if s.Rank == len(s.Rules.Tiers) {
		return nil
	}
	return &s.Rules.Tiers[s.Rank]
}

// TierOf returns how it stands for a creator now.
func (e *Earnings) TierOf(ctx context.Context, id commerce.CreatorID) (s TierStanding, err error) {
	rules := e.Rules()
	if len(rules.Tiers) == 0 {
		return TierStanding{}, nil
	}
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		s, err = e.tier(tx, rules, id)
		return err
	})
	return s, err
}

func (e *Earnings) tier(tx *database.Tx, r Rules, id commerce.CreatorID) (s TierStanding, err error) {
	s.Rules = r
	has, top := int64(0), r.Tiers[len(r.Tiers)-1]
	if top.Followers > 0 {
		err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM follows WHERE creator_id = $1 LIMIT $2) f`, id, top.Followers).Scan(&has)
	} else {
		has, err = broughtIn(tx, id, r.Currency, e.Clock.Now().Add(-r.Within))
	}
	for s.Rank < len(r.Tiers) && has >= r.Tiers[s.Rank].Followers+r.Tiers[s.Rank].Brought {
		s.Rank++
	}
	if next := s.Next(); next != nil {
		s.Missing = next.Followers + next.Brought - has
	}
	return s, err
}

// broughtIn is what a creator brought in since a time.
func broughtIn(tx *database.Tx, id commerce.CreatorID, currency string, after time.Time) (sum int64, err error) {
	for _, table := range []string{"brought_days", "brought_moves"} {
		var n int64
		if err := tx.Row(`SELECT COALESCE(SUM(amount), 0) FROM `+table+` WHERE creator_id = $1 AND currency = $2 AND day > $3`,
			id, currency, commerce.Micros(after)).Scan(&n); err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}

// bring notes what an earning brought in, by what of its line has come back.
func (e *Earnings) bring(tx *database.Tx, x Earning, was, returned int64) error {
	if x.Creator == "" || x.Cut > 0 {
		return nil // for bringing a member in, or it was decided that it was not theirs
	}
	left := func(back int64) (int64, error) {
		part, err := x.Base.Part(back, x.worth.Amount)
		return x.Base.Amount - part.Amount, err
	}
	before := int64(0)
	now, err := left(returned)
	if err == nil && was >= 0 {
		before, err = left(was)
	}
	if err != nil || now == before {
		return err
	}
	_, err = tx.Exec(`INSERT INTO brought_moves (id, creator_id, currency, day, amount, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		e.IDs.ID(), x.Creator, x.Base.Currency, commerce.Micros(x.At.UTC().Truncate(24*time.Hour)), now-before, commerce.Micros(e.Clock.Now()))
	return err
}

// linkBroughtIn adds what a creator brought in to what another did: they have become
// one, gone's receipts still say which one gone was.
func linkBroughtIn(tx *database.Tx, keep, gone commerce.MemberID) error {
	var into commerce.CreatorID
	err := tx.Row(`SELECT id FROM creators WHERE member_id = $1 AND member_id <> ''`, keep).Scan(&into)
	if err == database.ErrNone {
		return nil
	}
	var from []commerce.CreatorID
	if err == nil {
		err = tx.Rows(`SELECT DISTINCT creator_id FROM earnings WHERE member_id = $1 AND creator_id <> '' AND creator_id <> $2 ORDER BY creator_id`, []any{gone, into}, func(scan func(...any) error) error {
			var id commerce.CreatorID
			err := scan(&id)
			from = append(from, id)
			return err
		})
	}
	for _, was := range from {
		for _, do := range []string{
			`UPDATE brought_moves SET creator_id = $1 WHERE creator_id = $2`,
			`INSERT INTO brought_days (creator_id, currency, day, amount) SELECT $1, currency, day, amount FROM brought_days AS g WHERE g.creator_id = $2
				ON CONFLICT (creator_id, currency, day) DO UPDATE SET amount = brought_days.amount + excluded.amount`,
		} {
			if err == nil {
				_, err = tx.Exec(do, into, was)
			}
		}
		if err == nil {
			_, err = tx.Exec(`DELETE FROM brought_days WHERE creator_id = $1`, was)
		}
	}
	return err
}

// AddUp adds what was brought in to the days of its creators. The worker does it.
func (e *Earnings) AddUp(ctx context.Context) error {
	type move struct {
		id, creator, currency string
		day, amount           int64
	}
	read := func(tx *database.Tx) (list []move, err error) {
		err = tx.Rows(`SELECT id, creator_id, currency, day, amount FROM brought_moves WHERE at <= $1 ORDER BY at LIMIT $2`, []any{commerce.Micros(e.Clock.Now()), batch},
			func(scan func(...any) error) error {
				var m move
				err := scan(&m.id, &m.creator, &m.currency, &m.day, &m.amount)
				list = append(list, m)
				return err
			})
		return list, err
	}
	for {
		var list []move
		err := e.DB.Read(ctx, func(tx *database.Tx) (err error) {
			list, err = read(tx)
			return err
		})
		if err != nil || len(list) == 0 {
			return err
		}
		if err := e.DB.Write(ctx, func(tx *database.Tx) error {
			for _, m := range list {
				// Whose it is now: two creators may have become one since it was read.
				err := tx.Row(`DELETE FROM brought_moves WHERE id = $1 RETURNING creator_id`, m.id).Scan(&m.creator)
				if err == database.ErrNone { // another process has added it
					continue
				}
				if err != nil {
					return err
				}
				if _, err := tx.Exec(`INSERT INTO brought_days (creator_id, currency, day, amount) VALUES ($1, $2, $3, $4)
					ON CONFLICT (creator_id, currency, day) DO UPDATE SET amount = brought_days.amount + excluded.amount`, m.creator, m.currency, m.day, m.amount); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

// tiers looks up the tiers of who is credited for an order that is about to be
// placed.
func (e *Earnings) tiers(ctx context.Context, r Rules, m commerce.MemberID, list []credit) (map[commerce.CreatorID]string, error) {
	of := map[commerce.CreatorID]string{}
	if len(r.Tiers) == 0 {
		return of, nil
	}
	ids := map[commerce.CreatorID]bool{}
	for _, c := range list {
		id := c.creator
		if id == "" {
			by, ok, err := e.Used(ctx, m)
			if err != nil {
				return nil, err
			}
			if !ok {
				continue
			}
			id = by.ID
		}
		ids[id] = true
	}
	return of, e.DB.Read(ctx, func(tx *database.Tx) error {
		for id := range ids {
			if err := e.lookUp(tx, r, id, of); err != nil {
				return err
			}
		}
		return nil
	})
}

func (e *Earnings) lookUp(tx *database.Tx, r Rules, id commerce.CreatorID, of map[commerce.CreatorID]string) error {
	s, err := e.tier(tx, r, id)
	of[id] = ""
	if tier := s.Tier(); tier != nil {
		of[id] = tier.ID
	}
	return err
}

// saveTiers fixes the tiers of who is credited for an order.
func (e *Earnings) saveTiers(tx *database.Tx, r Rules, o commerce.OrderID, list []credit, known map[commerce.CreatorID]string) error {
	if len(r.Tiers) == 0 {
		return nil
	}
	for _, c := range list {
		if _, ok := known[c.creator]; !ok { // their code was typed this moment
			if err := e.lookUp(tx, r, c.creator, known); err != nil {
				return err
			}
		}
		if tier := known[c.creator]; tier != "" {
			if _, err := tx.Exec(`INSERT INTO earning_tiers (order_id, creator_id, tier) VALUES ($1, $2, $3) ON CONFLICT (order_id, creator_id) DO NOTHING`, o, c.creator, tier); err != nil {
				return err
			}
		}
	}
	return nil
}

// tiersOf reads the tiers of who is credited for an order.
func tiersOf(tx *database.Tx, o commerce.OrderID) (map[commerce.CreatorID]string, error) {
	of := map[commerce.CreatorID]string{}
	err := tx.Rows(`SELECT creator_id, tier FROM earning_tiers WHERE order_id = $1`, []any{o}, func(scan func(...any) error) error {
		var id commerce.CreatorID
		var tier string
		err := scan(&id, &tier)
		of[id] = tier
		return err
	})
	return of, err
}

// ByTier returns the tier that an earning's creator had when it was ordered, as the
// rules of the order name it; nil for none.
func (e *Earnings) ByTier(ctx context.Context, x Earning) (*Tier, error) {
	var found *Tier
	err := e.DB.Read(ctx, func(tx *database.Tx) error {
		found = nil
		of, err := tiersOf(tx, x.Order)
		if err != nil || of[x.Creator] == "" {
			return err
		}
		var text string
		var r Rules
		if err = tx.Row(`SELECT rules FROM earning_rules WHERE version = $1`, x.Version).Scan(&text); err == nil {
			err = json.Unmarshal([]byte(text), &r)
		}
		if i := r.rank(of[x.Creator]); i > 0 {
			found = &r.Tiers[i-1]
		}
		return err
	})
	return found, err
}

// OwnTier returns how it stands for the creator that a member is; none where they
// are none.
func (e *Earnings) OwnTier(ctx context.Context, m commerce.MemberID) (TierStanding, error) {
	if len(e.Rules().Tiers) == 0 {
		return TierStanding{}, nil
	}
	c, err := e.Creators.Of(ctx, m)
	if err == creators.ErrUnknownCreator {
		return TierStanding{}, nil
	}
	if err != nil {
		return TierStanding{}, err
	}
	return e.TierOf(ctx, c.ID)
}
