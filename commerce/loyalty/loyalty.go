// Package loyalty knows the tiers of members who buy often, or earn many points:
// which one somebody has, and what is missing to the next.
//
// It gives nothing: others ask who has a tier (Counted). It is told by checkout
// what is paid and what goes back, inside the transaction that does it
// (checkout.Earnings), so that nobody's orders are added up anew. It shows
// nothing. Start at Standing.
package loyalty

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
)

// Tier is one that members can reach.
type Tier struct {
	ID    string
	Name  string
	Names map[string]string // in other languages
	From  commerce.Money    // what counts must reach it; in rewards.PointsCurrency for points
}

// Called is the tier's name in a language.
func (t Tier) Called(language string) string { return Called(t.Name, t.Names, language) }

// Called is the name in a language of what has names: of de-AT it is that of de
// where it has none of its own.
func Called(name string, names map[string]string, language string) string {
	for language != "" {
		if said := names[language]; said != "" {
			return said
		}
		language = language[:max(strings.LastIndexByte(language, '-'), 0)]
	}
	return name
}

// Rules say what counts and which tiers there are.
type Rules struct {
	Within time.Duration // what is older does not count
	Tiers  []Tier        // the lowest first; all are counted alike
}

// Points reports whether points count, and not what was spent.
func (r Rules) Points() bool {
	return len(r.Tiers) > 0 && r.Tiers[0].From.Currency == rewards.PointsCurrency
}

// rank is the place of a tier, from 1; 0 for none.
func (r Rules) rank(id string) int {
	return slices.IndexFunc(r.Tiers, func(t Tier) bool { return t.ID == id }) + 1
}

// Config is what a Loyalty is connected to.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	Rules func() Rules // as they are now
}

// Loyalty knows who has which tier.
type Loyalty struct{ Config }

// New makes a Loyalty.
func New(cfg Config) *Loyalty { return &Loyalty{cfg} }

// Standing is how it stands for a member.
type Standing struct {
	Rules   Rules
	Has     commerce.Money // what counts now
	Rank    int            // of their tier, from 1; 0 for none
	Missing commerce.Money // to the next; nothing where there is none
	Until   time.Time      // when they lose their tier, if nothing more comes; zero without one
}

// Tier is the member's, nil for none.
func (s Standing) Tier() *Tier {
	if s.Rank == 0 {
		return nil
	}
	return &s.Rules.Tiers[s.Rank-1]
}

// Next is the tier above it, nil for none.
func (s Standing) Next() *Tier {
	if s.Rank == len(s.Rules.Tiers) {
		return nil
	}
	return &s.Rules.Tiers[s.Rank]
}

// Any reports whether the shop has tiers.
func (l *Loyalty) Any() bool { return len(l.Rules().Tiers) > 0 }

// Of returns how it stands for a member.
func (l *Loyalty) Of(ctx context.Context, m commerce.MemberID) (s Standing, err error) {
	if !l.Any() {
		return Standing{}, nil
	}
	err = l.DB.Read(ctx, func(tx *database.Tx) error {
		s, err = l.standing(tx, m)
		return err
	})
	return s, err
}

func (l *Loyalty) standing(tx *database.Tx, m commerce.MemberID) (Standing, error) {
	rules, now := l.Rules(), l.Clock.Now()
	s := Standing{Rules: rules}
	if len(rules.Tiers) == 0 {
		return s, nil
	}
	s.Has.Currency, s.Missing.Currency = rules.Tiers[0].From.Currency, rules.Tiers[0].From.Currency
	type part struct {
		at time.Time
		n  int64
	}
	var parts []part
	if err := each(tx, m, s.Has.Currency, now.Add(-rules.Within), now, func(at time.Time, n int64) {
		parts = append(parts, part{at, n})
		s.Has.Amount += n
	}); err != nil {
		return s, err
	}
	for s.Rank < len(rules.Tiers) && s.Has.Amount >= rules.Tiers[s.Rank].From.Amount {
		s.Rank++
	}
	if next := s.Next(); next != nil {
		s.Missing.Amount = next.From.Amount - s.Has.Amount
	}
	if tier := s.Tier(); tier != nil {
		left := s.Has.Amount
		for _, p := range parts {
			if left -= p.n; left < tier.From.Amount {
				s.Until = p.at.Add(rules.Within)
				break
			}
		}
	}
	return s, nil
}

// Counted returns what counts for a member within a time, in a currency or in
// points: what they paid for goods less what went back, or what they earned.
func Counted(tx *database.Tx, m commerce.MemberID, currency string, after, until time.Time) (sum commerce.Money, err error) {
	sum.Currency = currency
	err = each(tx, m, currency, after, until, func(_ time.Time, n int64) { sum.Amount += n })
	return sum, err
}

// each calls f with what counts, the oldest first.
func each(tx *database.Tx, m commerce.MemberID, currency string, after, until time.Time, f func(at time.Time, n int64)) error {
	if currency == rewards.PointsCurrency {
		return rewards.Earned(tx, m, after, until, f)
	}
	return orders.Spent(tx, m, currency, after, until, f)
}
