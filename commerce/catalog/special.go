package catalog

// This file holds the prices that are not the feed's: for a time, for some
// communities, in another currency. The rules are:
//   - Who shows a price and who charges it ask In, with the same community, so
//     that they agree.
//   - The first special price that fits a variant is taken.
//   - Where it is lower than the feed's and names no earlier price, the feed's
//     is the earlier one.

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
)

// Special is a price that a product, or one variant of it, has instead of the
// feed's.
type Special struct {
	Brand       commerce.BrandID
	Product     string // the feed's handle
	Variant     string // its label, "" for all
	Price       commerce.Money
	CompareAt   commerce.Money
	Communities []commerce.CommunityID // none means everywhere
	From, Until time.Time              // zero for no end; Until is past it
}

func (s Special) holds(at time.Time, community commerce.CommunityID) bool {
	return (s.From.IsZero() || !at.Before(s.From)) && (s.Until.IsZero() || at.Before(s.Until)) &&
		(len(s.Communities) == 0 || slices.Contains(s.Communities, community))
}

// specials are the declared prices, and the snapshots made with them.
type specials struct {
	mu   sync.Mutex
	list []Special
	base *Snapshot
	with map[string]*Snapshot // by which of the list hold
}

// DeclarePrices replaces the special prices.
func (c *Catalog) DeclarePrices(list []Special) {
	c.specials.mu.Lock()
	defer c.specials.mu.Unlock()
	c.specials.list, c.specials.base = list, nil
}

// In returns the catalogue as a community sees it now: Snapshot, with the
// special prices that hold. "" is a member of whom no community is certain.
func (c *Catalog) In(ctx context.Context, community commerce.CommunityID) (*Snapshot, error) {
	base, err := c.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	s, now := &c.specials, c.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == 0 {
		return base, nil
	}
	if s.base != base {
		s.base, s.with = base, map[string]*Snapshot{}
	}
	key := make([]byte, len(s.list))
	for i, one := range s.list {
		key[i] = '-'
		if one.holds(now, community) {
			key[i] = '+'
		}
	}
	made, ok := s.with[string(key)]
	if !ok {
		if len(s.with) > 100 {
			clear(s.with) // of times that are over
		}
		made = base.priced(s.list, key)
		s.with[string(key)] = made
	}
	return made, nil
}

// priced is the snapshot with some of the special prices. What has none is
// shared with it.
func (s *Snapshot) priced(list []Special, holds []byte) *Snapshot {
	changed := map[commerce.ProductID]*Product{}
	done := map[commerce.VariantID]bool{}
	for i, one := range list {
		p, ok := s.byHandle[handle{one.Brand, one.Product}]
		if holds[i] != '+' || !ok {
			continue
		}
		q := changed[p.ID]
		if q == nil {
			own := *p
			own.Variants = slices.Clone(p.Variants)
			q = &own
			changed[p.ID] = q
		}
		for k := range q.Variants {
			v := &q.Variants[k]
			if done[v.ID] || one.Variant != "" && !strings.EqualFold(one.Variant, v.Label()) {
				continue
			}
			done[v.ID] = true
			earlier := v.Price
			if v.CompareAt.Amount > v.Price.Amount {
				earlier = v.CompareAt
			}
			v.Price, v.CompareAt = one.Price, one.CompareAt
			if v.CompareAt.Amount == 0 && earlier.Currency == v.Price.Currency && earlier.Amount > v.Price.Amount {
				v.CompareAt = earlier
			}
		}
	}
	if len(changed) == 0 {
		return s
	}
	own := *s
	own.changed = changed
	return &own
}

// shown is a product as this snapshot shows it.
func (s *Snapshot) shown(p *Product) *Product {
	if q, ok := s.changed[p.ID]; ok {
		return q
	}
	return p
}

func (s *Snapshot) shownAll(list []*Product) []*Product {
	if len(s.changed) > 0 {
		for i, p := range list {
			list[i] = s.shown(p)
		}
	}
	return list
}

// variant finds a variant of a product as this snapshot shows it.
func (s *Snapshot) variant(at place) (*Product, *Variant) {
	q, ok := s.changed[at.product.ID]
	if !ok {
		return at.product, at.variant
	}
	for i := range q.Variants {
		if q.Variants[i].ID == at.variant.ID {
			return q, &q.Variants[i]
		}
	}
	return q, at.variant // one that is no longer for sale
}
