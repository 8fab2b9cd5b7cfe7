-- +goose Up
-- on hand = free + held + sold. A variant without a row is not counted.
-- The CHECKs stand behind the conditional UPDATEs of commerce/stock: oversell
-- is refused by the database, whatever the program does.
CREATE TABLE stock (
  variant_id TEXT PRIMARY KEY REFERENCES variants(id),
  on_hand    BIGINT NOT NULL,
  free       BIGINT NOT NULL,
  held       BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0),
  sold       BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
  backorder  BIGINT NOT NULL DEFAULT 0, -- 1: may be sold below zero
  imported   BIGINT NOT NULL DEFAULT 0, -- the quantity the last feed told
  CHECK (free >= 0 OR backorder = 1),
  CHECK (on_hand = free + held + sold)
);
CREATE TABLE holds (
  id         TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL REFERENCES members(id),
  state      TEXT NOT NULL CHECK (state IN ('held', 'released', 'sold', 'returned')),
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE TABLE hold_lines (
  hold_id    TEXT NOT NULL REFERENCES holds(id),
  variant_id TEXT NOT NULL REFERENCES variants(id),
  quantity   BIGINT NOT NULL CHECK (quantity > 0),
  counted    BIGINT NOT NULL,           -- 1: units moved in stock; 0: not counted then
  PRIMARY KEY (hold_id, variant_id)
);
-- +goose Down
DROP TABLE hold_lines;
DROP TABLE holds;
DROP TABLE stock;
