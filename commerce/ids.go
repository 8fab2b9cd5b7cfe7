package commerce

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// Ids are distinct types so that one cannot be passed for another. Those of
// products, variants, picks, creators, brands and orders are short public ids:
// at most 10 lower-case letters and digits, so that a path of a few of them
// fits a button.
type (
	BrandID       string
	ProductID     string
	VariantID     string
	CreatorID     string
	PickID        string
	CommunityID   string
	MemberID      string
	OrderID       string
	HoldID        string
	PaymentID     string
	RefundID      string
	NoticeID      string
	DropID        string
	EntryID       string // of a member in a drop
	PlaceID       string // of a member on a waitlist
	ApplicationID string
	BoardID       string // of what a member keeps
	DraftID       string // of a post
	ReviewID      string
	QuestionID    string // about a product
	BriefID       string // of a brand that offers samples
	BidID         string // of a creator for one of them
)

// IDSource makes new random ids. It is passed in, so that tests can repeat.
type IDSource interface {
	// ID returns a new short public id: 10 letters and digits, 50 random bits.
	// Where a collision would hurt, a primary key refuses it.
	ID() string
	// Token returns a new secret of 128 random bits in 26 letters and digits,
	// fit for a link that whoever holds may use.
	Token() string
}

// RandomIDs is the IDSource of the running program.
type RandomIDs struct{}

func (RandomIDs) ID() string    { return strings.ToLower(rand.Text()[:10]) }
func (RandomIDs) Token() string { return strings.ToLower(rand.Text()) }

// PublicID makes the short public id of something declared in a file or a
// feed: the name itself where it is one already, else a digest of the parts,
// so that the same declaration always has the same id.
func PublicID(parts ...string) string {
	if len(parts) == 1 && IsPublicID(parts[0]) {
		return parts[0]
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:])[:10])
}

// IsPublicID reports whether s is 1 to 10 lower-case letters and digits.
func IsPublicID(s string) bool {
	if s == "" || len(s) > 10 {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return true
}
