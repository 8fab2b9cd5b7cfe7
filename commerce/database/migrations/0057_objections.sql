-- +goose Up
-- What somebody says is wrong with a receipt, and what was decided: once.
CREATE TABLE objections (
  id         TEXT PRIMARY KEY,
  earning_id TEXT NOT NULL REFERENCES earnings(id),
  member_id  TEXT NOT NULL,             -- who says so: the earner or the buyer, '' once they are erased
  pick_id    TEXT NOT NULL DEFAULT '',  -- that brought the buyer there, as they say
  words      TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('open', 'stands', 'back', 'moved')),
  creator_id TEXT NOT NULL DEFAULT '',  -- moved: to whom
  amount     BIGINT NOT NULL DEFAULT 0 CHECK (amount >= 0),  -- what was taken back or moved
  reason     TEXT NOT NULL DEFAULT '',  -- told to both
  made_at    BIGINT NOT NULL,
  decided_at BIGINT NOT NULL DEFAULT 0,
  CHECK ((state = 'open') = (decided_at = 0))
);
CREATE UNIQUE INDEX objections_once ON objections (earning_id, member_id) WHERE member_id <> '';
CREATE INDEX objections_open ON objections (made_at, id) WHERE state = 'open';
CREATE INDEX objections_earning ON objections (earning_id, made_at);
CREATE INDEX objections_member ON objections (member_id, made_at);
ALTER TABLE earnings ADD COLUMN cut BIGINT NOT NULL DEFAULT 0;           -- of back: what decisions took
ALTER TABLE earnings ADD COLUMN cut_back BIGINT NOT NULL DEFAULT 0;      -- back, right after the last decision
ALTER TABLE earnings ADD COLUMN cut_returned BIGINT NOT NULL DEFAULT 0;  -- returned, at the last decision
-- +goose Down
ALTER TABLE earnings DROP COLUMN cut_returned;
ALTER TABLE earnings DROP COLUMN cut_back;
ALTER TABLE earnings DROP COLUMN cut;
DROP TABLE objections;
