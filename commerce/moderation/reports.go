package moderation

// How something is reported. The rules:
//   - a member reports a thing once, and not their own; many in a day are none.
//   - what is reported waits in a queue, the worst first and of those what most
//     reported: one case a subject, however many report it.
//   - moderators are told when the queue begins, and of what is bad at once.
//   - a case that was closed opens again with the next report, and counts anew:
//     many who report what was looked at begin at one.

import (
	"context"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

const mostReports = 20 // of a member in a day

const day = 24 * time.Hour

// MaxWords is how many characters of words are kept.
const MaxWords = 500

// Report files a member's report. It returns ErrUnknown for what is not shown
// any more, ErrOwn, ErrReported for the second and ErrMany.
func (m *Moderation) Report(ctx context.Context, who commerce.MemberID, r Ref, why Reason, words string) error {
	if severity[why] == 0 {
		why = Other
	}
	now := m.Clock.Now()
	return m.DB.Write(ctx, func(tx *database.Tx) error {
		about, err := m.look(tx, r)
		switch {
		case err != nil:
			return err
		case about.Hidden || about.Gone:
			return ErrUnknown
		case about.Author == who:
			return ErrOwn
		}
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM reports WHERE member_id = $1 AND at > $2`, who, commerce.Micros(now.Add(-day))).Scan(&n); err != nil {
			return err
		}
		if n >= mostReports {
			return ErrMany
		}
		did, err := tx.Exec(`INSERT INTO reports (kind, subject_id, member_id, reason, words, at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (kind, subject_id, member_id) DO NOTHING`,
			r.Kind, r.ID, who, why, words, commerce.Micros(now))
		if err == nil && did == 0 {
			err = ErrReported
		}
		if err != nil {
			return err
		}
		if err := m.open(tx, r, about.Author, severity[why], "", now); err != nil {
			return err
		}
		// Who reports is not in the log, which nobody can be taken out of.
		return m.log(tx, line{at: now, actor: "member", what: "report", about: r, member: about.Author, reason: why, words: words, speaker: who})
	})
}

// Hold has a moderator look at what a word of the lists holds back; the caller
// does not show it. It may be called again when its author has changed it.
func (m *Moderation) Hold(tx *database.Tx, r Ref, author commerce.MemberID, word string) error {
	now := m.Clock.Now()
	if err := m.open(tx, r, author, severity[Other], word, now); err != nil {
		return err
	}
	return m.log(tx, line{at: now, actor: "words", what: "hold", about: r, member: author, words: word})
}

// Mended closes the case of what was held back and has changed since, unless
// somebody reported it too.
func (m *Moderation) Mended(tx *database.Tx, r Ref) error {
	_, err := tx.Exec(`UPDATE cases SET state = CASE WHEN reports = 0 THEN 'closed' ELSE state END, word = '' WHERE kind = $1 AND subject_id = $2 AND state = 'open'`, r.Kind, r.ID)
	return err
}

// open puts a case into the queue, or makes it weigh more.
func (m *Moderation) open(tx *database.Tx, r Ref, author commerce.MemberID, weight int64, word string, now time.Time) error {
	waiting, was, n := 0, "", 1
	if err := tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM cases WHERE state = 'open' LIMIT 1) c`).Scan(&waiting); err != nil {
		return err
	}
	if err := tx.Row(`SELECT state FROM cases WHERE kind = $1 AND subject_id = $2`, r.Kind, r.ID).Scan(&was); err != nil && err != database.ErrNone {
		return err
	}
	if word != "" {
		n = 0 // nobody has reported it
	}
	if _, err := tx.Exec(`INSERT INTO cases (kind, subject_id, member_id, state, severity, reports, word, opened_at) VALUES ($1, $2, $3, 'open', $4, $5, $6, $7)
		ON CONFLICT (kind, subject_id) DO UPDATE SET state = 'open', member_id = excluded.member_id,
		severity = CASE WHEN cases.state = 'open' AND cases.severity > excluded.severity THEN cases.severity ELSE excluded.severity END,
		reports = CASE WHEN cases.state = 'open' THEN cases.reports ELSE 0 END + excluded.reports,
		word = CASE WHEN excluded.word <> '' OR cases.state <> 'open' THEN excluded.word ELSE cases.word END,
		opened_at = CASE WHEN cases.state = 'open' THEN cases.opened_at ELSE excluded.opened_at END`,
		r.Kind, r.ID, author, weight, n, word, commerce.Micros(now)); err != nil {
		return err
	}
	if was == "open" || waiting > 0 && weight < severe {
		return nil
	}
	return m.tellStaff(tx, notices.StaffReport, r, m.others("", author), fmt.Sprintf("%s:%d", r, commerce.Micros(now)), now)
}

func (m *Moderation) tellStaff(tx *database.Tx, kind string, r Ref, whom []commerce.MemberID, once string, now time.Time) error {
	for _, one := range whom {
		if _, err := notices.Add(tx, m.IDs, now, notices.Notice{Kind: kind, Member: one, Args: map[string]string{"kind": string(r.Kind), "id": r.ID},
			Once: kind + ":" + once + ":" + string(one)}); err != nil {
			return err
		}
	}
	return nil
}

// Case is something that waits for a moderator, or did.
type Case struct {
	Ref
	Subject
	Open     bool
	Severity int64
	Reports  int64  // since it was opened
	Word     string // that held it back, "" for none
	Opened   time.Time
	Said     []Said    // what was reported lately, the newest first
	Before   []Measure // against its author, the newest first
}

// Said is one report.
type Said struct {
	Reason Reason
	Words  string
	At     time.Time
}

const (
	mostSaid   = 10
	mostBefore = 10
)

// Queue lists at most n open cases as they are to be looked at, and how many
// there are.
func (m *Moderation) Queue(ctx context.Context, n int) (list []Case, all int64, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		if err := tx.Row(`SELECT COUNT(*) FROM cases WHERE state = 'open'`).Scan(&all); err != nil {
			return err
		}
		if err := tx.Rows(`SELECT `+caseColumns+` FROM cases WHERE state = 'open' ORDER BY severity DESC, reports DESC, opened_at LIMIT $1`, []any{n}, func(scan func(...any) error) error {
			c, err := scanCase(scan)
			list = append(list, c)
			return err
		}); err != nil {
			return err
		}
		for i := range list {
			var err error
			if list[i].Subject, err = m.look(tx, list[i].Ref); err != nil && err != ErrUnknown {
				return err
			}
		}
		return nil
	})
	return list, all, err
}

// Look returns a case with all that there is to know, or ErrUnknown.
func (m *Moderation) Look(ctx context.Context, r Ref) (c Case, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) (err error) {
		if c, err = caseOf(tx, r); err != nil {
			return err
		}
		if c.Subject, err = m.look(tx, r); err != nil {
			return err
		}
		if err := tx.Rows(`SELECT reason, words, at FROM reports WHERE kind = $1 AND subject_id = $2 ORDER BY at DESC LIMIT $3`, []any{r.Kind, r.ID, mostSaid}, func(scan func(...any) error) error {
			var s Said
			var at int64
			err := scan(&s.Reason, &s.Words, &at)
			s.At = commerce.FromMicros(at)
			c.Said = append(c.Said, s)
			return err
		}); err != nil || c.Author == "" {
			return err
		}
		c.Before, err = measuresWhere(tx, `member_id = $1 ORDER BY made_at DESC, id LIMIT $2`, c.Author, mostBefore)
		return err
	})
	return c, err
}

