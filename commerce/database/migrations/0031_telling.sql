-- +goose Up
-- What one person waits for goes before a post in a group, and that before what
-- goes to many: 0, 1, 2.
ALTER TABLE notices ADD COLUMN rank BIGINT NOT NULL DEFAULT 0;
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (state, rank, due_at, created_at, id);

-- Who wants to be told of the drops of a brand, or of what a creator recommends.
CREATE TABLE drop_subscribers (
  of_id      TEXT NOT NULL,              -- a brand or a creator
  member_id  TEXT NOT NULL REFERENCES members(id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (of_id, member_id)
);
CREATE INDEX drop_subscribers_of ON drop_subscribers (member_id);
-- The announcement of a drop to each member who wants to be told.
CREATE TABLE drop_tellings (
  drop_id   TEXT NOT NULL REFERENCES drops(id),
  member_id TEXT NOT NULL REFERENCES members(id),
  bot       TEXT NOT NULL,               -- by which it will go, as far as is known
  notice_id TEXT NOT NULL,
  PRIMARY KEY (drop_id, member_id)
);
-- What is told before a drop opens, to members a part at a time.
CREATE TABLE drop_rounds (
  drop_id TEXT NOT NULL REFERENCES drops(id),
  before  BIGINT NOT NULL,               -- the opening, in seconds; 0 is the announcement
  who     TEXT NOT NULL CHECK (who IN ('groups', 'members')),
  upto    TEXT NOT NULL DEFAULT '',      -- the last member whose notice is written
  done    BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (drop_id, before, who)
);
-- +goose Down
DROP TABLE drop_rounds;
DROP TABLE drop_tellings;
DROP TABLE drop_subscribers;
DROP INDEX notices_due;
CREATE INDEX notices_due ON notices (state, due_at);
ALTER TABLE notices DROP COLUMN rank;
