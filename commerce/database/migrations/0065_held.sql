-- +goose Up
-- What a word holds back of reviews, questions and answers, and what moderators
-- hide of them one by one.
ALTER TABLE reviews ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;       -- the stars that the scores have of it, as three digits; 0 while a word has held it back since it was written
ALTER TABLE reviews ADD COLUMN answer_hidden BIGINT NOT NULL DEFAULT 0; -- 1 where the brand's answer is not shown
UPDATE reviews SET counted = 100 * described + 10 * quality + service;
CREATE INDEX reviews_answerer ON reviews (answered_by) WHERE answered_by <> '';
ALTER TABLE questions ADD COLUMN told BIGINT NOT NULL DEFAULT 1;        -- 0 until those who bought it were told of it
ALTER TABLE question_answers ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE question_answers ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;
UPDATE question_answers SET id = question_id || member_id;
CREATE UNIQUE INDEX question_answers_id ON question_answers (id);
-- +goose Down
DROP INDEX question_answers_id;
ALTER TABLE question_answers DROP COLUMN hidden;
ALTER TABLE question_answers DROP COLUMN id;
ALTER TABLE questions DROP COLUMN told;
DROP INDEX reviews_answerer;
ALTER TABLE reviews DROP COLUMN answer_hidden;
ALTER TABLE reviews DROP COLUMN counted;