// Subject returns what a member wrote, or ErrUnknown.
func (m *Moderation) Subject(ctx context.Context, r Ref) (s Subject, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) (err error) {
		s, err = m.look(tx, r)
		return err
	})
	return s, err
}

const caseColumns = `kind, subject_id, member_id, state, severity, reports, word, opened_at`

func scanCase(scan func(...any) error) (c Case, err error) {
	var state string
	var opened int64
	err = scan(&c.Kind, &c.ID, &c.Author, &state, &c.Severity, &c.Reports, &c.Word, &opened)
	c.Open, c.Opened = state == "open", commerce.FromMicros(opened)
	return c, err
}

func caseOf(tx *database.Tx, r Ref) (Case, error) {
	c, err := scanCase(tx.Row(`SELECT `+caseColumns+` FROM cases WHERE kind = $1 AND subject_id = $2`, r.Kind, r.ID).Scan)
	if err == database.ErrNone {
		err = ErrUnknown
	}
	return c, err
}

// HeldFor returns the word for which something is held back, "" for none.
func (m *Moderation) HeldFor(ctx context.Context, r Ref) (word string, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) error {
		c, err := caseOf(tx, r)
		if err == ErrUnknown {
			err = nil
		}
		word = c.Word
		return err
	})
	return word, err
}
