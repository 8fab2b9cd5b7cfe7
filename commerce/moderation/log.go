package moderation

// The log. The rules:
//   - nothing changes or deletes a line: a test reads the program for it.
//   - each line is sealed with a hash over itself and the one before: a line that
//     was changed, taken out or put in past the program does not fit, and Verify
//     says which. Who can write to the database could seal all of it anew: the
//     last hash, kept elsewhere, shows that too.
//   - it holds no words, only their digest: words can be taken back by law. Words can
//     be guessed, so the digest has a secret salt of whoever said them, which goes
//     with them. Lines of before it was so have digests without, and keep them: they
//     are sealed.

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// line is what a line of the log says.
type line struct {
	n       int64
	at      time.Time
	actor   string // staff:<member>, "member" or "words"
	what    string
	about   Ref
	measure string
	member  commerce.MemberID // whom it is against
	reason  Reason
	words   string            // of which the digest is kept
	speaker commerce.MemberID // whose words they are, where that is not the member
}

// log appends a line.
func (m *Moderation) log(tx *database.Tx, l line) error {
	before := ""
	if err := tx.Row(`UPDATE versions SET n = n + 1 WHERE name = 'moderation' RETURNING n`).Scan(&l.n); err != nil {
		return err
	}
	if err := tx.Row(`SELECT hash FROM moderation_log WHERE n = $1`, l.n-1).Scan(&before); err != nil && err != database.ErrNone {
		return err
	}
	digest := ""
	if l.words != "" {
		if l.speaker == "" {
			l.speaker = l.member
		}
		salt, err := m.salt(tx, l.speaker)
		if err != nil {
			return err
		}
		digest = digestOf(salt, l.words)
	}
	at := commerce.Micros(l.at)
	_, err := tx.Exec(`INSERT INTO moderation_log (n, at, actor, what, about, measure, member, reason, digest, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		l.n, at, l.actor, l.what, l.about.String(), l.measure, l.member, l.reason, digest,
		seal(before, l.n, at, l.actor, l.what, l.about.String(), l.measure, string(l.member), string(l.reason), digest))
	return err
}

// saltedMark begins the digest of words with a salt.
const saltedMark = "salted:"

func digestOf(salt, words string) string {
	mac := hmac.New(sha256.New, []byte(salt))
	mac.Write([]byte(words))
	return saltedMark + hex.EncodeToString(mac.Sum(nil))
}

// salt is what the words of somebody are salted with, made where they have none yet.
func (m *Moderation) salt(tx *database.Tx, of commerce.MemberID) (salt string, err error) {
	err = tx.Row(`SELECT salt FROM moderation_salts WHERE member_id = $1 ORDER BY salt LIMIT 1`, of).Scan(&salt)
	if err != database.ErrNone {
		return salt, err
	}
	salt = m.IDs.Token()
	_, err = tx.Exec(`INSERT INTO moderation_salts (salt, member_id) VALUES ($1, $2)`, salt, of)
	return salt, err
}

// Log writes down what a moderator decided about a member elsewhere than here.
func (m *Moderation) Log(tx *database.Tx, by commerce.MemberID, what string, member commerce.MemberID) error {
	return m.log(tx, line{at: m.Clock.Now(), actor: staff(by), what: what, about: Ref{Kind: "member"}, member: member})
}

// Entry is a line of another part in which the staff decides about somebody.
type Entry struct {
	At      time.Time
	By      commerce.MemberID // of the staff, "" where a member asks
	What    string
	About   Ref
	Measure string
	Member  commerce.MemberID // whom it is against
	Words   string            // of which the digest is kept
	Speaker commerce.MemberID // whose words they are, where that is not the member
}

// Append appends a line of another part.
func Append(tx *database.Tx, ids commerce.IDSource, e Entry) error {
	actor := "member"
	if e.By != "" {
		actor = staff(e.By)
	}
	return (&Moderation{Config{IDs: ids}}).log(tx, line{at: e.At, actor: actor, what: e.What, about: e.About, measure: e.Measure, member: e.Member, words: e.Words, speaker: e.Speaker})
}

// seal is the hash of a line behind the one with the hash before.
func seal(before string, n, at int64, words ...string) string {
	var b strings.Builder
	for _, w := range append([]string{before, strconv.FormatInt(n, 10), strconv.FormatInt(at, 10)}, words...) {
		fmt.Fprintf(&b, "%d:%s\n", len(w), w)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// Line is a line of the log, as it is read.
type Line struct {
	N                                                 int64
	At                                                time.Time
	Actor, What, About, Measure, Member, Reason, Hash string
	Guessable                                         bool // its digest of words has no salt: it is of before there were any
}

// BrokenError says that the log is not as it was written.
type BrokenError struct{ Line int64 }

func (e *BrokenError) Error() string {
	return fmt.Sprintf("line %d of the moderation log is not as it was written", e.Line)
}

// Verify reads the whole log, calls each with every line where it is not nil,
// and returns the number of lines and the last hash. It returns a *BrokenError
// at the first line that was changed, is missing or does not belong there.
func Verify(ctx context.Context, db *database.DB, each func(Line) error) (n int64, last string, err error) {
	err = db.Read(ctx, func(tx *database.Tx) (err error) {
		n, last, err = verify(tx, each)
		return err
	})
	return n, last, err
}

func verify(tx *database.Tx, each func(Line) error) (n int64, last string, err error) {
	var written int64
	if err := tx.Row(`SELECT n FROM versions WHERE name = 'moderation'`).Scan(&written); err != nil && err != database.ErrNone {
		return 0, "", err
	}
	err = tx.Rows(`SELECT n, at, actor, what, about, measure, member, reason, digest, hash FROM moderation_log ORDER BY n`, nil, func(scan func(...any) error) error {
		var l Line
		var at int64
		var digest string
		if err := scan(&l.N, &at, &l.Actor, &l.What, &l.About, &l.Measure, &l.Member, &l.Reason, &digest, &l.Hash); err != nil {
			return err
		}
		if l.N != n+1 || l.Hash != seal(last, l.N, at, l.Actor, l.What, l.About, l.Measure, l.Member, l.Reason, digest) {
			return &BrokenError{n + 1}
		}
		n, last, l.At, l.Guessable = l.N, l.Hash, commerce.FromMicros(at), digest != "" && !strings.HasPrefix(digest, saltedMark)
		if each != nil {
			return each(l)
		}
		return nil
	})
	if err == nil && n != written {
		err = &BrokenError{n + 1} // the end was cut off
	}
	return n, last, err
}
