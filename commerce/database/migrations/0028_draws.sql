-- +goose Up
-- The draw of a drop, one for each variant. Its method is docs/fair-draws.md.
CREATE TABLE drop_draws (
  drop_id    TEXT NOT NULL REFERENCES drops(id),
  variant_id TEXT NOT NULL,
  seed       TEXT NOT NULL,              -- told when it is drawn, never before
  commitment TEXT NOT NULL,              -- its sha256, told at the announcement
  list       TEXT NOT NULL DEFAULT '',   -- who is in, as tickets, from the close on
  list_hash  TEXT NOT NULL DEFAULT '',   -- told at the close
  entries    BIGINT NOT NULL DEFAULT 0,  -- in the list
  drawn_at   BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (drop_id, variant_id)
);
ALTER TABLE drop_entries ADD COLUMN who TEXT NOT NULL DEFAULT '';    -- what their ticket is made of; emptied when they are erased
ALTER TABLE drop_entries ADD COLUMN salt TEXT NOT NULL DEFAULT '';
ALTER TABLE drop_entries ADD COLUMN ticket TEXT NOT NULL DEFAULT '';
CREATE INDEX drop_entries_ticket ON drop_entries (drop_id, ticket) WHERE ticket <> '';
-- +goose Down
DROP INDEX drop_entries_ticket;
ALTER TABLE drop_entries DROP COLUMN ticket;
ALTER TABLE drop_entries DROP COLUMN salt;
ALTER TABLE drop_entries DROP COLUMN who;
DROP TABLE drop_draws;
