package reviews

// The rules of questions:
//   - anybody asks, a few a day; who received the product answers, once each, and
//     nobody answers their own question.
//   - some of those who received it last are told of a question, each of one in
//     a week at most; who asked is told of the first answers.

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/notices"
)

const (
	questionsADay = 5
	askedOf       = 3  // members who are told of a question
	lookedAt      = 20 // of those who received it last
	answersTold   = 3
	day           = 24 * time.Hour
)

// Question is what a member asks about a product.
type Question struct {
	ID      commerce.QuestionID
	Member  commerce.MemberID
	Product commerce.ProductID
	Words   string
	AskedAt time.Time
	Answers int64 // that are shown
	Hidden  bool  // by a moderator, or until one has looked at it
}

// Reply is what somebody who received it answers.
type Reply struct {
	ID         string
	Question   commerce.QuestionID
	Member     commerce.MemberID
	Words      string
	AnsweredAt time.Time
	Hidden     bool
}

// Errors of questions.
var (
	ErrNoQuestion  = &commerce.Error{Kind: commerce.NotFound, Message: "question.gone"}
	ErrManyToday   = &commerce.Error{Kind: commerce.Conflict, Message: "question.many"}
	ErrOwnQuestion = &commerce.Error{Kind: commerce.Conflict, Message: "question.own"}
	ErrNotBuyer    = &commerce.Error{Kind: commerce.Conflict, Message: "question.notbuyer"}
	ErrReplied     = &commerce.Error{Kind: commerce.Conflict, Message: "question.replied"}
)

// Ask keeps a question about a product, and tells some who can answer it. It is
// Hidden where a word holds it back. It returns ErrManyToday.
func (r *Reviews) Ask(ctx context.Context, q Question) (Question, error) {
	words, err := r.words(ctx, q.Member)
	if err != nil {
		return q, err
	}
	now, word := r.Clock.Now(), words.Find(q.Words)
	q.ID, q.AskedAt, q.Hidden = commerce.QuestionID(r.IDs.ID()), commerce.FromMicros(commerce.Micros(now)), word != ""
	err = r.DB.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, q.Member, now); err != nil {
			return err
		}
		n := 0
		if err := tx.Row(`SELECT COUNT(*) FROM questions WHERE member_id = $1 AND member_id <> '' AND asked_at > $2`, q.Member, commerce.Micros(now.Add(-day))).Scan(&n); err != nil {
			return err
		}
		if n >= questionsADay {
			return ErrManyToday
		}
		if _, err := tx.Exec(`INSERT INTO questions (id, member_id, product_id, body, asked_at, hidden, told) VALUES ($1, $2, $3, $4, $5, $6, 0)`, q.ID, q.Member, q.Product, q.Words, commerce.Micros(now), bit(q.Hidden)); err != nil {
			return err
		}
		if q.Hidden {
			return r.hold(tx, moderation.Question, string(q.ID), q.Member, word)
		}
		return r.tellBuyers(tx, q)
	})
	return q, err
}

// tellBuyers tells some of those who received a product of a question, once.
func (r *Reviews) tellBuyers(tx *database.Tx, q Question) error {
	n, err := tx.Exec(`UPDATE questions SET told = 1 WHERE id = $1 AND told = 0`, q.ID)
	if err != nil || n == 0 {
		return err
	}
	var who []commerce.MemberID
	if err := tx.Rows(`SELECT member_id, brand_id FROM received WHERE product_id = $1 ORDER BY at DESC, member_id LIMIT $2`, []any{q.Product, lookedAt}, func(scan func(...any) error) error {
		var m commerce.MemberID
		var b commerce.BrandID
		err := scan(&m, &b)
		if m != q.Member && !r.worksFor(b, m) {
			who = append(who, m)
		}
		return err
	}); err != nil {
		return err
	}
	now := r.Clock.Now()
	week, told := now.Unix()/(7*24*3600), 0
	for _, m := range who {
		added, err := notices.Add(tx, r.IDs, now, notices.Notice{Kind: notices.QuestionAsk, Member: m, Args: map[string]string{"question": string(q.ID)},
			Once: notices.QuestionAsk + ":" + string(m) + ":" + strconv.FormatInt(week, 10)})
		if err != nil {
			return err
		}
		if added {
			told++
		}
		if told == askedOf {
			break
		}
	}
	return nil
}

