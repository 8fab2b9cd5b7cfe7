package config

import (
	"strconv"
	"time"
)

// Moment is a day, or a day and a time of it, as it was written: 2026-03-01,
// 2026-03-01 18:00. The empty Moment is one that was not written.
type Moment string

// Start reads the moment by the clock on the wall of a zone; a day alone is its
// beginning. It returns the zero time for one that was not written or is no
// date.
func (m Moment) Start(zone *time.Location) time.Time {
	at, _ := m.read(zone)
	return at
}

// End is Start, but a day alone is meant to its end.
func (m Moment) End(zone *time.Location) time.Time {
	at, day := m.read(zone)
	if day && !at.IsZero() {
		return at.AddDate(0, 0, 1)
	}
	return at
}

func (m Moment) read(zone *time.Location) (at time.Time, day bool) {
	if at, err := time.ParseInLocation("2006-01-02 15:04", string(m), zone); err == nil {
		return at, false
	}
	at, _ = time.ParseInLocation("2006-01-02", string(m), zone)
	return at, true
}

// Allotment is some of a drop's units as it was written: 5, or of some variants
// as Small 3, Large 2.
type Allotment string

// N returns the number, 0 where variants are named.
func (a Allotment) N() int64 { return Count(a).N() }

// Variants returns the units of each variant; nil where none is named, or one
// twice.
func (a Allotment) Variants() map[string]Count {
	n, ok := variants(string(a))
	if !ok {
		return nil
	}
	each := map[string]Count{}
	for _, label := range n.keys {
		if labelOf(each, label) != label {
			return nil
		}
		each[label] = Count(n.value[label].text)
	}
	return each
}

// Count is a whole number from 1 as it was written. The empty Count is one that
// was not written.
type Count string

// N returns the number, 0 for one that was not written.
func (c Count) N() int64 {
	n, _ := strconv.ParseInt(string(c), 10, 64)
	return n
}
