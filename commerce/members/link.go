package members

// The rules of linking and forgetting:
//   - One person known on two platforms becomes one member in one
//     transaction: accounts move, and so does what other parts keep, by the
//     functions they registered. The member who is gone stays as a pointer,
//     so that whatever still names them finds the one who stayed.
//   - Who is erased loses name, usernames, accounts and address at once. The
//     row stays without them, because orders point at it; the accounts do not:
//     the same person tapping again is somebody new.

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// ErrSame is returned by Link where both are one member already.
var ErrSame = &commerce.Error{Kind: commerce.Conflict, Message: "link.same"}

// OnLink registers what else moves when two members become one. It is called
// inside the transaction, before the program serves anybody.
func (m *Members) OnLink(move func(tx *database.Tx, keep, gone commerce.MemberID) error) {
	m.link = append(m.link, move)
}

// OnErase registers what else is forgotten with a member.
func (m *Members) OnErase(forget func(tx *database.Tx, id commerce.MemberID) error) {
	m.erase = append(m.erase, forget)
}

// OnExport registers what else a member's export holds, under a name. Data is
// written as JSON.
func (m *Members) OnExport(tell func(ctx context.Context, id commerce.MemberID) (name string, data any, err error)) {
	m.export = append(m.export, tell)
}

// Link makes two members one: all that is gone's becomes keep's. The address
// and the choices of keep stay where both have some.
func (m *Members) Link(ctx context.Context, keep, gone commerce.MemberID) error {
	var accounts []account
	err := m.db.Write(ctx, func(tx *database.Tx) (err error) {
		accounts = nil
		k, err := Current(tx, keep)
		if err != nil {
			return err
		}
		g, err := Current(tx, gone)
		if err != nil {
			return err
		}
		if k == g {
			return ErrSame
		}
		if accounts, err = accountsOf(tx, g); err != nil {
			return err
		}
		if err := merge(tx, k, g); err != nil {
			return err
		}
		for _, move := range m.link {
			if err := move(tx, k, g); err != nil {
				return fmt.Errorf("link members: %w", err)
			}
		}
		keep, gone = k, g
		return nil
	})
	m.byAccount.Drop(accounts...)
	m.byID.Drop(keep, gone)
	return err
}

func merge(tx *database.Tx, keep, gone commerce.MemberID) error {
	if _, err := tx.Exec(`UPDATE accounts SET member_id = $1 WHERE member_id = $2`, keep, gone); err != nil {
		return err
	}
	// A row with a choice but no address gives way to a whole one.
	if _, err := tx.Exec(`DELETE FROM addresses WHERE member_id = $1 AND country = ''
		AND EXISTS (SELECT 1 FROM addresses WHERE member_id = $2)`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE addresses SET member_id = $1 WHERE member_id = $2
		AND NOT EXISTS (SELECT 1 FROM addresses WHERE member_id = $1)`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM addresses WHERE member_id = $1`, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE members SET name = (SELECT name FROM members WHERE id = $2), locale = CASE WHEN locale = ''
		THEN (SELECT locale FROM members WHERE id = $2) ELSE locale END WHERE id = $1 AND name = ''`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO member_communities (member_id, community_id, since) SELECT $1, community_id, since FROM member_communities WHERE member_id = $2
		ON CONFLICT (member_id, community_id) DO UPDATE SET since = excluded.since WHERE excluded.since < member_communities.since`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM member_communities WHERE member_id = $1`, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE members SET quiet = (SELECT quiet FROM members WHERE id = $2) WHERE id = $1 AND quiet = ''`, keep, gone); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE members SET merged_into = $1, name = '', locale = '', quiet = '' WHERE id = $2`, keep, gone)
	return err
}

// Erase forgets a member. Doing it twice is no error.
func (m *Members) Erase(ctx context.Context, id commerce.MemberID) error {
	var accounts []account
	who := id
	err := m.db.Write(ctx, func(tx *database.Tx) (err error) {
		accounts = nil
		who, err = Current(tx, id)
		if err == ErrUnknown {
			return nil
		}
		if err != nil {
			return err
		}
		if accounts, err = accountsOf(tx, who); err != nil {
			return err
		}
		for _, forget := range m.erase {
			if err := forget(tx, who); err != nil {
				return fmt.Errorf("erase member: %w", err)
			}
		}
		for _, statement := range []string{
			`DELETE FROM addresses WHERE member_id = $1`,
			`DELETE FROM accounts WHERE member_id = $1`,
			`DELETE FROM member_communities WHERE member_id = $1`,
		} {
			if _, err := tx.Exec(statement, who); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`UPDATE members SET name = '', locale = '', quiet = '', erased_at = $2 WHERE id = $1`,
			who, commerce.Micros(m.clock.Now()))
		return err
	})
	m.byAccount.Drop(accounts...)
	m.byID.Drop(id, who)
	return err
}

// Export writes all that is kept about a member as an indented JSON document:
// what this package keeps and what the others registered.
func (m *Members) Export(ctx context.Context, id commerce.MemberID) ([]byte, error) {
	m.byID.Drop(id) // the file tells what is kept now, not half a minute ago
	member, err := m.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	accounts := []map[string]string{}
	for _, a := range member.Accounts {
		accounts = append(accounts, map[string]string{
			"platform": a.Platform, "account": a.ID, "name": a.Name, "username": a.Username, "bot": a.Bot, "reach": string(a.Reach),
		})
	}
	all := map[string]any{
		"exported_at": m.clock.Now(),
		"member":      map[string]any{"id": member.ID, "name": member.Name, "locale": member.Locale, "quiet": member.Quiet.String(), "since": member.CreatedAt},
		"accounts":    accounts,
		"address":     member.Address,
		"shipping":    member.Shipping,
		"communities": member.In,
	}
	for _, tell := range m.export {
		name, data, err := tell(ctx, member.ID)
		if err != nil {
			return nil, fmt.Errorf("export %s: %w", name, err)
		}
		all[name] = data
	}
	return json.MarshalIndent(all, "", "  ")
}

func accountsOf(tx *database.Tx, id commerce.MemberID) (list []account, err error) {
	err = tx.Rows(`SELECT platform, account FROM accounts WHERE member_id = $1`, []any{id}, func(scan func(dest ...any) error) error {
		var a account
		if err := scan(&a.platform, &a.id); err != nil {
			return err
		}
		list = append(list, a)
		return nil
	})
	return list, err
}