// Reply keeps a member's answer to a question; one that a word holds back can be
// written anew. It returns ErrNotBuyer, ErrOwnQuestion, ErrReplied or ErrNoQuestion.
func (r *Reviews) Reply(ctx context.Context, m commerce.MemberID, id commerce.QuestionID, words string) error {
	hold, err := r.words(ctx, m)
	if err != nil {
		return err
	}
	now, word := r.Clock.Now(), hold.Find(words)
	return r.DB.Write(ctx, func(tx *database.Tx) error {
		if err := moderation.May(tx, m, now); err != nil {
			return err
		}
		q, err := question(tx, id)
		switch {
		case err != nil:
			return err
		case q.Member == m:
			return ErrOwnQuestion
		}
		got := 0
		if err := tx.Row(`SELECT COUNT(*) FROM received WHERE member_id = $1 AND product_id = $2`, m, q.Product).Scan(&got); err != nil {
			return err
		}
		if got == 0 {
			return ErrNotBuyer
		}
		var was Reply
		if list, err := replies(tx, `question_id = $1 AND member_id = $2`, id, m); err != nil {
			return err
		} else if len(list) > 0 {
			was = list[0]
		}
		switch {
		case was.ID == "":
			was.ID = r.IDs.ID()
			n, err := tx.Exec(`INSERT INTO question_answers (id, question_id, member_id, body, answered_at, hidden) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (question_id, member_id) DO NOTHING`,
				was.ID, id, m, words, commerce.Micros(now), bit(word != ""))
			if err == nil && n == 0 {
				err = ErrReplied
			}
			if err != nil {
				return err
			}
		case !was.Hidden:
			return ErrReplied
		default:
			if err := decided(tx, moderation.Reply, was.ID); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE question_answers SET body = $2, answered_at = $3, hidden = $4 WHERE id = $1`, was.ID, words, commerce.Micros(now), bit(word != "")); err != nil {
				return err
			}
			if err := r.mended(tx, moderation.Reply, was.ID); err != nil {
				return err
			}
		}
		if word != "" {
			return r.hold(tx, moderation.Reply, was.ID, m, word)
		}
		if err := countReplies(tx, id); err != nil {
			return err
		}
		return r.tellAsker(tx, q, m)
	})
}

// tellAsker tells who asked that somebody has answered: of the first answers, each once.
func (r *Reviews) tellAsker(tx *database.Tx, q Question, by commerce.MemberID) error {
	if q.Member == "" || q.Hidden || q.Answers >= answersTold {
		return nil
	}
	_, err := notices.Add(tx, r.IDs, r.Clock.Now(), notices.Notice{Kind: notices.QuestionAnswered, Member: q.Member, Args: map[string]string{"question": string(q.ID)},
		Once: fmt.Sprintf("%s:%s:%s", notices.QuestionAnswered, q.ID, by)})
	return err
}

// Question returns a question as a member sees it, their own also while it is
// hidden, or ErrNoQuestion.
func (r *Reviews) Question(ctx context.Context, who commerce.MemberID, id commerce.QuestionID) (q Question, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		list, err := questions(tx, `id = $1 AND (hidden = 0 OR member_id = $2 AND member_id <> '')`, id, who)
		if err == nil && len(list) == 0 {
			err = ErrNoQuestion
		}
		if err == nil {
			q = list[0]
		}
		return err
	})
	return q, err
}

// Questions returns a page of at most n questions about a product, the newest first.
func (r *Reviews) Questions(ctx context.Context, p commerce.ProductID, cursor string, n int) (page commerce.Page[Question], err error) {
	where, args := `product_id = $1 AND hidden = 0`, []any{p, n + 1}
	if cursor != "" {
		where += ` AND (asked_at, id) < (SELECT asked_at, id FROM questions WHERE id = $3)`
		args = append(args, cursor)
	}
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		page = commerce.Page[Question]{}
		page.Items, err = questions(tx, where+` ORDER BY asked_at DESC, id DESC LIMIT $2`, args...)
		if len(page.Items) > n {
			page.Items = page.Items[:n]
			page.Next = string(page.Items[n-1].ID)
		}
		return err
	})
	return page, err
}

// Replies returns at most n answers to a question as a member sees them, the first
// first: their own also while it is hidden.
func (r *Reviews) Replies(ctx context.Context, who commerce.MemberID, id commerce.QuestionID, n int) (list []Reply, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		list, err = replies(tx, `question_id = $1 AND (hidden = 0 OR member_id = $2) ORDER BY answered_at, member_id LIMIT $3`, id, who, n)
		return err
	})
	return list, err
}

func replies(tx *database.Tx, where string, args ...any) (list []Reply, err error) {
	err = tx.Rows(`SELECT id, question_id, member_id, body, answered_at, hidden FROM question_answers WHERE `+where, args, func(scan func(...any) error) error {
		var a Reply
		var at, hidden int64
		err := scan(&a.ID, &a.Question, &a.Member, &a.Words, &at, &hidden)
		a.AnsweredAt, a.Hidden = commerce.FromMicros(at), hidden > 0
		list = append(list, a)
		return err
	})
	return list, err
}

func countReplies(tx *database.Tx, id commerce.QuestionID) error {
	_, err := tx.Exec(`UPDATE questions SET answers = (SELECT COUNT(*) FROM question_answers a WHERE a.question_id = $1 AND a.hidden = 0) WHERE id = $1`, id)
	return err
}

func question(tx *database.Tx, id commerce.QuestionID) (Question, error) {
	list, err := questions(tx, `id = $1 AND hidden = 0`, id)
	if err == nil && len(list) == 0 {
		err = ErrNoQuestion
	}
	if err != nil {
		return Question{}, err
	}
	return list[0], nil
}

func questions(tx *database.Tx, where string, args ...any) (list []Question, err error) {
	err = tx.Rows(`SELECT id, member_id, product_id, body, asked_at, answers, hidden FROM questions WHERE `+where, args, func(scan func(...any) error) error {
		var q Question
		var at, hidden int64
		err := scan(&q.ID, &q.Member, &q.Product, &q.Words, &at, &q.Answers, &hidden)
		q.AskedAt, q.Hidden = commerce.FromMicros(at), hidden > 0
		list = append(list, q)
		return err
	})
	return list, err
}

// linkQuestions gives what one member asked and answered to another; of two
// answers to one question one stays, and none to what is now one's own.
func linkQuestions(tx *database.Tx, keep, gone commerce.MemberID) error {
	if _, err := tx.Exec(`UPDATE questions SET member_id = $1 WHERE member_id = $2 AND member_id <> ''`, keep, gone); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE question_answers SET member_id = $1 WHERE member_id = $2
		AND NOT EXISTS (SELECT 1 FROM question_answers AS k WHERE k.member_id = $1 AND k.question_id = question_answers.question_id)`, keep, gone); err != nil {
		return err
	}
	return unanswer(tx, gone, keep)
}

// unanswer takes out the answers of a member, and those of another to their own
// questions.
func unanswer(tx *database.Tx, m, own commerce.MemberID) error {
	var of []commerce.QuestionID
	if err := tx.Rows(`SELECT question_id FROM question_answers WHERE member_id = $1
		UNION SELECT a.question_id FROM question_answers a JOIN questions q ON q.id = a.question_id WHERE a.member_id = $2 AND q.member_id = a.member_id`, []any{m, own}, func(scan func(...any) error) error {
		var id commerce.QuestionID
		err := scan(&id)
		of = append(of, id)
		return err
	}); err != nil {
		return err
	}
	for _, id := range of {
		if _, err := tx.Exec(`DELETE FROM question_answers WHERE question_id = $1 AND (member_id = $2 OR member_id = $3 AND EXISTS (SELECT 1 FROM questions q WHERE q.id = $1 AND q.member_id = $3))`, id, m, own); err != nil {
			return err
		}
		if err := countReplies(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// eraseQuestions takes out what a member asked and answered.
func eraseQuestions(tx *database.Tx, m commerce.MemberID) error {
	if err := unanswer(tx, m, m); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE questions SET member_id = '', body = '', hidden = 1 WHERE member_id = $1 AND member_id <> ''`, m)
	return err
}

// Spoken is what a member asked or answered, as they take it along.
type Spoken struct {
	Product  commerce.ProductID `json:"product"`
	Question string             `json:"question,omitempty"`
	Answer   string             `json:"answer,omitempty"`
	At       time.Time          `json:"at"`
}

// ExportQuestions returns what a member asked and answered.
func (r *Reviews) ExportQuestions(ctx context.Context, m commerce.MemberID) (out []Spoken, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		out = []Spoken{}
		return tx.Rows(`SELECT product_id, body, '', asked_at FROM questions WHERE member_id = $1 AND member_id <> ''
			UNION ALL SELECT q.product_id, '', a.body, a.answered_at FROM question_answers a JOIN questions q ON q.id = a.question_id WHERE a.member_id = $1 ORDER BY 4`, []any{m}, func(scan func(...any) error) error {
			var s Spoken
			var at int64
			err := scan(&s.Product, &s.Question, &s.Answer, &at)
			s.At = commerce.FromMicros(at)
			out = append(out, s)
			return err
		})
	})
	return out, err
}
