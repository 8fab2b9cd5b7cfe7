package members

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Quiet is a member's own quiet hours: news that can wait does so until they
// end. The zero value is none.
type Quiet struct {
	Hours string // as 22:00-08:00
	Zone  string // in which a clock on the wall shows them, as Europe/Berlin
}

// ErrHours is returned for what are no hours.
var ErrHours = &commerce.Error{Kind: commerce.Invalid, Message: "quiet.wrong"}

var hours = regexp.MustCompile(`^(\d{1,2})(?:[:.]?(\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.]?(\d{2}))?$`)

// ParseHours reads hours as people write them: 22-8, 22:00–08:00, 2230-0700.
// It returns ErrHours.
func ParseHours(text string) (string, error) {
	m := hours.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return "", ErrHours
	}
	var at [2]string
	for i := range at {
		h, _ := strconv.Atoi(m[2*i+1])
		minutes, _ := strconv.Atoi("0" + m[2*i+2])
		if h == 24 && minutes == 0 {
			h = 0
		}
		if h > 23 || minutes > 59 {
			return "", ErrHours
		}
		at[i] = fmt.Sprintf("%02d:%02d", h, minutes)
	}
	if at[0] == at[1] {
		return "", ErrHours
	}
	return at[0] + "-" + at[1], nil
}

// Until reports whether a time falls into the hours, and when they end.
func (q Quiet) Until(at time.Time) (time.Time, bool) {
	zone, err := time.LoadLocation(q.Zone)
	if err != nil {
		zone = time.UTC
	}
	return commerce.Quiet(q.Hours, zone, at)
}

// Awake returns the end of the quiet hours of a member that a time falls into,
// and the time itself where it falls into none.
func Awake(tx *database.Tx, id commerce.MemberID, at time.Time) (time.Time, error) {
	m, err := read(tx, id)
	if err != nil {
		return at, err
	}
	if until, quiet := m.Quiet.Until(at); quiet {
		return until, nil
	}
	return at, nil
}

// String is how they are kept, "" for none.
func (q Quiet) String() string {
	if q.Hours == "" {
		return ""
	}
	return q.Hours + " " + q.Zone
}

func readQuiet(text string) (q Quiet) {
	q.Hours, q.Zone, _ = strings.Cut(text, " ")
	return q
}

// SaveQuiet keeps a member's quiet hours from now on, the zero value for none.
func (m *Members) SaveQuiet(ctx context.Context, id commerce.MemberID, q Quiet) error {
	return m.change(ctx, id, func(tx *database.Tx, id commerce.MemberID) error {
		_, err := tx.Exec(`UPDATE members SET quiet = $2 WHERE id = $1`, id, q.String())
		return err
	})
}
