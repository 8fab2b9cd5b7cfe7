// Package promotions knows what may be taken off prices beside the price list:
// codes that members type, single-use codes made in batches, offers they claim
// with a tap, creators' codes. It counts who uses what and keeps the limits.
//
// What they take off an order is pricing's to work out, and when they are used
// is checkout's to say; this package shows nothing and sells nothing. The rules:
//   - The YAML declares them; SQL keeps what is counted, claimed and used.
//   - What waits for a member is tried at each of their orders until it is used
//     or removed.
//   - An order takes its uses when it is placed and gives them back when it
//     lapses unpaid; limits are conditional UPDATEs. An order whose money went
//     back has used them all the same: a code is not a way to shop twice.
//
// Start at Rule, then Waiting and Take.
package promotions

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/pricing"
)

// Kind is how a member comes to have it.
type Kind string

const (
	Code    Kind = "code"    // typed in: Rule.Code, or one of a batch
	Offer   Kind = "offer"   // claimed with a tap
	Creator Kind = "creator" // a creator's code
)

// Rule is one promotion or offer, as it is declared.
type Rule struct {
	ID          string // short public id
	Name        string // in the YAML
	Kind        Kind
	Code        string                 // as it is written; "" for offers and batches
	Creator     commerce.CreatorID     // of a creator's code
	Brand       commerce.BrandID       // of an offer
	Communities []commerce.CommunityID // an offer is posted to; none means all
	Text        string                 // of an offer's post
	Limit       int64                  // orders that may use it, or members that may claim the offer; 0 for no end
	PerMember   int64                  // orders of one member; 0 for no end
	From, Until time.Time              // zero for no end; Until is past it
	Takes       pricing.Discount       // its ID and Label are the rule's
}

// Label is what members read.
func (r Rule) Label() string { return r.Takes.Label }

// lapsed says by the clock alone why a rule cannot be used, nil where it can.
func (r Rule) lapsed(now time.Time) *commerce.Error {
	switch {
	case !r.Until.IsZero() && !now.Before(r.Until):
		return ErrEnded
	case !r.From.IsZero() && now.Before(r.From):
		return ErrNotYet
	}
	return nil
}

func (r Rule) fail(e *commerce.Error) error {
	return e.With("label", r.Label()).With("from", r.From)
}

// The conditions a caller branches on. Their argument "label" is the rule's.
var (
	ErrUnknown = &commerce.Error{Kind: commerce.NotFound, Message: "code.unknown"}
	ErrEnded   = &commerce.Error{Kind: commerce.Conflict, Message: "code.ended"}
	ErrNotYet  = &commerce.Error{Kind: commerce.Conflict, Message: "code.notyet"} // "from"
	ErrUsedUp  = &commerce.Error{Kind: commerce.Conflict, Message: "code.usedup"}
	ErrYours   = &commerce.Error{Kind: commerce.Conflict, Message: "code.yours"} // the member has used it as often as they may
	ErrMany    = &commerce.Error{Kind: commerce.Conflict, Message: "code.many"}  // MaxWaiting
	ErrClaimed = &commerce.Error{Kind: commerce.Conflict, Message: "offer.allclaimed"}
	ErrNoOffer = &commerce.Error{Kind: commerce.NotFound, Message: "offer.gone"}
)

// MaxWaiting is how many codes may wait for one member.
const MaxWaiting = 5

// Promotions reads and counts. Its methods may be called from many goroutines.
type Promotions struct {
	db    *database.DB
	clock commerce.Clock
	ids   commerce.IDSource
	rules atomic.Pointer[rules]
}

type rules struct {
	list   []Rule
	byID   map[string]Rule
	byCode map[string]Rule // folded
}

// New makes a Promotions on a database, with no rule yet.
func New(db *database.DB, clock commerce.Clock, ids commerce.IDSource) *Promotions {
	p := &Promotions{db: db, clock: clock, ids: ids}
	p.rules.Store(&rules{})
	return p
}

// Declare replaces the rules. What was counted of a rule stays with its id.
func (p *Promotions) Declare(ctx context.Context, list []Rule) error {
	next := &rules{list: list, byID: map[string]Rule{}, byCode: map[string]Rule{}}
	for _, r := range list {
		next.byID[r.ID] = r
		if r.Code != "" {
			next.byCode[Fold(r.Code)] = r
		}
	}
	have := map[string]bool{}
	err := p.db.Read(ctx, func(tx *database.Tx) error {
		clear(have)
		return tx.Rows(`SELECT id FROM promotions`, nil, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			have[id] = true
			return err
		})
	})
	if err != nil {
		return err
	}
	missing := false
	for _, r := range list {
		missing = missing || !have[r.ID]
	}
	if missing {
		err = p.db.Write(ctx, func(tx *database.Tx) error {
			for _, r := range list {
				if _, err := tx.Exec(`INSERT INTO promotions (id, kind, name) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`, r.ID, r.Kind, r.Name); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err == nil {
		p.rules.Store(next)
	}
	return err
}

// Rule finds a rule by its id.
func (p *Promotions) Rule(id string) (Rule, bool) {
	r, ok := p.rules.Load().byID[id]
	return r, ok
}

// Named finds a promotion by its name in the YAML.
func (p *Promotions) Named(name string) (Rule, bool) {
	for _, r := range p.rules.Load().list {
		if r.Kind == Code && r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}

// Offers lists the offers that are declared, whether they hold now or not.
func (p *Promotions) Offers() (list []Rule) {
	for _, r := range p.rules.Load().list {
		if r.Kind == Offer {
			list = append(list, r)
		}
	}
	return list
}

// Fold is a code as it is compared: without case, spaces and dashes.
func Fold(code string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\u2010", "", "\u2011", "", "\u2013", "").Replace(strings.TrimSpace(code)))
}

// ref is what a discount of a rule is called on an order: its id, with the
// single-use code it was taken with, if it was.
func ref(id, code string) string {
	if code == "" {
		return id
	}
	return id + ":" + code
}

// IDOf takes a ref apart.
func IDOf(ref string) (id, code string) {
	id, code, _ = strings.Cut(ref, ":")
	return id, code
}
