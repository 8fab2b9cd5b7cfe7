package creators

// What moderation does with picks. The rules:
//   - a hidden pick is in no list and no feed; its posts say so where they stand.
//   - hidden is a mark of its own beside withdrawn or no longer declared: restored
//     it has its place, its pin, its hashtags and what it waits to be posted as
//     before, and what was withdrawn meanwhile stays so.
//   - it cannot be changed while it is hidden by a decision; what a word holds
//     back can, and is shown once the word is gone.

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

// The marks in picks.archived.
const (
	withdrawnMark = 1 // or no longer declared
	hiddenMark    = 2
)

// ErrHidden says that a pick is hidden by moderation, and cannot be changed.
var ErrHidden = &commerce.Error{Kind: commerce.Conflict, Message: "pick.ishidden"}

// Moderated shows picks to moderators: it is a moderation.Part.
type Moderated struct{ *Creators }

// Look implements moderation.Part.
func (c Moderated) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	p, err := pickOf(tx, commerce.PickID(id))
	if err == ErrUnknownPick {
		return s, moderation.ErrUnknown
	}
	if err != nil {
		return s, err
	}
	by, err := creatorOf(tx, p.Creator)
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: by.Member, By: by.Name, Title: p.Title, Words: p.Body, Photos: p.Photos, Video: p.Video, Hidden: p.Hidden, Gone: p.Archived && !p.Hidden}
	err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM picks WHERE creator_id = $1 AND id <> $2 AND archived <> 1 LIMIT $3) p`, p.Creator, id, moderation.MostOthers).Scan(&s.Others)
	return s, err
}

// Hide implements moderation.Part.
func (c Moderated) Hide(tx *database.Tx, id string) error {
	return c.mark(tx, id, `archived | $3`, hiddenMark)
}

// Restore implements moderation.Part.
func (c Moderated) Restore(tx *database.Tx, id string) error {
	return c.mark(tx, id, `archived & $3`, withdrawnMark)
}

func (c Moderated) mark(tx *database.Tx, id, archived string, mark int64) error {
	tx.After(func() {
		c.picks.Drop(commerce.PickID(id))
		c.recommending.Clear()
		c.clearLists()
	})
	_, err := tx.Exec(`UPDATE picks SET archived = `+archived+`, changed_at = $2 WHERE id = $1`, id, commerce.Micros(c.clock.Now()), mark)
	return err
}

// mayChange returns ErrHidden for a pick that a decision hides.
func mayChange(tx *database.Tx, p Pick) error {
	if !p.Hidden {
		return nil
	}
	hidden, err := moderation.Hides(tx, ref(p.ID))
	if err == nil && hidden {
		err = ErrHidden
	}
	return err
}

func ref(id commerce.PickID) moderation.Ref {
	return moderation.Ref{Kind: moderation.Pick, ID: string(id)}
}

// hold keeps a pick from being shown that a word of the lists is in, until a
// moderator has looked at it, and shows it where the word is gone.
func (c *Creators) hold(tx *database.Tx, p *Pick, author commerce.MemberID, words moderation.Words) error {
	word := words.Find(p.Title + "\n" + p.Body)
	switch {
	case c.Moderation == nil || word == "" && !p.Hidden:
		return nil
	case word == "":
		p.Hidden, p.Archived = false, false
		if err := c.Moderation.Mended(tx, ref(p.ID)); err != nil {
			return err
		}
		return Moderated{c}.Restore(tx, string(p.ID))
	}
	// It may have been looked at with the same word in it: it is looked at again.
	p.Hidden, p.Archived = true, true
	if err := c.Moderation.Hold(tx, ref(p.ID), author, word); err != nil {
		return err
	}
	return Moderated{c}.Hide(tx, string(p.ID))
}
