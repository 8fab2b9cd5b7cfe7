package moderation

// What moderators decide. The rules:
//   - each decision has a reason, which is told to whom it is against; nobody
//     decides about their own, nor about what is said of the goods of a brand they
//     work for.
//   - two who press at once decide once: the second is told.
//   - what a word holds back stays in the queue until it is shown or hidden: a
//     warning alone leaves it there.
//   - a hidden thing is in no list; restored it is as it was. Who is warned is
//     told and nothing else; who is frozen cannot post for a time; who is banned
//     neither posts nor applies.
//   - whoever it is against may appeal once, with words. Somebody else answers,
//     who lifts it or keeps it. Where there is nobody else the same person looks
//     again, and the member is told so.

import (
	"context"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// The kinds of measures.
const (
	Hide   = "hide"
	Warn   = "warn"
	Freeze = "freeze"
	Ban    = "ban"
)

// Appeal is how far an appeal has come.
type Appeal string

// The states of an appeal; "" is none.
const (
	Asked   Appeal = "open"
	Granted Appeal = "granted"
	Kept    Appeal = "kept"
)

// Measure is what was decided.
type Measure struct {
	ID       string
	Kind     string
	About    Ref
	Member   commerce.MemberID // whom it is against, "" for nobody in the chat
	Reason   Reason
	Words    string
	Until    time.Time // of a freeze
	MadeAt   time.Time
	MadeBy   commerce.MemberID
	LiftedAt time.Time // zero while it stands
	Appeal   Appeal
	Plea     string // the member's words
	Answer   string
	AskedAt  time.Time
	Answerer commerce.MemberID
}

// Stands reports whether it is in force.
func (m Measure) Stands(now time.Time) bool {
	return m.LiftedAt.IsZero() && (m.Until.IsZero() || now.Before(m.Until))
}

// Decision is what a moderator decides about a case.
type Decision struct {
	By     commerce.MemberID
	About  Ref
	Kind   string
	For    time.Duration // of a freeze
	Reason Reason
	Words  string // to the member
}

// Decide makes a measure and closes the case. It returns ErrOwn, ErrDecided where
// the same was decided already, and ErrUnknown.
func (m *Moderation) Decide(ctx context.Context, d Decision) (made Measure, err error) {
	now := m.Clock.Now()
	err = m.DB.Write(ctx, func(tx *database.Tx) error {
		about, err := m.take(tx, d.By, d.About, d.Kind)
		if err != nil {
			return err
		}
		made = Measure{ID: m.IDs.ID(), Kind: d.Kind, About: d.About, Member: about.Author, Reason: d.Reason, Words: d.Words, MadeAt: now, MadeBy: d.By}
		if d.Kind == Freeze {
			made.Until = now.Add(d.For)
		}
		if severity[d.Reason] == 0 || d.Kind != Hide && made.Member == "" {
			return ErrUnknown // there is nobody to warn
		}
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM measures WHERE about = $1 AND subject_id = $2 AND kind = $3 AND lifted_at = 0`, d.About.Kind, d.About.ID, d.Kind).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return ErrDecided
		}
		if d.Kind == Hide {
			if err := m.Parts[d.About.Kind].Hide(tx, d.About.ID); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO measures (id, kind, about, subject_id, member_id, reason, words, until, made_at, made_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			made.ID, made.Kind, made.About.Kind, made.About.ID, made.Member, made.Reason, made.Words, commerce.Micros(made.Until), commerce.Micros(now), made.MadeBy); err != nil {
			return err
		}
		if err := m.tell(tx, notices.ModerationMade, made, now); err != nil {
			return err
		}
		return m.log(tx, line{at: now, actor: staff(d.By), what: d.Kind, about: d.About, measure: made.ID, member: made.Member, reason: d.Reason, words: d.Words})
	})
	return made, err
}

// Fine closes a case: there is nothing wrong with it, and what was held back is
// shown. It returns ErrDecided for one that is closed, and ErrOwn.
func (m *Moderation) Fine(ctx context.Context, by commerce.MemberID, r Ref) error {
	now := m.Clock.Now()
	return m.DB.Write(ctx, func(tx *database.Tx) error {
		c, err := caseOf(tx, r)
		if err == nil && !c.Open {
			err = ErrDecided
		}
		if err != nil {
			return err
		}
		about, err := m.take(tx, by, r, "")
		if err != nil {
			return err
		}
		hidden, err := Hides(tx, r)
		if err != nil {
			return err
		}
		if c.Word != "" && !hidden {
			if err := m.Parts[r.Kind].Restore(tx, r.ID); err != nil {
				return err
			}
			if _, err := m.note(tx, notices.ModerationShown, about.Author, map[string]string{"kind": string(r.Kind), "id": r.ID}, r.String()+":"+m.IDs.ID(), now); err != nil {
				return err
			}
		}
		return m.log(tx, line{at: now, actor: staff(by), what: "fine", about: r, member: about.Author})
	})
}

// take closes a case for who decides it, a kind of measure or "": of two at once
// the second waits here.
func (m *Moderation) take(tx *database.Tx, by commerce.MemberID, r Ref, kind string) (Subject, error) {
	about, err := m.look(tx, r)
	if err != nil {
		return about, err
	}
	if m.same(about.Author, by) {
		return about, ErrOwn
	}
	if m.worksFor(about.Brand, by) {
		return about, ErrBrand
	}
	closes := 1
	if kind != "" && kind != Hide {
		closes = 0 // where a word holds it back
	}
	n, err := tx.Exec(`UPDATE cases SET state = CASE WHEN word <> '' AND $3 = 0 THEN state ELSE 'closed' END WHERE kind = $1 AND subject_id = $2`, r.Kind, r.ID, closes)
	if err == nil && n == 0 {
		err = ErrUnknown
	}
	return about, err
}

// Hides reports whether a decision hides something.
func Hides(tx *database.Tx, r Ref) (bool, error) {
	n := 0
	err := tx.Row(`SELECT COUNT(*) FROM measures WHERE about = $1 AND subject_id = $2 AND kind = 'hide' AND lifted_at = 0`, r.Kind, r.ID).Scan(&n)
	return n > 0, err
}

// Lift takes a measure back. It returns ErrDecided where it does not stand any
// more, and ErrOwn.
func (m *Moderation) Lift(ctx context.Context, by commerce.MemberID, id string) error {
	now := m.Clock.Now()
	return m.DB.Write(ctx, func(tx *database.Tx) error {
		was, err := measureOf(tx, id)
		if err == nil && m.same(was.Member, by) {
			err = ErrOwn
		}
		if err == nil && was.Appeal == Asked {
			err = ErrOther // it is answered
		}
		if err != nil {
			return err
		}
		if about, err := m.look(tx, was.About); err != nil && err != ErrUnknown {
			return err
		} else if m.worksFor(about.Brand, by) {
			return ErrBrand
		}
		if err := m.lift(tx, was, now); err != nil {
			return err
		}
		if err := m.tell(tx, notices.ModerationLifted, was, now); err != nil {
			return err
		}
		return m.log(tx, line{at: now, actor: staff(by), what: "lift", about: was.About, measure: id, member: was.Member})
	})
}

func (m *Moderation) lift(tx *database.Tx, was Measure, now time.Time) error {
	n, err := tx.Exec(`UPDATE measures SET lifted_at = $2 WHERE id = $1 AND lifted_at = 0`, was.ID, commerce.Micros(now))
	if err == nil && n == 0 {
		err = ErrDecided
	}
	if err != nil || was.Kind != Hide {
		return err
	}
	return m.Parts[was.About.Kind].Restore(tx, was.About.ID)
}

// Appeal asks for somebody else to look at a measure again. Alone says that there
// is nobody else who could. It returns ErrUnknown for another's, and ErrDecided
// where it was asked for before or the measure does not stand.
func (m *Moderation) Appeal(ctx context.Context, who commerce.MemberID, id, words string) (alone bool, err error) {
	now := m.Clock.Now()
	err = m.DB.Write(ctx, func(tx *database.Tx) error {
		was, err := measureOf(tx, id)
		if err == nil && (was.Member != who || who == "") {
			err = ErrUnknown
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE measures SET appeal = 'open', plea = $2, appealed_at = $3 WHERE id = $1 AND appeal = '' AND lifted_at = 0`, id, words, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrDecided
		}
		if err != nil {
			return err
		}
		whom := m.others(was.MadeBy, was.Member)
		if alone = len(whom) == 0; alone {
			whom = m.others("", was.Member)
		}
		for _, one := range whom {
			if _, err := m.note(tx, notices.StaffAppeal, one, map[string]string{"measure": id}, id+":"+string(one), now); err != nil {
				return err
			}
		}
		return m.log(tx, line{at: now, actor: "member", what: "appeal", about: was.About, measure: id, member: was.Member, words: words})
	})
	return alone, err
}

