package shop

import (
	"context"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/drops"
)

// DropCard shows a plan as its card will stand in the groups, to who plans it.
func (s *Shop) DropCard(ctx context.Context, locale string, p drops.Plan) (bots.Screen, error) {
	set := s.now.Load()
	v := &visit{Words: set.texts.words(locale), ctx: ctx, set: set, scope: set.all}
	d := drops.Drop{Plan: p, State: drops.Announced, Opens: p.Opens}
	for _, u := range p.Units {
		d.Stands = append(d.Stands, drops.Stand{Variant: u.Variant, Units: u.Units})
	}
	return s.dropCard(v, d)
}
