-- +goose Up
-- What was noticed about who takes part in a drop. It refuses nothing.
CREATE TABLE drop_flags (
  entry_id   TEXT NOT NULL REFERENCES drop_entries(id),
  reason     TEXT NOT NULL CHECK (reason IN ('young', 'new', 'card', 'address')),
  others     BIGINT NOT NULL DEFAULT 0,  -- accounts with the same card or address
  state      TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'objected', 'cleared', 'upheld')),
  objection  TEXT NOT NULL DEFAULT '',   -- what the member said
  actor      TEXT NOT NULL DEFAULT '',   -- staff:<member id>, who settled it
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  PRIMARY KEY (entry_id, reason)
);
-- What was looked at: entries, and orders that were placed on them.
CREATE TABLE drop_checked (
  id TEXT PRIMARY KEY                    -- entry:…, order:… for its address, card:… for the card that paid it
);
-- Cards and addresses of entries, as digests with a key of the drop: the same one
-- is known again, and nothing leads back to it once the key is gone.
CREATE TABLE drop_marks (
  drop_id    TEXT NOT NULL REFERENCES drops(id),
  entry_id   TEXT NOT NULL REFERENCES drop_entries(id),
  kind       TEXT NOT NULL CHECK (kind IN ('card', 'address')),
  mark       TEXT NOT NULL,
  PRIMARY KEY (entry_id, kind, mark)
);
CREATE INDEX drop_marks_same ON drop_marks (drop_id, kind, mark);
CREATE TABLE drop_keys (
  drop_id TEXT PRIMARY KEY REFERENCES drops(id),
  key     TEXT NOT NULL
);
ALTER TABLE cards ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''; -- Stripe's, the same for the same card
-- +goose Down
ALTER TABLE cards DROP COLUMN fingerprint;
DROP TABLE drop_keys;
DROP TABLE drop_marks;
DROP TABLE drop_checked;
DROP TABLE drop_flags;