// Answer decides an appeal: granted, the measure is lifted. It returns ErrOther
// where the one who decided would decide again and somebody else could, ErrOwn,
// and ErrDecided where somebody was faster.
func (m *Moderation) Answer(ctx context.Context, by commerce.MemberID, id string, grant bool, words string) error {
	now := m.Clock.Now()
	return m.DB.Write(ctx, func(tx *database.Tx) error {
		was, err := measureOf(tx, id)
		if err != nil {
			return err
		}
		if err := m.MayAnswer(by, was); err != nil {
			return err
		}
		about, err := m.look(tx, was.About)
		if err != nil && err != ErrUnknown {
			return err
		}
		if m.worksFor(about.Brand, by) && slices.ContainsFunc(m.others(was.MadeBy, was.Member), func(one commerce.MemberID) bool { return !m.worksFor(about.Brand, one) }) {
			return ErrBrand // somebody else can
		}
		how, what := Kept, "keep"
		if grant {
			how, what = Granted, "grant"
		}
		n, err := tx.Exec(`UPDATE measures SET appeal = $2, answer = $3, answered_by = $4, answered_at = $5 WHERE id = $1 AND appeal = 'open'`, id, how, words, by, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrDecided
		}
		if err != nil {
			return err
		}
		if grant {
			if err := m.lift(tx, was, now); err != nil {
				return err
			}
		}
		if err := m.tell(tx, notices.ModerationAnswered, was, now); err != nil {
			return err
		}
		return m.log(tx, line{at: now, actor: staff(by), what: what, about: was.About, measure: id, member: was.Member, words: words})
	})
}

