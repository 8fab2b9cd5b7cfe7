package creators

// What a member keeps for later: boards of picks. Everybody has one without a
// name; what is kept is nobody's business but theirs.

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

// Board is a member's collection of picks.
type Board struct {
	ID    commerce.BoardID
	Name  string // "" is the one that everybody has
	Picks int64  // on it
	Has   bool   // the pick that was asked for
}

const (
	mostBoards = 12
	mostName   = 40 // characters
	mostKept   = 500
)

// Errors of boards.
var (
	ErrNoBoard = &commerce.Error{Kind: commerce.NotFound, Message: "board.none"}
	ErrBoards  = &commerce.Error{Kind: commerce.Conflict, Message: "board.many"}
	ErrBoard   = &commerce.Error{Kind: commerce.Conflict, Message: "board.full"}
)

// Boards lists a member's boards, the one without a name first, and whether a
// pick is on each; "" asks for none.
func (c *Creators) Boards(ctx context.Context, m commerce.MemberID, pick commerce.PickID) (list []Board, err error) {
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT b.id, b.name, (SELECT COUNT(*) FROM board_picks k WHERE k.board_id = b.id),
			(SELECT COUNT(*) FROM board_picks k WHERE k.board_id = b.id AND k.pick_id = $2) FROM boards b WHERE b.member_id = $1 ORDER BY b.name`, []any{m, pick}, func(scan func(...any) error) error {
			var b Board
			has := 0
			err := scan(&b.ID, &b.Name, &b.Picks, &has)
			b.Has = has > 0
			list = append(list, b)
			return err
		})
	})
	return list, err
}

// MakeBoard makes a board, or returns the one of that name. It returns ErrBoards.
func (c *Creators) MakeBoard(ctx context.Context, m commerce.MemberID, name string) (b Board, err error) {
	err = c.db.Write(ctx, func(tx *database.Tx) (err error) {
		b, err = c.board(tx, m, name)
		return err
	})
	return b, err
}

func (c *Creators) board(tx *database.Tx, m commerce.MemberID, name string) (b Board, err error) {
	name = strings.Join(strings.Fields(name), " ")
	if r := []rune(name); len(r) > mostName {
		name = string(r[:mostName])
	}
	b.Name = name
	err = tx.Row(`SELECT id FROM boards WHERE member_id = $1 AND name = $2`, m, name).Scan(&b.ID)
	if err != database.ErrNone {
		return b, err
	}
	n := 0
	if err := tx.Row(`SELECT COUNT(*) FROM boards WHERE member_id = $1`, m).Scan(&n); err != nil {
		return b, err
	}
	if n >= mostBoards {
		return b, ErrBoards
	}
	b.ID = commerce.BoardID(c.ids.ID())
	// Who presses twice at once has one of that name.
	if _, err := tx.Exec(`INSERT INTO boards (id, member_id, name, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (member_id, name) DO NOTHING`, b.ID, m, name, commerce.Micros(c.clock.Now())); err != nil {
		return b, err
	}
	return b, tx.Row(`SELECT id FROM boards WHERE member_id = $1 AND name = $2`, m, name).Scan(&b.ID)
}

// Keep puts a pick on a member's board, "" for the one without a name, or takes
// it off. It returns ErrNoBoard, ErrUnknownPick and ErrBoard.
func (c *Creators) Keep(ctx context.Context, m commerce.MemberID, id commerce.BoardID, pick commerce.PickID, on bool) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		if id == "" {
			b, err := c.board(tx, m, "")
			if err != nil {
				return err
			}
			id = b.ID
		}
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM boards WHERE id = $1 AND member_id = $2`, id, m).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return ErrNoBoard
		}
		if !on {
			if err := uncount(tx, `board_id = $1 AND pick_id = $2`, id, pick); err != nil {
				return err
			}
			_, err := tx.Exec(`DELETE FROM board_picks WHERE board_id = $1 AND pick_id = $2`, id, pick)
			return err
		}
		if p, err := pickOf(tx, pick); err != nil {
			return err
		} else if p.Archived {
			return ErrUnknownPick
		}
		if err := tx.Row(`SELECT COUNT(*) FROM board_picks WHERE board_id = $1`, id).Scan(&n); err != nil {
			return err
		}
		if n >= mostKept {
			return ErrBoard
		}
		added, err := tx.Exec(`INSERT INTO board_picks (board_id, pick_id, created_at) VALUES ($1, $2, $3) ON CONFLICT (board_id, pick_id) DO NOTHING`, id, pick, commerce.Micros(c.clock.Now()))
		if err != nil || added == 0 {
			return err
		}
		counted, err := c.keeps(tx, m, pick)
		if err != nil || counted == 0 {
			return err
		}
		_, err = tx.Exec(`UPDATE board_picks SET counted = 1 WHERE board_id = $1 AND pick_id = $2`, id, pick)
		return err
	})
}

