package earnings

// Who says that a receipt is wrong, and what the staff decides. The rules are:
//   - The earner and the buyer may say so, each once for a receipt, with words; the
//     buyer may name another pick of the product that they opened.
//   - The staff reads the very receipt. It stays as it is, is taken back, or moves
//     to a creator whom the order's record or the buyer names; each with a reason
//     that both read, and in the log that nobody can edit (commerce/moderation).
//   - Only what still waits or is not spent is moved: what is spent stays spent.
//   - It is decided once. What goes back of the line later takes its part of what
//     is left, of the old receipt and of the new one.
//   - Nobody decides about what is theirs, with whichever of their accounts. All
//     others who decide hear of it at once.

import (
	"context"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
)

// Ruling is how an objection stands.
type Ruling string

const (
	Open   Ruling = "open"
	Stands Ruling = "stands" // the receipt stays as it is
	Taken  Ruling = "back"   // it is taken back
	Moved  Ruling = "moved"  // it is somebody else's
)

// Objection is what somebody says is wrong with a receipt.
type Objection struct {
	ID      string
	Earning string
	Member  commerce.MemberID // who says so
	Pick    commerce.PickID   // that the buyer says it was, "" for none
	Words   string
	State   Ruling
	To      commerce.CreatorID // moved
	Amount  int64              // taken or moved, in the receipt's unit
	Reason  string
	At      time.Time
	Decided time.Time
}

const (
	// MaxWords is how long what is said of a receipt may be.
	MaxWords    = 500
	mostTargets = 8
	// MostOpen is how far open objections are counted.
	MostOpen = 100
)

// Errors about objections.
var (
	ErrObjected = &commerce.Error{Kind: commerce.Conflict, Message: "objection.already"}
	ErrDecided  = &commerce.Error{Kind: commerce.Conflict, Message: "objection.decided"}
	ErrMine     = &commerce.Error{Kind: commerce.Conflict, Message: "objection.own"}
	ErrNothing  = &commerce.Error{Kind: commerce.Conflict, Message: "objection.nothing"} // all is spent, or went back
	ErrNotTo    = &commerce.Error{Kind: commerce.Conflict, Message: "objection.notto"}
)

func objections(tx *database.Tx, where string, args ...any) (list []Objection, err error) {
	err = tx.Rows(`SELECT id, earning_id, member_id, pick_id, words, state, creator_id, amount, reason, made_at, decided_at FROM objections WHERE `+where, args, func(scan func(...any) error) error {
		var o Objection
		var at, decided int64
		err := scan(&o.ID, &o.Earning, &o.Member, &o.Pick, &o.Words, &o.State, &o.To, &o.Amount, &o.Reason, &at, &decided)
		o.At, o.Decided = commerce.FromMicros(at), commerce.FromMicros(decided)
		list = append(list, o)
		return err
	})
	return list, err
}

// seen reads a receipt and its order, for who is told what it says: its earner,
// or the buyer, unless it is for bringing them in.
func seen(tx *database.Tx, who commerce.MemberID, id string) (x Earning, o orders.Order, err error) {
	list, err := where(tx, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return x, o, err
	}
	x = list[0]
	o, err = orders.Load(tx, "id = $1", x.Order)
	if err == nil && (who == "" || who != x.Member && (who != o.Member || x.Why == Brought)) {
		err = ErrUnknown
	}
	return x, o, err
}

// Said is a receipt with what was said of it.
type Said struct {
	Earning
	Buyer      bool        // whoever reads it is
	Objections []Objection // one of each person at most
	Picks      []creators.Pick
}

// Mine returns what somebody has said of it.
func (s Said) Mine(m commerce.MemberID) (Objection, bool) {
	i := slices.IndexFunc(s.Objections, func(o Objection) bool { return o.Member == m })
	if i < 0 {
		return Objection{}, false
	}
	return s.Objections[i], true
}

// SaidOf returns a receipt with what was said of it, to its earner or buyer, who
// sees by which other picks they may have come.
func (e *Earnings) SaidOf(ctx context.Context, who commerce.MemberID, id string) (s Said, err error) {
	var o orders.Order
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		if s.Earning, o, err = seen(tx, who, id); err != nil {
			return err
		}
		s.Buyer = who == o.Member
		s.Objections, err = objections(tx, `earning_id = $1 ORDER BY made_at LIMIT 10`, id)
		return err
	})
	if err == nil && s.Buyer {
		s.Picks, err = e.otherPicks(ctx, o, s.Earning)
	}
	return s, err
}

// otherPicks are picks of the product of a receipt that the buyer opened, of other
// creators who recommend, one of each.
func (e *Earnings) otherPicks(ctx context.Context, o orders.Order, x Earning) (list []creators.Pick, err error) {
	if e.Taps == nil || x.Position < 0 {
		return nil, nil
	}
	taps, err := e.Taps(ctx, o.Member)
	if err != nil {
		return nil, err
	}
	product := o.Lines[x.Position].Product
	picks := map[commerce.PickID]opened{}
	for _, t := range taps {
		if err := e.open(ctx, picks, o.Member, t.Pick, t.First, t.Last); err != nil {
			return nil, err
		}
		p, ok := picks[t.Pick]
		if ok && len(list) < mostTargets && p.pick.Creator != x.Creator && slices.ContainsFunc(p.pick.Items, func(i creators.Item) bool { return i.Product == product }) &&
			!slices.ContainsFunc(list, func(has creators.Pick) bool { return has.Creator == p.pick.Creator }) {
			list = append(list, p.pick)
		}
	}
	return list, nil
}

