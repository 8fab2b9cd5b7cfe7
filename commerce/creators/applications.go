package creators

// How somebody becomes a creator. The rules:
//   - anybody may apply, with a test task: a review with photos of something
//     they have. It is checked by the rules of the house at once, then by a person.
//   - a reviewer approves it, or recommends what to do better; then it is sent
//     again, as often as the member likes. Nobody is refused for good.
//   - two reviewers who press at once decide once.
//   - approved, they are a creator: under their name, with a code of their own.
//   - what happened to an application stands in its events.

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

// ApplicationState is how far an application has come.
type ApplicationState string

// The states of an application.
const (
	Sent     ApplicationState = "sent"     // waits for a person
	Advised  ApplicationState = "advised"  // there are recommendations, it can be sent again
	Approved ApplicationState = "approved" // the member is a creator
)

// Application is a member's wish to become a creator.
type Application struct {
	ID      commerce.ApplicationID
	Member  commerce.MemberID
	State   ApplicationState
	Product commerce.ProductID
	Words   string
	Photos  []string // hashes, as media.Take has them
	Bot     string   // where it was written
	Tries   int64
	SentAt  time.Time
	Advice  string // what was recommended last
}

// Errors of applications.
var (
	ErrNoApplication = &commerce.Error{Kind: commerce.NotFound, Message: "application.none"}
	ErrDecided       = &commerce.Error{Kind: commerce.Conflict, Message: "application.decided"}
	ErrCreator       = &commerce.Error{Kind: commerce.Conflict, Message: "application.creator"} // they are one already
)

