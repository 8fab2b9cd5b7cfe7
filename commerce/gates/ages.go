package gates

// What is known of a member's age. The rules:
//   - they are asked once, for the year alone, and say it once: it is not changed at
//     will. Who slipped asks the moderators, and one of them changes it or leaves it.
//   - of two who are one the later year counts.
//   - it goes with who is erased.

import (
	"context"
	"strconv"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

// Config is what an Ages needs.
type Config struct {
	DB         *database.DB
	Clock      commerce.Clock
	IDs        commerce.IDSource
	Zone       func() *time.Location // where years begin
	Rules      func() Rules          // as they are now
	Moderation *moderation.Moderation
}

// Ages knows who was born when.
type Ages struct {
	Config
	kept *cache.Cache[commerce.MemberID, int]
}

// How long a year is believed, and of how many members: another process may have
// written it.
const (
	keptFor  = 10 * time.Second
	keptMost = 20_000
)

// oldest is how many years ago somebody can have been born.
const oldest = 120

// New makes an Ages.
func New(c Config) *Ages {
	return &Ages{Config: c, kept: cache.New[commerce.MemberID, int](keptMost, keptFor, c.Clock)}
}

// Year is the year as it is now.
func (a *Ages) Year() int { return a.Clock.Now().In(a.Zone()).Year() }

// Born is the year a member says they were born in, 0 where they have not said.
func (a *Ages) Born(ctx context.Context, m commerce.MemberID) (int, error) {
	return a.kept.Load(m, func() (year int, err error) {
		err = a.DB.Read(ctx, func(tx *database.Tx) error {
			err := tx.Row(`SELECT born FROM ages WHERE member_id = $1`, m).Scan(&year)
			if err == database.ErrNone {
				err = nil
			}
			return err
		})
		return year, err
	})
}

// May returns ErrAge where a member may not buy any of the goods. It is for checkout.
func (a *Ages) May(ctx context.Context, m commerce.MemberID, goods []*catalog.Product) error {
	rules := a.Rules()
	for _, p := range goods {
		age := rules.Age(p)
		if age == 0 {
			continue
		}
		born, err := a.Born(ctx, m)
		if err != nil {
			return err
		}
		if !Old(born, age, a.Year()) {
			return ErrAge.With("Product", p.Title)
		}
	}
	return nil
}

// To and Regional are those of the rules as they are now, for checkout.
func (a *Ages) To(country string, goods []*catalog.Product) error {
	return a.Rules().To(country, goods)
}

// Regional reports whether it matters to which country any of the goods is sent.
func (a *Ages) Regional(goods []*catalog.Product) bool { return a.Rules().Regional(goods) }

// ReadYear reads a year that somebody can have been born in, or returns ErrYear.
func (a *Ages) ReadYear(text string) (int, error) {
	year, err := strconv.Atoi(text)
	if now := a.Year(); err != nil || len(text) != 4 || year < now-oldest || year > now {
		return 0, ErrYear
	}
	return year, nil
}

// Say keeps the year a member was born in, once: it returns ErrSaid where they have
// said another before.
func (a *Ages) Say(ctx context.Context, m commerce.MemberID, year int) error {
	if _, err := a.ReadYear(strconv.Itoa(year)); err != nil {
		return err
	}
	defer a.kept.Drop(m)
	return a.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`INSERT INTO ages (member_id, born) SELECT id, $2 FROM members WHERE id = $1 AND erased_at = 0 AND merged_into = '' ON CONFLICT (member_id) DO NOTHING`, m, year); err != nil {
			return err
		}
		is := 0
		if err := tx.Row(`SELECT born FROM ages WHERE member_id = $1`, m).Scan(&is); err != nil {
			return err
		}
		if is != year {
			return ErrSaid
		}
		return nil
	})
}

