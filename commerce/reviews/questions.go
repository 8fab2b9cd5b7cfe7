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
	Answers int64
}

// Reply is what somebody who received it answers.
type Reply struct {
	Member     commerce.MemberID
	Words      string
	AnsweredAt time.Time
}

// Errors of questions.
var (
	ErrNoQuestion  = &commerce.Error{Kind: commerce.NotFound, Message: "question.gone"}
	ErrManyToday   = &commerce.Error{Kind: commerce.Conflict, Message: "question.many"}
	ErrOwnQuestion = &commerce.Error{Kind: commerce.Conflict, Message: "question.own"}
	ErrNotBuyer    = &commerce.Error{Kind: commerce.Conflict, Message: "question.notbuyer"}
	ErrReplied     = &commerce.Error{Kind: commerce.Conflict, Message: "question.replied"}
)

// Ask keeps a question about a product, and tells some who can answer it. It
// returns ErrManyToday.
func (r *Reviews) Ask(ctx context.Context, q Question) (Question, error) {
	now := r.Clock.Now()
	q.ID, q.AskedAt = commerce.QuestionID(r.IDs.ID()), commerce.FromMicros(commerce.Micros(now))
	err := r.DB.Write(ctx, func(tx *database.Tx) error {
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
		if _, err := tx.Exec(`INSERT INTO questions (id, member_id, product_id, body, asked_at) VALUES ($1, $2, $3, $4, $5)`, q.ID, q.Member, q.Product, q.Words, commerce.Micros(now)); err != nil {
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
	})
	return q, err
}

// Reply keeps a member's answer to a question. It returns ErrNotBuyer,
// ErrOwnQuestion, ErrReplied or ErrNoQuestion.
func (r *Reviews) Reply(ctx context.Context, m commerce.MemberID, id commerce.QuestionID, words string) error {
	now := r.Clock.Now()
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
		n, err := tx.Exec(`INSERT INTO question_answers (question_id, member_id, body, answered_at) VALUES ($1, $2, $3, $4) ON CONFLICT (question_id, member_id) DO NOTHING`, id, m, words, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrReplied
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE questions SET answers = answers + 1 WHERE id = $1`, id); err != nil || q.Member == "" || q.Answers >= answersTold {
			return err
		}
		_, err = notices.Add(tx, r.IDs, now, notices.Notice{Kind: notices.QuestionAnswered, Member: q.Member, Args: map[string]string{"question": string(id)},
			Once: fmt.Sprintf("%s:%s:%s", notices.QuestionAnswered, id, m)})
		return err
	})
}

// Question returns a question, or ErrNoQuestion.
func (r *Reviews) Question(ctx context.Context, id commerce.QuestionID) (q Question, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) (err error) {
		q, err = question(tx, id)
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

// Replies returns at most n answers to a question, the first first.
func (r *Reviews) Replies(ctx context.Context, id commerce.QuestionID, n int) (list []Reply, err error) {
	err = r.DB.Read(ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(`SELECT member_id, body, answered_at FROM question_answers WHERE question_id = $1 ORDER BY answered_at, member_id LIMIT $2`, []any{id, n}, func(scan func(...any) error) error {
			var a Reply
			var at int64
			err := scan(&a.Member, &a.Words, &at)
			a.AnsweredAt = commerce.FromMicros(at)
			list = append(list, a)
			return err
		})
	})
	return list, err
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
	err = tx.Rows(`SELECT id, member_id, product_id, body, asked_at, answers FROM questions WHERE `+where, args, func(scan func(...any) error) error {
		var q Question
		var at int64
		err := scan(&q.ID, &q.Member, &q.Product, &q.Words, &at, &q.Answers)
		q.AskedAt = commerce.FromMicros(at)
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
	if _, err := tx.Exec(`INSERT INTO question_answers (question_id, member_id, body, answered_at) SELECT question_id, $1, body, answered_at FROM question_answers AS g WHERE g.member_id = $2
		ON CONFLICT (question_id, member_id) DO NOTHING`, keep, gone); err != nil {
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
		if _, err := tx.Exec(`UPDATE questions SET answers = (SELECT COUNT(*) FROM question_answers a WHERE a.question_id = $1) WHERE id = $1`, id); err != nil {
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
