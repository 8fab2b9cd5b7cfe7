-- +goose Up
-- What members report, what moderators did about it, and a log of all of it.
CREATE TABLE reports (
  kind       TEXT NOT NULL,                 -- pick, review, answer
  subject_id TEXT NOT NULL,
  member_id  TEXT NOT NULL,                 -- who reported it
  reason     TEXT NOT NULL,
  words      TEXT NOT NULL DEFAULT '',
  at         BIGINT NOT NULL,
  PRIMARY KEY (kind, subject_id, member_id) -- one report a member and subject
);
CREATE INDEX reports_member ON reports (member_id, at);
CREATE INDEX reports_subject ON reports (kind, subject_id, at);

-- What waits for a moderator, or did: one row a subject.
CREATE TABLE cases (
  kind       TEXT NOT NULL,
  subject_id TEXT NOT NULL,
  member_id  TEXT NOT NULL DEFAULT '',      -- who wrote it, '' for nobody in the chat
  state      TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  severity   BIGINT NOT NULL,               -- of the worst report since it was opened
  reports    BIGINT NOT NULL,               -- since it was opened
  word       TEXT NOT NULL DEFAULT '',      -- that held it back, '' for none
  opened_at  BIGINT NOT NULL,
  PRIMARY KEY (kind, subject_id)
);
CREATE INDEX cases_open ON cases (severity DESC, reports DESC, opened_at) WHERE state = 'open';
CREATE INDEX cases_member ON cases (member_id);

-- What was decided against something written, or somebody.
CREATE TABLE measures (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL CHECK (kind IN ('hide', 'warn', 'freeze', 'ban')),
  about       TEXT NOT NULL,                -- kind of what it is about, and
  subject_id  TEXT NOT NULL,                -- its id
  member_id   TEXT NOT NULL DEFAULT '',     -- whom it is against, '' for nobody in the chat
  reason      TEXT NOT NULL,
  words       TEXT NOT NULL DEFAULT '',     -- to the member
  until       BIGINT NOT NULL DEFAULT 0,    -- of a freeze
  made_at     BIGINT NOT NULL,
  made_by     TEXT NOT NULL,                -- a member of the staff
  lifted_at   BIGINT NOT NULL DEFAULT 0,    -- 0 while it stands
  appeal      TEXT NOT NULL DEFAULT '' CHECK (appeal IN ('', 'open', 'granted', 'kept')),
  plea        TEXT NOT NULL DEFAULT '',     -- the member's words
  appealed_at BIGINT NOT NULL DEFAULT 0,
  answer      TEXT NOT NULL DEFAULT '',
  answered_by TEXT NOT NULL DEFAULT '',
  answered_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX measures_member ON measures (member_id, made_at);
CREATE INDEX measures_subject ON measures (about, subject_id);
CREATE INDEX measures_appeal ON measures (appealed_at) WHERE appeal = 'open';

-- What was done, by whom: append only, each line sealed with the one before it.
-- No words of anybody, whom the law lets take them back: their digest.
CREATE TABLE moderation_log (
  n      BIGINT PRIMARY KEY,                -- without gaps
  at     BIGINT NOT NULL,
  actor  TEXT NOT NULL,                     -- staff:<member>, member or words
  what   TEXT NOT NULL,
  about  TEXT NOT NULL,                     -- kind:id
  measure TEXT NOT NULL DEFAULT '',
  member TEXT NOT NULL DEFAULT '',          -- whom it is against
  reason TEXT NOT NULL DEFAULT '',
  digest TEXT NOT NULL DEFAULT '',          -- of the words
  hash   TEXT NOT NULL                      -- of all of this and the hash before it
);
INSERT INTO versions (name, n) VALUES ('moderation', 0);

-- +goose Down
DELETE FROM versions WHERE name = 'moderation';
DROP TABLE moderation_log;
DROP TABLE measures;
DROP TABLE cases;
DROP TABLE reports;