// Object says that a receipt is wrong; the pick is one that SaidOf offers, or "".
// It returns ErrUnknown for what is not theirs to see, and ErrObjected the second
// time.
func (e *Earnings) Object(ctx context.Context, who commerce.MemberID, id string, pick commerce.PickID, words string) error {
	said, err := e.SaidOf(ctx, who, id)
	if err == nil && pick != "" && !slices.ContainsFunc(said.Picks, func(p creators.Pick) bool { return p.ID == pick }) {
		err = ErrUnknown
	}
	if err != nil {
		return err
	}
	now := e.Clock.Now()
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		x, o, err := seen(tx, who, id)
		if err != nil {
			return err
		}
		one := e.IDs.ID()
		n, err := tx.Exec(`INSERT INTO objections (id, earning_id, member_id, pick_id, words, state, made_at) VALUES ($1, $2, $3, $4, $5, 'open', $6) ON CONFLICT DO NOTHING`,
			one, id, who, pick, words, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrObjected
		}
		if err != nil {
			return err
		}
		for _, admin := range e.others(who, x.Member, o.Member) {
			if _, err := notices.Add(tx, e.IDs, now, notices.Notice{Kind: notices.StaffObjection, Member: admin, Args: map[string]string{"objection": one},
				Once: notices.StaffObjection + ":" + one + ":" + string(admin)}); err != nil {
				return err
			}
		}
		return moderation.Append(tx, e.IDs, moderation.Entry{At: now, What: "object", About: about(id), Measure: one, Member: x.Member, Words: words, Speaker: who})
	})
}

// admins are the people who decide, each with all their accounts.
func (e *Earnings) admins() [][]commerce.MemberID {
	if e.Admins == nil {
		return nil
	}
	return e.Admins()
}

// others are the accounts of all who decide but of those whom it concerns.
func (e *Earnings) others(concerned ...commerce.MemberID) (list []commerce.MemberID) {
	for _, person := range e.admins() {
		if !slices.ContainsFunc(person, func(m commerce.MemberID) bool { return slices.Contains(concerned, m) }) {
			list = append(list, person...)
		}
	}
	return list
}

// same reports whether who decides is one of these, with any of their accounts.
func (e *Earnings) same(by commerce.MemberID, concerned ...commerce.MemberID) bool {
	return slices.Contains(concerned, by) || slices.ContainsFunc(e.admins(), func(person []commerce.MemberID) bool {
		return slices.Contains(person, by) && slices.ContainsFunc(person, func(m commerce.MemberID) bool { return slices.Contains(concerned, m) })
	})
}

func about(id string) moderation.Ref { return moderation.Ref{Kind: "earning", ID: id} }

// Objections returns what waits for a decision, the oldest first, and how many
// wait, counted up to MostOpen.
func (e *Earnings) Objections(ctx context.Context, n int) (list []Objection, all int64, err error) {
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		if list, err = objections(tx, `state = 'open' ORDER BY made_at, id LIMIT $1`, n); err != nil {
			return err
		}
		return tx.Row(`SELECT COUNT(*) FROM (SELECT id FROM objections WHERE state = 'open' ORDER BY made_at, id LIMIT $1) waits`, MostOpen).Scan(&all)
	})
	return list, all, err
}

func linkObjections(tx *database.Tx, keep, gone commerce.MemberID) error {
	for _, do := range []string{
		`DELETE FROM objections WHERE member_id = $2 AND EXISTS (SELECT 1 FROM objections AS k WHERE k.member_id = $1 AND k.earning_id = objections.earning_id)`,
		`UPDATE objections SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	return nil
}

// eraseObjections forgets what an erased member has said; what was decided stays.
func eraseObjections(tx *database.Tx, m commerce.MemberID) error {
	for _, do := range []string{
		`DELETE FROM objections WHERE member_id = $1 AND state = 'open'`,
		`UPDATE objections SET member_id = '', words = '' WHERE member_id = $1`,
	} {
		if _, err := tx.Exec(do, m); err != nil {
			return err
		}
	}
	return nil
}

// ExportedObjection is what a member has said of a receipt.
type ExportedObjection struct {
	At      time.Time `json:"at"`
	Receipt string    `json:"receipt"`
	Words   string    `json:"words"`
	State   Ruling    `json:"state"`
	Reason  string    `json:"reason,omitempty"`
}

// ExportObjections returns what a member has said of receipts, the newest first.
// It is for members.OnExport.
func (e *Earnings) ExportObjections(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	out := []ExportedObjection{}
	err = e.DB.Read(ctx, func(tx *database.Tx) error {
		out = []ExportedObjection{}
		list, err := objections(tx, `member_id = $1 AND member_id <> '' ORDER BY made_at DESC LIMIT 10000`, m)
		for _, o := range list {
			out = append(out, ExportedObjection{o.At, o.Earning, o.Words, o.State, o.Reason})
		}
		return err
	})
	return "objections", out, err
}