// MayAnswer returns ErrOwn, or ErrOther where somebody else has to answer.
func (m *Moderation) MayAnswer(by commerce.MemberID, was Measure) error {
	switch {
	case m.same(by, was.Member):
		return ErrOwn
	case m.same(by, was.MadeBy) && len(m.others(was.MadeBy, was.Member)) > 0:
		return ErrOther
	}
	return nil
}

// Elsewhere reports whether an appeal was answered by somebody else than who decided.
func (m *Moderation) Elsewhere(was Measure) bool { return !m.same(was.MadeBy, was.Answerer) }

// Alone reports whether nobody but who decided can look at a measure again.
func (m *Moderation) Alone(was Measure) bool { return len(m.others(was.MadeBy, was.Member)) == 0 }

func (m *Moderation) tell(tx *database.Tx, kind string, about Measure, now time.Time) error {
	_, err := m.note(tx, kind, about.Member, map[string]string{"measure": about.ID}, about.ID, now)
	return err
}

func (m *Moderation) note(tx *database.Tx, kind string, whom commerce.MemberID, args map[string]string, once string, now time.Time) (bool, error) {
	if whom == "" {
		return false, nil
	}
	return notices.Add(tx, m.IDs, now, notices.Notice{Kind: kind, Member: whom, Args: args, Once: kind + ":" + once})
}

// Measure returns a measure, or ErrUnknown.
func (m *Moderation) Measure(ctx context.Context, id string) (one Measure, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) (err error) {
		one, err = measureOf(tx, id)
		return err
	})
	return one, err
}

// HiddenBy returns the measure that hides something, or ErrUnknown.
func (m *Moderation) HiddenBy(ctx context.Context, r Ref) (one Measure, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := measuresWhere(tx, `about = $1 AND subject_id = $2 AND kind = 'hide' AND lifted_at = 0`, r.Kind, r.ID)
		if err == nil && len(list) == 0 {
			return ErrUnknown
		}
		if err == nil {
			one = list[0]
		}
		return err
	})
	return one, err
}

// Appeals lists at most n appeals that wait, the longest first, and how many
// there are, of which at most a thousand are counted.
func (m *Moderation) Appeals(ctx context.Context, n int) (list []Measure, all int64, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) error {
		if err := tx.Row(`SELECT COUNT(*) FROM (SELECT id FROM measures WHERE appeal = 'open' ORDER BY appealed_at, id LIMIT 1000) a`).Scan(&all); err != nil {
			return err
		}
		list, err = measuresWhere(tx, `appeal = 'open' ORDER BY appealed_at, id LIMIT $1`, n)
		return err
	})
	return list, all, err
}

// Against lists at most n measures against a member, the newest first.
func (m *Moderation) Against(ctx context.Context, who commerce.MemberID, n int) (list []Measure, err error) {
	err = m.DB.Read(ctx, func(tx *database.Tx) (err error) {
		list, err = measuresWhere(tx, `member_id = $1 AND member_id <> '' ORDER BY made_at DESC, id LIMIT $2`, who, n)
		return err
	})
	return list, err
}

const measureColumns = `id, kind, about, subject_id, member_id, reason, words, until, made_at, made_by, lifted_at, appeal, plea, answer, appealed_at, answered_by`

func measureOf(tx *database.Tx, id string) (Measure, error) {
	list, err := measuresWhere(tx, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Measure{}, err
	}
	return list[0], nil
}

func measuresWhere(tx *database.Tx, where string, args ...any) (list []Measure, err error) {
	err = tx.Rows(`SELECT `+measureColumns+` FROM measures WHERE `+where, args, func(scan func(...any) error) error {
		var m Measure
		var until, made, lifted, asked int64
		err := scan(&m.ID, &m.Kind, &m.About.Kind, &m.About.ID, &m.Member, &m.Reason, &m.Words, &until, &made, &m.MadeBy, &lifted, &m.Appeal, &m.Plea, &m.Answer, &asked, &m.Answerer)
		m.Until, m.MadeAt, m.LiftedAt, m.AskedAt = commerce.FromMicros(until), commerce.FromMicros(made), commerce.FromMicros(lifted), commerce.FromMicros(asked)
		list = append(list, m)
		return err
	})
	return list, err
}
