// Package moderation keeps a community kind: members report what others wrote,
// moderators decide about it, and whoever a decision is against is told why and
// can have somebody else look at it.
//
// It knows what members write by a kind and an id: each part that shows such
// things is a Part, and hides and restores its own. Who is a moderator, the
// configuration says. It sends nothing: what is told is a notice. Start at
// Moderation.Report, Moderation.Decide and Moderation.Answer.
package moderation

import (
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Kind is what sort of thing a member wrote.
type Kind string

// The kinds there can be.
const (
	Pick     Kind = "pick"
	Review   Kind = "review"
	Answer   Kind = "answer" // of a brand to a review, by the review's id
	Question Kind = "question"
	Reply    Kind = "reply" // of a member to a question
	// What the two sides of the exchange say of each other, by the application's id.
	ByBrand   Kind = "bybrand"
	ByCreator Kind = "bycreator"
)

// Ref names something a member wrote.
type Ref struct {
	Kind Kind
	ID   string
}

func (r Ref) String() string { return string(r.Kind) + ":" + r.ID }

// Subject is something a member wrote.
type Subject struct {
	Author commerce.MemberID // "" for nobody in the chat
	By     string            // the name it is shown under, "" for the author's own
	Title  string
	Words  string
	Photos []string         // hashes
	Video  string           // hash, "" for none
	Hidden bool             // by moderation
	Gone   bool             // not shown for another reason: withdrawn
	Others int64            // more that the author has written, counted up to MostOthers
	Under  Ref              // what it stands under: the review of an answer, the question of a reply
	Beside []Beside         // what it is read with
	Brand  commerce.BrandID // whose goods it is about, "" for no brand's alone
}

// Beside is what stands beside something and belongs to its sense: the question
// of an answer, what a brand answered to a review.
type Beside struct {
	Kind   Kind
	Author commerce.MemberID
	By     string // the name it is shown under, "" for the author's own
	Words  string
}

// MostOthers is how far what somebody has written is counted.
const MostOthers = 100

// Part shows what members write. Hide and Restore do nothing the second time;
// what is restored is as it was.
type Part interface {
	// Look returns ErrUnknown where there is no such thing.
	Look(tx *database.Tx, id string) (Subject, error)
	Hide(tx *database.Tx, id string) error
	Restore(tx *database.Tx, id string) error
}

// Reason is why something is reported, or a decision is made: a rule of the house.
type Reason string

// The reasons, with how bad each is: what is worse is looked at first.
const (
	Danger  Reason = "danger"
	Hate    Reason = "hate"
	Sexual  Reason = "sexual"
	Private Reason = "private"
	Fraud   Reason = "fraud"
	Ad      Reason = "ad"
	Spam    Reason = "spam"
	Other   Reason = "other"
)

// Reasons are all of them, the worst first.
var Reasons = []Reason{Danger, Hate, Sexual, Private, Fraud, Ad, Spam, Other}

var severity = map[Reason]int64{Danger: 4, Hate: 3, Sexual: 3, Private: 3, Fraud: 2, Ad: 1, Spam: 1, Other: 1}

// severe is how bad it is that moderators are told at once.
const severe = 3

// Errors of moderation.
var (
	ErrUnknown  = &commerce.Error{Kind: commerce.NotFound, Message: "moderation.unknown"}
	ErrOwn      = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.own"}
	ErrReported = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.reported"}
	ErrMany     = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.many"}
	ErrDecided  = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.decided"}
	ErrOther    = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.other"}  // somebody else answers
	ErrFrozen   = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.frozen"} // its argument "at" is until when, a time.Time
	ErrBrand    = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.brand"}  // they work for whom it is about
	ErrBanned   = &commerce.Error{Kind: commerce.Conflict, Message: "moderation.banned"}
)

// Config is what a Moderation needs.
type Config struct {
	DB    *database.DB
	Clock commerce.Clock
	IDs   commerce.IDSource
	Parts map[Kind]Part
	// Moderators are the people who decide, now, each with all their accounts.
	Moderators func() [][]commerce.MemberID
	// Staff returns who works for a brand: they decide nothing about what is said
	// of its goods. It must not need the database; nil for nobody.
	Staff func(commerce.BrandID) []commerce.MemberID
}

// Moderation is what is reported and decided.
type Moderation struct{ Config }

// New makes a Moderation.
func New(c Config) *Moderation { return &Moderation{c} }

// look reads what a member wrote.
func (m *Moderation) look(tx *database.Tx, r Ref) (Subject, error) {
	part, ok := m.Parts[r.Kind]
	if !ok {
		return Subject{}, ErrUnknown
	}
	return part.Look(tx, r.ID)
}

// others are the accounts of the moderators who may look at what one of them
// decided against a member: all people but these two.
func (m *Moderation) others(by, against commerce.MemberID) (list []commerce.MemberID) {
	for _, person := range m.Moderators() {
		if !slices.Contains(person, by) && !slices.Contains(person, against) {
			list = append(list, person...)
		}
	}
	return list
}

// Others are the moderators, with all their accounts, who may decide something for
// a member: all but the member.
func (m *Moderation) Others(member commerce.MemberID) []commerce.MemberID {
	return m.others("", member)
}

// Same reports whether two members are one person, as far as the staff goes.
func (m *Moderation) Same(a, b commerce.MemberID) bool { return m.same(a, b) }

// worksFor reports whether somebody works for a brand, with any of their accounts.
func (m *Moderation) worksFor(b commerce.BrandID, who commerce.MemberID) bool {
	return b != "" && m.Staff != nil && slices.ContainsFunc(m.Staff(b), func(one commerce.MemberID) bool { return m.same(one, who) })
}

// same reports whether two members are one person, as far as the staff goes.
func (m *Moderation) same(a, b commerce.MemberID) bool {
	return a == b || slices.ContainsFunc(m.Moderators(), func(person []commerce.MemberID) bool { return slices.Contains(person, a) && slices.Contains(person, b) })
}

// May returns ErrFrozen or ErrBanned where a member may not post now. Every part
// asks it in the transaction that would show what they wrote.
func May(tx *database.Tx, who commerce.MemberID, now time.Time) error {
	if who == "" {
		return nil
	}
	var banned, until int64
	if err := tx.Row(`SELECT COALESCE(MAX(CASE WHEN kind = 'ban' THEN 1 ELSE 0 END), 0), COALESCE(MAX(until), 0) FROM measures
		WHERE member_id = $1 AND lifted_at = 0 AND (kind = 'ban' OR kind = 'freeze' AND until > $2)`, who, commerce.Micros(now)).Scan(&banned, &until); err != nil {
		return err
	}
	switch {
	case banned > 0:
		return ErrBanned
	case until > 0:
		return ErrFrozen.With("at", commerce.FromMicros(until))
	}
	return nil
}

func staff(by commerce.MemberID) string { return "staff:" + string(by) }
