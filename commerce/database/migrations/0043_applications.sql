-- +goose Up
-- Members who want to become creators: one application each, sent again as
-- often as they like.
CREATE TABLE applications (
  id         TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL UNIQUE REFERENCES members(id),
  state      TEXT NOT NULL,                 -- sent, advised, approved
  product_id TEXT NOT NULL REFERENCES products(id),
  body       TEXT NOT NULL,                 -- the review
  photos     TEXT NOT NULL,                 -- hashes, separated by spaces
  bot        TEXT NOT NULL,                 -- where it was written
  tries      BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL,
  advice     TEXT NOT NULL DEFAULT '',      -- what the reviewer recommended last
  decided_at BIGINT NOT NULL DEFAULT 0,
  decided_by TEXT NOT NULL DEFAULT '',
  CHECK (state IN ('sent', 'advised', 'approved'))
);
CREATE INDEX applications_sent ON applications (sent_at) WHERE state = 'sent';
-- What happened to it, never changed.
CREATE TABLE application_events (
  application_id TEXT NOT NULL REFERENCES applications(id),
  seq            BIGINT NOT NULL,
  at             BIGINT NOT NULL,
  actor          TEXT NOT NULL,
  what           TEXT NOT NULL,
  words          TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (application_id, seq)
);
-- A creator's code, and how they are shown.
ALTER TABLE creators ADD COLUMN code TEXT NOT NULL DEFAULT '';          -- capital letters and digits, '' for none
CREATE UNIQUE INDEX creators_code ON creators (code) WHERE code <> '';

-- +goose Down
DROP INDEX creators_code;
ALTER TABLE creators DROP COLUMN code;
DROP TABLE application_events;
DROP TABLE applications;
