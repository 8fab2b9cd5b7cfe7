-- +goose Up
-- The year a member says they were born in, and nothing else: whether they are old
-- enough for what has an age follows from it.
CREATE TABLE ages (
  member_id TEXT PRIMARY KEY REFERENCES members(id),
  born      BIGINT NOT NULL,           -- a year
  wish      BIGINT NOT NULL DEFAULT 0, -- the year they ask moderators to write instead, 0 for none
  wished_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX ages_wished ON ages (wished_at, member_id) WHERE wish > 0;
-- +goose Down
DROP TABLE ages;