// Kept returns a page of what is on a member's board, what was kept last first.
// Picks that are not shown any more are left out.
func (c *Creators) Kept(ctx context.Context, m commerce.MemberID, id commerce.BoardID, cursor string, n int) (page commerce.Page[Pick], err error) {
	from := 0
	if cursor != "" {
		if from, err = strconv.Atoi(cursor); err != nil || from < 0 || from > mostKept {
			return page, ErrCursor
		}
	}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		page = commerce.Page[Pick]{}
		mine := 0
		if err := tx.Row(`SELECT COUNT(*) FROM boards WHERE id = $1 AND member_id = $2`, id, m).Scan(&mine); err != nil {
			return err
		}
		if mine == 0 {
			return ErrNoBoard
		}
		list, err := picksWhere(tx, fmt.Sprintf(`p.archived = 0 AND p.id IN (SELECT pick_id FROM board_picks WHERE board_id = $1)
			ORDER BY (SELECT k.created_at FROM board_picks k WHERE k.board_id = $1 AND k.pick_id = p.id) DESC, p.id LIMIT %d OFFSET %d`, n+1, from), id)
		if len(list) > n {
			list, page.Next = list[:n], strconv.Itoa(from+n)
		}
		page.Items = list
		return err
	})
	return page, err
}

// DropBoard deletes a member's board, with what is on it.
func (c *Creators) DropBoard(ctx context.Context, m commerce.MemberID, id commerce.BoardID) error {
	return c.db.Write(ctx, func(tx *database.Tx) error {
		return dropBoards(tx, `id = $1 AND member_id = $2`, id, m)
	})
}

func dropBoards(tx *database.Tx, where string, args ...any) error {
	if err := uncount(tx, `board_id IN (SELECT id FROM boards WHERE `+where+`)`, args...); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM board_picks WHERE board_id IN (SELECT id FROM boards WHERE `+where+`)`, args...); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM boards WHERE `+where, args...)
	return err
}

// linkBoards makes the boards of one who goes those of the one who stays: of the
// same name they become one.
func linkBoards(tx *database.Tx, keep, gone commerce.MemberID) error {
	// What both have kept counts once.
	if err := uncount(tx, linkedTwice, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE board_picks SET counted = 0 WHERE counted = 1 AND `+linkedTwice, keep, gone); err != nil {
		return err
	}
	for _, do := range []string{
		`INSERT INTO board_picks (board_id, pick_id, created_at, counted) SELECT mine.id, k.pick_id, k.created_at, k.counted FROM board_picks k
			JOIN boards theirs ON theirs.id = k.board_id AND theirs.member_id = $2 JOIN boards mine ON mine.member_id = $1 AND mine.name = theirs.name
			WHERE TRUE ON CONFLICT (board_id, pick_id) DO NOTHING`,
		`DELETE FROM board_picks WHERE board_id IN (SELECT theirs.id FROM boards theirs JOIN boards mine ON mine.name = theirs.name AND mine.member_id = $1 WHERE theirs.member_id = $2)`,
		`DELETE FROM boards WHERE member_id = $2 AND name IN (SELECT mine.name FROM boards mine WHERE mine.member_id = $1)`,
		`UPDATE boards SET member_id = $1 WHERE member_id = $2`,
	} {
		if _, err := tx.Exec(do, keep, gone); err != nil {
			return err
		}
	}
	return nil
}

// linkedTwice is what is kept on boards of $2 and counted for $1 as well.
const linkedTwice = `board_id IN (SELECT id FROM boards WHERE member_id = $2) AND pick_id IN (SELECT k.pick_id FROM boards b JOIN board_picks k ON k.board_id = b.id WHERE b.member_id = $1 AND k.counted = 1)`

// ExportBoards tells what a member keeps: names of boards with titles of picks.
func (c *Creators) ExportBoards(ctx context.Context, m commerce.MemberID) (name string, data any, err error) {
	boards := map[string][]string{}
	err = c.db.Read(ctx, func(tx *database.Tx) error {
		clear(boards)
		return tx.Rows(`SELECT b.name, p.title FROM boards b JOIN board_picks k ON k.board_id = b.id JOIN picks p ON p.id = k.pick_id WHERE b.member_id = $1 ORDER BY k.created_at`, []any{m}, func(scan func(...any) error) error {
			var board, title string
			err := scan(&board, &title)
			boards[board] = append(boards[board], title)
			return err
		})
	})
	return "boards", boards, err
}