// Apply sends an application, or sends it again: while a person has not looked
// at it, what is sent last counts. It returns ErrCreator for who is one already.
func (c *Creators) Apply(ctx context.Context, a Application, reviewers []commerce.MemberID) error {
	now := c.clock.Now()
	return c.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := creatorBy(tx, a.Member); err == nil {
			return ErrCreator
		} else if err != ErrUnknownCreator {
			return err
		}
		if err := moderation.May(tx, a.Member, now); err != nil {
			return err
		}
		was, err := applicationWhere(tx, `member_id = $1`, a.Member)
		if err == ErrNoApplication {
			was.ID, err = commerce.ApplicationID(c.ids.ID()), nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO applications (id, member_id, state, product_id, body, photos, bot, tries, sent_at) VALUES ($1, $2, 'sent', $3, $4, $5, $6, 1, $7)
			ON CONFLICT (member_id) DO UPDATE SET state = 'sent', product_id = excluded.product_id, body = excluded.body, photos = excluded.photos, bot = excluded.bot,
			tries = applications.tries + 1, sent_at = excluded.sent_at`, was.ID, a.Member, a.Product, a.Words, strings.Join(a.Photos, " "), a.Bot, commerce.Micros(now)); err != nil {
			return err
		}
		if err := applied(tx, was.ID, now, "member", "sent", ""); err != nil {
			return err
		}
		if err := c.show(tx, applicationKey(was.ID), a.Photos); err != nil {
			return err
		}
		for _, m := range reviewers {
			if _, err := notices.Add(tx, c.ids, now, notices.Notice{Kind: notices.StaffApplication, Member: m, Args: map[string]string{"application": string(was.ID)},
				Once: fmt.Sprintf("%s:%s:%d:%s", notices.StaffApplication, was.ID, was.Tries+1, m)}); err != nil {
				return err
			}
		}
		return nil
	})
}

func applicationKey(id commerce.ApplicationID) string { return "application:" + string(id) }

// Approve makes the member of an application a creator, and tells them. Again it
// returns ErrDecided, as where somebody else was faster.
func (c *Creators) Approve(ctx context.Context, actor string, id commerce.ApplicationID, name string) (made Creator, err error) {
	now := c.clock.Now()
	err = c.db.Write(ctx, func(tx *database.Tx) error {
		a, err := decide(tx, id, Approved, "", actor, now)
		if err != nil {
			return err
		}
		made = Creator{ID: commerce.CreatorID(commerce.PublicID("creator", string(a.Member), string(id))), Name: name, Member: a.Member, MadeAt: commerce.FromMicros(commerce.Micros(now))}
		if made.Code, err = freeCode(tx, name, made.ID); err != nil {
			return err
		}
		if err := saveCreator(tx, made, behindDeclared-commerce.Micros(now)); err != nil {
			return err
		}
		return c.tellApplicant(tx, notices.CreatorApproved, a, now)
	})
	if err == nil {
		c.creators.Drop(made.ID)
	}
	return made, err
}

// behindDeclared is where those stand who became creators here, the newest
// first: behind those of the YAML.
const behindDeclared = 1 << 52

// Advise tells the member of an application what to do better. It returns
// ErrDecided where somebody else was faster.
func (c *Creators) Advise(ctx context.Context, actor string, id commerce.ApplicationID, advice string) error {
	now := c.clock.Now()
	return c.db.Write(ctx, func(tx *database.Tx) error {
		a, err := decide(tx, id, Advised, advice, actor, now)
		if err != nil {
			return err
		}
		return c.tellApplicant(tx, notices.CreatorAdvised, a, now)
	})
}

func (c *Creators) tellApplicant(tx *database.Tx, kind string, a Application, now time.Time) error {
	_, err := notices.Add(tx, c.ids, now, notices.Notice{Kind: kind, Member: a.Member, Args: map[string]string{"application": string(a.ID)},
		Once: fmt.Sprintf("%s:%s:%d", kind, a.ID, a.Tries)})
	return err
}

// decide ends the wait of an application.
func decide(tx *database.Tx, id commerce.ApplicationID, state ApplicationState, advice, actor string, now time.Time) (Application, error) {
	n, err := tx.Exec(`UPDATE applications SET state = $2, advice = CASE WHEN $3 = '' THEN advice ELSE $3 END, decided_at = $4, decided_by = $5 WHERE id = $1 AND state = 'sent'`,
		id, state, advice, commerce.Micros(now), actor)
	if err != nil {
		return Application{}, err
	}
	a, err := applicationWhere(tx, `id = $1`, id)
	if err == nil && n == 0 {
		err = ErrDecided
	}
	if err != nil {
		return a, err
	}
	return a, applied(tx, id, now, actor, string(state), advice)
}

func applied(tx *database.Tx, id commerce.ApplicationID, at time.Time, actor, what, words string) error {
	_, err := tx.Exec(`INSERT INTO application_events (application_id, seq, at, actor, what, words)
		SELECT $1, COALESCE(MAX(seq), 0) + 1, $2, $3, $4, $5 FROM application_events WHERE application_id = $1`, id, commerce.Micros(at), actor, what, words)
	return err
}

// Application returns an application, or ErrNoApplication.
func (c *Creators) Application(ctx context.Context, id commerce.ApplicationID) (a Application, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) (err error) {
		a, err = applicationWhere(tx, `id = $1`, id)
		return err
	})
	return a, err
}

// ApplicationOf returns a member's application, or ErrNoApplication.
func (c *Creators) ApplicationOf(ctx context.Context, m commerce.MemberID) (a Application, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) (err error) {
		a, err = applicationWhere(tx, `member_id = $1`, m)
		return err
	})
	return a, err
}

// Applications lists at most n of those that wait for a person, the longest
// first, and how many there are.
func (c *Creators) Applications(ctx context.Context, n int) (list []Application, all int64, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		if err := tx.Row(`SELECT COUNT(*) FROM applications WHERE state = 'sent'`).Scan(&all); err != nil {
			return err
		}
		return tx.Rows(`SELECT `+applicationColumns+` FROM applications WHERE state = 'sent' ORDER BY sent_at, id LIMIT $1`, []any{n}, func(scan func(...any) error) error {
			a, err := scanApplication(scan)
			list = append(list, a)
			return err
		})
	})
	return list, all, err
}

// Of returns the creator a member is, or ErrUnknownCreator.
func (c *Creators) Of(ctx context.Context, m commerce.MemberID) (one Creator, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) (err error) {
		one, err = creatorBy(tx, m)
		return err
	})
	return one, err
}

const applicationColumns = `id, member_id, state, product_id, body, photos, bot, tries, sent_at, advice`

func scanApplication(scan func(...any) error) (a Application, err error) {
	var photos string
	var sent int64
	err = scan(&a.ID, &a.Member, &a.State, &a.Product, &a.Words, &photos, &a.Bot, &a.Tries, &sent, &a.Advice)
	a.Photos, a.SentAt = strings.Fields(photos), commerce.FromMicros(sent)
	return a, err
}

func applicationWhere(tx *database.Tx, where string, args ...any) (Application, error) {
	a, err := scanApplication(tx.Row(`SELECT `+applicationColumns+` FROM applications WHERE `+where, args...).Scan)
	if err == database.ErrNone {
		err = ErrNoApplication
	}
	return a, err
}

// ByCode returns the creator whose code it is, however it is written. It returns
// ErrUnknownCreator.
func (c *Creators) ByCode(ctx context.Context, code string) (one Creator, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		r, err := scanCreator(tx.Row(`SELECT `+creatorColumns+` FROM creators c WHERE c.code = $1 AND c.code <> '' AND c.archived = 0`, strings.ToUpper(strings.TrimSpace(code))).Scan)
		one = r.Creator
		return err
	})
	if err == database.ErrNone {
		err = ErrUnknownCreator
	}
	return one, err
}

// freeCode makes a code of a name: its letters and digits, and some of the id
// where somebody has it already.
func freeCode(tx *database.Tx, name string, id commerce.CreatorID) (code string, err error) {
	stem := strings.Map(func(r rune) rune {
		if r = unicode.ToUpper(r); r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, name)
	more := strings.ToUpper(string(id))
	if stem = stem[:min(len(stem), 10)]; len(stem) < 3 {
		stem = "SOUK" + more[:min(4, len(more))]
	}
	for _, code := range []string{stem, stem + more[:min(3, len(more))], stem + more} {
		taken := 0
		if err := tx.Row(`SELECT COUNT(*) FROM creators WHERE code = $1 AND code <> ''`, code).Scan(&taken); err != nil || taken == 0 {
			return code, err
		}
	}
	return "", nil // they do without
}