// Wish asks moderators to write another year. It returns ErrNone where none is known.
func (a *Ages) Wish(ctx context.Context, m commerce.MemberID, year int) error {
	if _, err := a.ReadYear(strconv.Itoa(year)); err != nil {
		return err
	}
	now := a.Clock.Now()
	return a.DB.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`UPDATE ages SET wish = $2, wished_at = $3 WHERE member_id = $1`, m, year, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		for _, one := range a.Moderation.Others(m) {
			if _, err := notices.Add(tx, a.IDs, now, notices.Notice{Kind: notices.StaffAge, Member: one, Args: map[string]string{"member": string(m)},
				Once: notices.StaffAge + ":" + string(m) + ":" + strconv.FormatInt(commerce.Micros(now), 10) + ":" + string(one)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Wished is a year that a member asks moderators to write.
type Wished struct {
	Member    commerce.MemberID
	Born, Now int // as it is, and as they say it should be
}

// Wishes lists at most n that wait, the longest first.
func (a *Ages) Wishes(ctx context.Context, n int) (list []Wished, err error) {
	err = a.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT member_id, born, wish FROM ages WHERE wish > 0 ORDER BY wished_at, member_id LIMIT $1`, []any{n}, func(scan func(...any) error) error {
			var w Wished
			err := scan(&w.Member, &w.Born, &w.Now)
			list = append(list, w)
			return err
		})
	})
	return list, err
}

// WishOf returns what a member asks for, or ErrNone.
func (a *Ages) WishOf(ctx context.Context, m commerce.MemberID) (w Wished, err error) {
	err = a.DB.Read(ctx, func(tx *database.Tx) error {
		w.Member = m
		err := tx.Row(`SELECT born, wish FROM ages WHERE member_id = $1 AND wish > 0`, m).Scan(&w.Born, &w.Now)
		if err == database.ErrNone {
			err = ErrNone
		}
		return err
	})
	return w, err
}

// Decide writes the year a member asks for, the one that was seen, or leaves the
// other. It returns ErrNone where nobody asks for that any more, and ErrOwn.
func (a *Ages) Decide(ctx context.Context, by, m commerce.MemberID, seen int, yes bool) error {
	if a.Moderation.Same(by, m) {
		return ErrOwn
	}
	defer a.kept.Drop(m)
	now := a.Clock.Now()
	return a.DB.Write(ctx, func(tx *database.Tx) error {
		set, what := `wish = 0`, "age kept"
		if yes {
			set, what = `born = wish, wish = 0`, "age changed"
		}
		n, err := tx.Exec(`UPDATE ages SET `+set+` WHERE member_id = $1 AND wish = $2 AND wish > 0`, m, seen)
		if err == nil && n == 0 {
			err = ErrNone
		}
		if err != nil {
			return err
		}
		if _, err := notices.Add(tx, a.IDs, now, notices.Notice{Kind: notices.AgeDecided, Member: m, Once: notices.AgeDecided + ":" + string(m) + ":" + strconv.FormatInt(commerce.Micros(now), 10)}); err != nil {
			return err
		}
		return a.Moderation.Log(tx, by, what, m)
	})
}

// Link gives what one member said to another: of two years the later counts. It is
// for members.OnLink.
func (a *Ages) Link(tx *database.Tx, keep, gone commerce.MemberID) error {
	tx.After(func() { a.kept.Drop(keep, gone) })
	if _, err := tx.Exec(`INSERT INTO ages (member_id, born, wish, wished_at) SELECT $1, born, wish, wished_at FROM ages AS g WHERE g.member_id = $2
		ON CONFLICT (member_id) DO UPDATE SET born = CASE WHEN excluded.born > ages.born THEN excluded.born ELSE ages.born END`, keep, gone); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM ages WHERE member_id = $1`, gone)
	return err
}

// Erase forgets it. It is for members.OnErase.
func (a *Ages) Erase(tx *database.Tx, m commerce.MemberID) error {
	tx.After(func() { a.kept.Drop(m) })
	_, err := tx.Exec(`DELETE FROM ages WHERE member_id = $1`, m)
	return err
}

// Export is what is known of it, for members.OnExport.
func (a *Ages) Export(ctx context.Context, m commerce.MemberID) (string, any, error) {
	var out struct {
		Born int `json:"born,omitempty"`
		Wish int `json:"asked_to_change_to,omitempty"`
	}
	err := a.DB.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT born, wish FROM ages WHERE member_id = $1`, m).Scan(&out.Born, &out.Wish)
		if err == database.ErrNone {
			err = nil
		}
		return err
	})
	return "year_of_birth", out, err
}
