-- +goose Up
-- What members ask about a product, and what those who bought it answer.
CREATE TABLE questions (
  id         TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL DEFAULT '',     -- '' once they are erased
  product_id TEXT NOT NULL REFERENCES products(id),
  body       TEXT NOT NULL,
  asked_at   BIGINT NOT NULL,
  answers    BIGINT NOT NULL DEFAULT 0 CHECK (answers >= 0),
  hidden     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX questions_product ON questions (product_id, asked_at, id) WHERE hidden = 0;
CREATE INDEX questions_member ON questions (member_id, asked_at) WHERE member_id <> '';
CREATE TABLE question_answers (
  question_id TEXT NOT NULL REFERENCES questions(id),
  member_id   TEXT NOT NULL REFERENCES members(id),
  body        TEXT NOT NULL,
  answered_at BIGINT NOT NULL,
  PRIMARY KEY (question_id, member_id)
);
CREATE INDEX question_answers_order ON question_answers (question_id, answered_at, member_id);
CREATE INDEX question_answers_member ON question_answers (member_id);
CREATE INDEX received_product ON received (product_id, at);
-- +goose Down
DROP INDEX received_product;
DROP TABLE question_answers;
DROP TABLE questions;
