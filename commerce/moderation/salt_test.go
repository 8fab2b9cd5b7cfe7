package moderation

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestSalt: the same words of two members have two digests, neither of which can be
// guessed; with a member their salt goes. A line of before stays as it was sealed.
func TestSalt(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m, _, now := open(t, db)
		sum := sha256.Sum256([]byte("rude"))
		plain := hex.EncodeToString(sum[:])
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { // as the program of before wrote it
			if _, err := tx.Exec(`UPDATE versions SET n = 1 WHERE name = 'moderation'`); err != nil {
				return err
			}
			at := now.t.UnixMicro()
			_, err := tx.Exec(`INSERT INTO moderation_log (n, at, actor, what, about, measure, member, reason, digest, hash) VALUES (1, $1, 'member', 'report', 'pick:ann0', '', 'ann', 'spam', $2, $3)`,
				at, plain, seal("", 1, at, "member", "report", "pick:ann0", "", "ann", "spam", plain))
			return err
		}))
		must(t, m.Report(t.Context(), "ben", pick("ann1"), Spam, "rude"))
		must(t, m.Report(t.Context(), "cleo", pick("ann1"), Spam, "rude"))
		must(t, m.Report(t.Context(), "ben", pick("ann2"), Spam, "rude"))
		read := func() (digests []string) {
			t.Helper()
			must(t, db.Read(t.Context(), func(tx *database.Tx) error {
				digests = nil
				return tx.Rows(`SELECT digest FROM moderation_log ORDER BY n`, nil, func(scan func(...any) error) error {
					var d string
					err := scan(&d)
					digests = append(digests, d)
					return err
				})
			}))
			return digests
		}
		d := read()
		if d[0] != plain || d[1] == d[2] || d[1] != d[3] || strings.Contains(strings.Join(d[1:], ""), plain) {
			t.Errorf("%v", d)
		}
		salts := func(want int) {
			t.Helper()
			n := 0
			must(t, db.Read(t.Context(), func(tx *database.Tx) error { return tx.Row(`SELECT COUNT(*) FROM moderation_salts`).Scan(&n) }))
			if n != want {
				t.Errorf("%d salts, want %d", n, want)
			}
		}
		salts(2)
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return m.Link(tx, "ben", "cleo") }))
		salts(2) // both are theirs now
		must(t, db.Write(t.Context(), func(tx *database.Tx) error { return m.Erase(tx, "ben") }))
		salts(0)
		guessable := 0
		n, _, err := Verify(t.Context(), db, func(l Line) error {
			if l.Guessable {
				guessable++
			}
			return nil
		})
		if err != nil || n != 4 || guessable != 1 || strings.Join(read(), "") != strings.Join(d, "") {
			t.Errorf("%d lines, %d of them guessable, %v", n, guessable, err)
		}
	})
}
