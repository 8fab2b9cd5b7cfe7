package fulfilment

import (
	"slices"
	"time"
)

// This file knows how long something can be sent back. The rule is:
//   - The shop says how many days, from the day on which the last parcel of the
//     order arrived.
//   - Where it goes to a country in which Directive 2011/83/EU holds, art. 9
//     gives 14 days, from the day on which the last of the goods was received
//     (paragraph 2 b i); nothing in the configuration makes them fewer. The day
//     it arrived does not count, and the last one counts to its end
//     (Regulation 1182/71, art. 3).
//   - Of a parcel of which nobody has said that it arrived it is assumed some
//     days after it was sent, at least a week.

// euDays is what the directive gives.
const euDays = 14

// union lists where the directive holds: the EU and the EEA.
var union = []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV",
	"MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}

// InUnion reports whether the directive holds in a country.
func InUnion(country string) bool { return slices.Contains(union, country) }

// Window returns until when goods of an order can be sent back: the zero time
// where nothing was sent yet. Sent is for orders from before parcels were kept.
func Window(parcels []Parcel, sent time.Time, country string, days int64, assumed time.Duration) time.Time {
	if InUnion(country) {
		days = max(days, euDays)
	}
	assumed = max(assumed, 7*24*time.Hour)
	var last time.Time
	if len(parcels) == 0 && !sent.IsZero() {
		last = sent.Add(assumed)
	}
	for _, p := range parcels {
		at := p.DeliveredAt
		switch {
		case p.State == Packed:
			continue
		case at.IsZero():
			at = p.ShippedAt.Add(assumed)
		}
		if at.After(last) {
			last = at
		}
	}
	if last.IsZero() {
		return last
	}
	y, m, d := last.UTC().Date()
	return time.Date(y, m, d+int(days)+1, 0, 0, 0, 0, time.UTC)
}
