package members

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Current follows a member through links to the one they are today, inside a
// transaction. It returns ErrUnknown where there is nobody or they were erased.
func Current(tx *database.Tx, id commerce.MemberID) (commerce.MemberID, error) {
	for range 20 { // a chain of links has an end; a loop would be a fault of Link
		var into commerce.MemberID
		var erased int64
		err := tx.Row(`SELECT merged_into, erased_at FROM members WHERE id = $1`, id).Scan(&into, &erased)
		switch {
		case err == database.ErrNone:
			return "", ErrUnknown
		case err != nil:
			return "", err
		case into == "" && erased != 0:
			return "", ErrUnknown
		case into == "":
			return id, nil
		}
		id = into
	}
	return "", fmt.Errorf("members: %s is linked in a circle", id)
}

func read(tx *database.Tx, id commerce.MemberID) (Member, error) {
	id, err := Current(tx, id)
	if err != nil {
		return Member{}, err
	}
	m := Member{ID: id}
	var created int64
	var quiet string
	if err := tx.Row(`SELECT name, locale, quiet, created_at FROM members WHERE id = $1`, id).Scan(&m.Name, &m.Locale, &quiet, &created); err != nil {
		return Member{}, err
	}
	m.Quiet = readQuiet(quiet)
	m.CreatedAt = commerce.FromMicros(created)
	err = tx.Rows(`SELECT platform, account, name, username, bot, reach, seen_at FROM accounts
		WHERE member_id = $1 ORDER BY seen_at DESC, created_at, platform, account`, []any{id},
		func(scan func(dest ...any) error) error {
			var a Account
			var seen int64
			if err := scan(&a.Platform, &a.ID, &a.Name, &a.Username, &a.Bot, &a.Reach, &seen); err != nil {
				return err
			}
			a.SeenAt = commerce.FromMicros(seen)
			m.Accounts = append(m.Accounts, a)
			return nil
		})
	if err != nil {
		return Member{}, err
	}
	if err := tx.Rows(`SELECT community_id, since FROM member_communities WHERE member_id = $1`, []any{id}, func(scan func(dest ...any) error) error {
		var c commerce.CommunityID
		var since int64
		if err := scan(&c, &since); err != nil {
			return err
		}
		if m.In == nil {
			m.In = map[commerce.CommunityID]time.Time{}
		}
		m.In[c] = commerce.FromMicros(since)
		return nil
	}); err != nil {
		return Member{}, err
	}
	var a Address
	var shipping string
	err = tx.Row(`SELECT name, street, city, postcode, country, shipping FROM addresses WHERE member_id = $1`, id).
		Scan(&a.Name, &a.Street, &a.City, &a.Postcode, &a.Country, &shipping)
	if err == database.ErrNone {
		return m, nil
	}
	if err != nil {
		return Member{}, err
	}
	if !a.Zero() {
		m.Address = &a
	}
	m.Shipping, err = options(shipping)
	return m, err
}

