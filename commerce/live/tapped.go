package live

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// MaxTapped is how many picks that a member opened are known: those opened last.
const MaxTapped = 50

// Tapped is a pick that a member has opened. Open notes it with the tap, so that
// it costs no trip of its own.
type Tapped struct {
	Pick        commerce.PickID
	First, Last time.Time
}

// Tapped returns the picks that a member has opened, the last one first.
func (l *Live) Tapped(ctx context.Context, m commerce.MemberID) (list []Tapped, err error) {
	fields, err := l.client.HGetAll(ctx, tappedKey(m)).Result()
	if err != nil {
		return nil, unavailable(err)
	}
	for pick, text := range fields {
		a, b, _ := strings.Cut(text, "|")
		first, err1 := strconv.ParseInt(a, 10, 64)
		last, err2 := strconv.ParseInt(b, 10, 64)
		if err1 == nil && err2 == nil {
			list = append(list, Tapped{commerce.PickID(pick), time.UnixMilli(first).UTC(), time.UnixMilli(last).UTC()})
		}
	}
	slices.SortFunc(list, func(a, b Tapped) int {
		if c := b.Last.Compare(a.Last); c != 0 {
			return c
		}
		return strings.Compare(string(a.Pick), string(b.Pick))
	})
	return list, nil
}

// ForgetTapped forgets the picks that a member has opened.
func (l *Live) ForgetTapped(ctx context.Context, m commerce.MemberID) error {
	return unavailable(l.client.Del(ctx, tappedKey(m)).Err())
}

// mergeTapped adds what gone has opened to what keep has.
func (l *Live) mergeTapped(ctx context.Context, keep, gone commerce.MemberID) error {
	theirs, err := l.Tapped(ctx, gone)
	if err != nil || len(theirs) == 0 {
		return err
	}
	mine, err := l.Tapped(ctx, keep)
	if err != nil {
		return err
	}
	all := map[commerce.PickID]Tapped{}
	for _, t := range append(mine, theirs...) {
		if was, ok := all[t.Pick]; ok {
			if was.First.Before(t.First) {
				t.First = was.First
			}
			if was.Last.After(t.Last) {
				t.Last = was.Last
			}
		}
		all[t.Pick] = t
	}
	var fields []any
	for _, t := range all { // twice the most at most, until the next tap
		fields = append(fields, string(t.Pick), strconv.FormatInt(t.First.UnixMilli(), 10)+"|"+strconv.FormatInt(t.Last.UnixMilli(), 10))
	}
	if err := l.client.HSet(ctx, tappedKey(keep), fields...).Err(); err != nil {
		return unavailable(err)
	}
	if err := l.client.Expire(ctx, tappedKey(keep), tappedTTL).Err(); err != nil {
		return unavailable(err)
	}
	return l.ForgetTapped(ctx, gone)
}
