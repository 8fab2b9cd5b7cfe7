package reviews

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
)

const besideQuestion = 3 // answers that moderators read with a question

// Questions shows questions to moderators: it is a moderation.Part.
type Questions struct{ *Reviews }

// Look implements moderation.Part.
func (r Questions) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	q, err := questionOf(tx, id)
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: q.Member, Words: q.Words, Hidden: q.Hidden, Gone: q.Words == ""}
	if s.Brand, err = brandOf(tx, q.Product); err != nil {
		return s, err
	}
	list, err := replies(tx, `question_id = $1 AND hidden = 0 ORDER BY answered_at, member_id LIMIT $2`, id, besideQuestion)
	if err != nil {
		return s, err
	}
	for _, a := range list {
		s.Beside = append(s.Beside, moderation.Beside{Kind: moderation.Reply, Author: a.Member, Words: a.Words})
	}
	if q.Member != "" {
		err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM questions WHERE member_id = $1 AND member_id <> '' AND id <> $2 LIMIT $3) q`, q.Member, id, moderation.MostOthers).Scan(&s.Others)
	}
	return s, err
}

// Hide implements moderation.Part.
func (r Questions) Hide(tx *database.Tx, id string) error {
	_, err := tx.Exec(`UPDATE questions SET hidden = 1 WHERE id = $1`, id)
	return err
}

// Restore implements moderation.Part. Those who can answer hear of it now, where
// they have not before.
func (r Questions) Restore(tx *database.Tx, id string) error {
	if _, err := tx.Exec(`UPDATE questions SET hidden = 0 WHERE id = $1 AND body <> ''`, id); err != nil {
		return err
	}
	q, err := questionOf(tx, id)
	if err != nil || q.Words == "" {
		return err
	}
	return r.tellBuyers(tx, q)
}

// Replies shows what members answer to questions to moderators: it is a
// moderation.Part.
type Replies struct{ *Reviews }

// Look implements moderation.Part.
func (r Replies) Look(tx *database.Tx, id string) (s moderation.Subject, err error) {
	a, err := replyOf(tx, id)
	if err != nil {
		return s, err
	}
	q, err := questionOf(tx, string(a.Question))
	if err != nil {
		return s, err
	}
	s = moderation.Subject{Author: a.Member, Words: a.Words, Hidden: a.Hidden, Under: moderation.Ref{Kind: moderation.Question, ID: string(q.ID)},
		Beside: []moderation.Beside{{Kind: moderation.Question, Author: q.Member, Words: q.Words}}}
	if s.Brand, err = brandOf(tx, q.Product); err != nil {
		return s, err
	}
	err = tx.Row(`SELECT COUNT(*) FROM (SELECT 1 FROM question_answers WHERE member_id = $1 AND id <> $2 LIMIT $3) a`, a.Member, id, moderation.MostOthers).Scan(&s.Others)
	return s, err
}

// Hide implements moderation.Part.
func (r Replies) Hide(tx *database.Tx, id string) error {
	_, err := tx.Exec(`UPDATE question_answers SET hidden = 1 WHERE id = $1`, id)
	return r.recount(tx, id, err)
}

// Restore implements moderation.Part. Who asked hears of the answer now, where
// they have not before.
func (r Replies) Restore(tx *database.Tx, id string) error {
	_, err := tx.Exec(`UPDATE question_answers SET hidden = 0 WHERE id = $1`, id)
	if err := r.recount(tx, id, err); err != nil {
		return err
	}
	a, err := replyOf(tx, id)
	if err != nil {
		return err
	}
	q, err := questionOf(tx, string(a.Question))
	if err != nil {
		return err
	}
	q.Answers-- // without this one
	return r.tellAsker(tx, q, a.Member)
}

// recount counts the answers of the question that one is of.
func (r Replies) recount(tx *database.Tx, id string, err error) error {
	if err != nil {
		return err
	}
	a, err := replyOf(tx, id)
	if err != nil {
		return err
	}
	return countReplies(tx, a.Question)
}

func questionOf(tx *database.Tx, id string) (Question, error) {
	list, err := questions(tx, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = moderation.ErrUnknown
	}
	if err != nil {
		return Question{}, err
	}
	return list[0], nil
}

func replyOf(tx *database.Tx, id string) (Reply, error) {
	list, err := replies(tx, `id = $1`, id)
	if err == nil && len(list) == 0 {
		err = moderation.ErrUnknown
	}
	if err != nil {
		return Reply{}, err
	}
	return list[0], nil
}

func brandOf(tx *database.Tx, p commerce.ProductID) (b commerce.BrandID, err error) {
	err = tx.Row(`SELECT brand_id FROM products WHERE id = $1`, p).Scan(&b)
	if err == database.ErrNone {
		err = nil
	}
	return b, err
}