// write records what an event tells of its account, and makes the account and
// its member where they are new, by the id fresh. It returns whose the account is.
func (m *Members) write(ctx context.Context, s Seen, now time.Time, fresh commerce.MemberID) (id commerce.MemberID, err error) {
	at := commerce.Micros(now)
	err = m.met.Write(ctx, func(tx *database.Tx) error {
		var name string
		err := tx.Row(`SELECT member_id, name FROM accounts WHERE platform = $1 AND account = $2`, s.Platform, s.Account).Scan(&id, &name)
		if err == database.ErrNone {
			id = fresh
			if err := m.make(tx, s, at, fresh); err != nil {
				return err
			}
			return seenIn(tx, id, s, now)
		}
		if err != nil {
			return err
		}
		if err := seenIn(tx, id, s, now); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE accounts SET name = $3, username = $4 WHERE platform = $1 AND account = $2`,
			s.Platform, s.Account, s.Name, s.Username); err != nil {
			return err
		}
		if s.Private {
			if _, err := tx.Exec(`UPDATE accounts SET bot = $3, reach = 'open', seen_at = $4 WHERE platform = $1 AND account = $2`,
				s.Platform, s.Account, s.Bot, at); err != nil {
				return err
			}
		}
		if name != s.Name {
			if _, err := tx.Exec(`UPDATE members SET name = $2 WHERE id = $1`, id, s.Name); err != nil {
				return err
			}
		}
		if s.Locale != "" {
			if _, err := tx.Exec(`UPDATE members SET locale = $2 WHERE id = $1 AND locale <> $2`, id, s.Locale); err != nil {
				return err
			}
		}
		return nil
	})
	return id, err
}

// make adds a person never seen before. Another first event of theirs may run
// beside it: the account's key and the isolation of Write let one of the two
// be the first, and the other is run again and finds them.
func (m *Members) make(tx *database.Tx, s Seen, at int64, id commerce.MemberID) error {
	if _, err := tx.Exec(`INSERT INTO members (id, name, locale, created_at) VALUES ($1, $2, $3, $4)`, id, s.Name, s.Locale, at); err != nil {
		return err
	}
	bot, reach, seen := "", Unknown, int64(0)
	if s.Private {
		bot, reach, seen = s.Bot, Open, at
	}
	n, err := tx.Exec(`INSERT INTO accounts (platform, account, member_id, name, username, bot, reach, seen_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (platform, account) DO NOTHING`,
		s.Platform, s.Account, id, s.Name, s.Username, bot, string(reach), seen, at)
	if err == nil && n == 0 {
		err = fmt.Errorf("members: account of %s appeared inside a serial transaction", s.Platform)
	}
	return err
}

// seenIn records that a member is in a community, since the earliest that is
// known.
func seenIn(tx *database.Tx, id commerce.MemberID, s Seen, now time.Time) error {
	if s.Community == "" {
		return nil
	}
	_, err := tx.Exec(`INSERT INTO member_communities (member_id, community_id, since) VALUES ($1, $2, $3) ON CONFLICT (member_id, community_id)
		DO UPDATE SET since = excluded.since WHERE excluded.since < member_communities.since`, id, s.Community, commerce.Micros(s.since(now)))
	return err
}

// since is when somebody joined, as far as is known.
func (s Seen) since(now time.Time) time.Time {
	if !s.Joined.IsZero() && s.Joined.Before(now) {
		return s.Joined
	}
	return now
}

func saveAddress(tx *database.Tx, id commerce.MemberID, a Address, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO addresses (member_id, name, street, city, postcode, country, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (member_id) DO UPDATE SET
		name = excluded.name, street = excluded.street, city = excluded.city, postcode = excluded.postcode,
		country = excluded.country, updated_at = excluded.updated_at`,
		id, a.Name, a.Street, a.City, a.Postcode, a.Country, commerce.Micros(now))
	return err
}

// saveShipping keeps a choice. The row may be there without an address yet.
func saveShipping(tx *database.Tx, id commerce.MemberID, brand commerce.BrandID, option string, now time.Time) error {
	var kept string
	err := tx.Row(`SELECT shipping FROM addresses WHERE member_id = $1`, id).Scan(&kept)
	if err != nil && err != database.ErrNone {
		return err
	}
	chosen, err := options(kept)
	if err != nil {
		return err
	}
	if chosen == nil {
		chosen = map[commerce.BrandID]string{}
	}
	chosen[brand] = option
	text, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO addresses (member_id, name, street, city, postcode, country, shipping, updated_at)
		VALUES ($1, '', '', '', '', '', $2, $3) ON CONFLICT (member_id) DO UPDATE SET
		shipping = excluded.shipping, updated_at = excluded.updated_at`, id, string(text), commerce.Micros(now))
	return err
}

func options(text string) (chosen map[commerce.BrandID]string, err error) {
	if text == "" {
		return nil, nil
	}
	if err := json.Unmarshal([]byte(text), &chosen); err != nil {
		return nil, fmt.Errorf("members: shipping options: %w", err)
	}
	return chosen, nil
}
