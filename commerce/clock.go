package commerce

import "time"

// Clock tells the time. Rules take it as an argument or a field and never call
// time.Now, so that a test can move it.
type Clock interface {
	Now() time.Time
}

// SystemClock is the Clock of the running program.
type SystemClock struct{}

// Now returns the present in UTC, to the microsecond, as SQL keeps it.
func (SystemClock) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// Micros is a time as SQL keeps it: microseconds since 1970 in UTC, 0 for the
// zero time.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// FromMicros is the inverse of Micros.
func FromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
