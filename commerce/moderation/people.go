package moderation

// What becomes of reports and measures when a member links their accounts, has
// themselves erased, or takes along what is known of them.

import (
	"context"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Link moves what is of a member who has become another: of two reports about
// the same thing one stays. It is for members.OnLink.
func (m *Moderation) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, do := range []string{
		`DELETE FROM reports WHERE member_id = $2 AND EXISTS (SELECT 1 FROM reports AS k WHERE k.member_id = $1 AND k.kind = reports.kind AND k.subject_id = reports.subject_id)`,
		`UPDATE reports SET member_id = $1 WHERE member_id = $2`,
		`UPDATE cases SET member_id = $1 WHERE member_id = $2`,
		`UPDATE measures SET member_id = $1 WHERE member_id = $2`,
		`UPDATE measures SET made_by = $1 WHERE made_by = $2`,
		`UPDATE measures SET answered_by = $1 WHERE answered_by = $2`,
		`UPDATE moderation_salts SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	return nil
}

// Erase forgets what a member has reported, and all words from and to them. What
// is hidden stays hidden. It is for members.OnErase.
func (m *Moderation) Erase(tx *database.Tx, who commerce.MemberID) error {
	for _, do := range []string{
		`DELETE FROM reports WHERE member_id = $1`,
		`DELETE FROM moderation_salts WHERE member_id = $1`, // and nobody can guess any more what they said
		`UPDATE cases SET member_id = '', state = 'closed', word = '' WHERE member_id = $1`,
		`UPDATE measures SET member_id = '', words = '', plea = '', answer = '', appeal = CASE WHEN appeal = 'open' THEN 'kept' ELSE appeal END WHERE member_id = $1`,
	} {
		if _, err := tx.Exec(do, who); err != nil {
			return err
		}
	}
	return nil
}

// Exported is what a member takes along.
type Exported struct {
	Reports  []ExportedReport  `json:"reports"`
	Measures []ExportedMeasure `json:"measures"`
}

// ExportedReport is a report that the member made.
type ExportedReport struct {
	About  string    `json:"about"`
	Reason Reason    `json:"reason"`
	Words  string    `json:"words,omitempty"`
	At     time.Time `json:"at"`
}

// ExportedMeasure is what was decided against the member.
type ExportedMeasure struct {
	Kind   string     `json:"kind"`
	About  string     `json:"about"`
	Reason Reason     `json:"reason"`
	Words  string     `json:"words,omitempty"`
	Made   time.Time  `json:"made"`
	Until  *time.Time `json:"until,omitempty"`
	Lifted *time.Time `json:"lifted,omitempty"`
	Plea   string     `json:"plea,omitempty"`
	Appeal Appeal     `json:"appeal,omitempty"`
	Answer string     `json:"answer,omitempty"`
}

// Export lists what a member has reported, and what was decided against them.
// Who decided is not told.
func (m *Moderation) Export(ctx context.Context, who commerce.MemberID) (e Exported, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) error {
		e = Exported{Reports: []ExportedReport{}, Measures: []ExportedMeasure{}}
		if err := tx.Rows(`SELECT kind, subject_id, reason, words, at FROM reports WHERE member_id = $1 ORDER BY at, kind, subject_id`, []any{who}, func(scan func(...any) error) error {
			var r Ref
			var at int64
			one := ExportedReport{}
			err := scan(&r.Kind, &r.ID, &one.Reason, &one.Words, &at)
			one.About, one.At = r.String(), commerce.FromMicros(at)
			e.Reports = append(e.Reports, one)
			return err
		}); err != nil {
			return err
		}
		list, err := measuresWhere(tx, `member_id = $1 AND member_id <> '' ORDER BY made_at, id`, who)
		for _, one := range list {
			out := ExportedMeasure{Kind: one.Kind, About: one.About.String(), Reason: one.Reason, Words: one.Words, Made: one.MadeAt, Plea: one.Plea, Appeal: one.Appeal, Answer: one.Answer}
			if !one.Until.IsZero() {
				out.Until = &one.Until
			}
			if !one.LiftedAt.IsZero() {
				out.Lifted = &one.LiftedAt
			}
			e.Measures = append(e.Measures, out)
		}
		return err
	})
	return e, err
}
