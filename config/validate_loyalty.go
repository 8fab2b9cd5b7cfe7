package config

import (
	"unicode/utf8"

	"github.com/soukchat/souk/commerce"
)

const (
	mostTiers    = 10
	mostTierDays = 3650
	mostTierName = 24
)

// loyalty checks the tiers of members.
func (v *validator) loyalty() {
	l := v.cfg.Loyalty
	if l.Days.N() > mostTierDays {
		v.say("loyalty.days", "%s is not from 1 to %d", l.Days, mostTierDays)
	}
	if len(l.Tiers) > mostTiers {
		v.say("loyalty.tiers", "has %d tiers: at most %d fit on a screen", len(l.Tiers), mostTiers)
	}
	seen, spent, points := map[int64]string{}, "", ""
	for _, name := range sorted(l.Tiers) {
		t, path := l.Tiers[name], "loyalty.tiers."+name
		v.tierNames(path, t.Names)
		if v.broken(path+".spent") || v.broken(path+".points") {
			continue
		}
		key := ".points"
		if t.Spent != "" {
			key, spent = ".spent", name
		} else if t.Points != "" {
			points = name
		}
		if spent != "" && points != "" {
			other := spent
			if other == name {
				other = points
			}
			v.say(path, "counts something else than %s: say spent for all tiers, or points for all", other)
			return
		}
		from, err := t.From(v.cfg.Shop.Currency)
		switch {
		case err != nil:
			v.say(path+key, "%s has more decimals than %s has", v.quote(path+key), v.cfg.Shop.Currency)
			continue
		case t.Spent != "" && from.Amount == 0:
			v.say(path+key, "must be more than nothing: everybody would have it")
		}
		if other := seen[from.Amount]; other != "" {
			v.say(path+key, "is the same as that of %s: nobody would have one of the two", other)
		}
		seen[from.Amount] = name
	}
}

// tierNames checks the names of a tier in other languages.
func (v *validator) tierNames(path string, names map[string]string) {
	for _, language := range sorted(names) {
		if utf8.RuneCountInString(names[language]) > mostTierName {
			v.say(path+".names."+language, "is longer than %d characters", mostTierName)
		}
	}
}

// pointsCurrency is how points are counted, as the books do.
const pointsCurrency = "PTS"

// From is what counts must reach for the tier, in PTS for points.
func (t LoyaltyTier) From(currency string) (commerce.Money, error) {
	if t.Spent != "" {
		return t.Spent.Money(currency)
	}
	return commerce.Money{Amount: Points{Step: t.Points}.Count(), Currency: pointsCurrency}, nil
}
