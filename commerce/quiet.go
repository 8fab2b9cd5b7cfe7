package commerce

import (
	"strings"
	"time"
)

// Quiet reports whether a time falls into hours as 22:00-08:00, and if so when
// they end. The hours are those of a clock on the wall in the zone, also when
// summer time begins or ends. What are no hours are none at all.
func Quiet(hours string, zone *time.Location, at time.Time) (until time.Time, quiet bool) {
	from, to, ok := strings.Cut(hours, "-")
	begin, err1 := time.Parse("15:04", from)
	end, err2 := time.Parse("15:04", to)
	if !ok || err1 != nil || err2 != nil {
		return time.Time{}, false
	}
	local := at.In(zone)
	for _, day := range []int{-1, 0} {
		on := func(hour time.Time, plus int) time.Time {
			return time.Date(local.Year(), local.Month(), local.Day()+day+plus, hour.Hour(), hour.Minute(), 0, 0, zone)
		}
		start, stop := on(begin, 0), on(end, 0)
		if !stop.After(start) {
			stop = on(end, 1)
		}
		if !at.Before(start) && at.Before(stop) {
			return stop, true
		}
	}
	return time.Time{}, false
}
