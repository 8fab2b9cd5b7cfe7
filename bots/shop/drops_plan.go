package shop

import (
	"context"
	"strconv"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
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

// amended says which terms of a drop have changed.
func (v *visit) amended(text bots.Text, changed map[string]string) bots.Text {
	text = text.Line(regular(v.Say("drop.amended")))
	at := func(key string) string { return v.Moment(commerce.FromMicros(micros(changed[key]))) }
	if changed["opens"] != "" {
		text = text.Line(bold(v.Say("drop.amendedopens", "Time", at("opens"))))
	}
	if changed["closes"] != "" {
		text = text.Line(bold(v.Say("drop.amendedcloses", "Time", at("closes"))))
	}
	if changed["units"] != "" {
		text = text.Line(bold(v.Count("drop.amendedunits", micros(changed["units"]))))
	}
	if within, err := time.ParseDuration(changed["pay"]); err == nil {
		text = text.Line(bold(v.Say("drop.amendedpay", "Minutes", within)))
	}
	return text
}

func micros(word string) int64 {
	n, _ := strconv.ParseInt(word, 10, 64)
	return n
}
