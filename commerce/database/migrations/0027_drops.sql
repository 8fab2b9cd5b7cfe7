-- +goose Up
-- Units set aside for something, as a drop: they count as held in stock, and no
-- order has them yet.
CREATE TABLE allotments (
  id         TEXT NOT NULL,              -- what they are set aside for
  variant_id TEXT NOT NULL REFERENCES variants(id),
  quantity   BIGINT NOT NULL CHECK (quantity >= 0),
  closed     BIGINT NOT NULL DEFAULT 0,  -- 1: what comes back is free again
  PRIMARY KEY (id, variant_id)
);
CREATE INDEX allotments_variant ON allotments (variant_id);
ALTER TABLE hold_lines ADD COLUMN allotment TEXT NOT NULL DEFAULT ''; -- they were taken from
ALTER TABLE orders ADD COLUMN claim TEXT NOT NULL DEFAULT '';         -- of a drop, that the order was placed on

-- A drop as it was announced. Its terms are fixed from then on.
--   announced → the groups are being told, nothing can be claimed yet
--   open      → members claim
--   closed    → nobody claims any more, some may still pay
--   over      → all is sold, or went back to the shelf
--   cancelled
CREATE TABLE drops (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,              -- in the YAML
  brand_id   TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('announced', 'open', 'closed', 'over', 'cancelled')),
  paused     BIGINT NOT NULL DEFAULT 0,  -- since when
  terms      TEXT NOT NULL,              -- the plan, JSON
  opens_at   BIGINT NOT NULL,            -- moves on until everybody is told
  closes_at  BIGINT NOT NULL,
  told_at    BIGINT NOT NULL DEFAULT 0,  -- when the last of them was
  opened_at  BIGINT NOT NULL DEFAULT 0,
  ended_at   BIGINT NOT NULL DEFAULT 0,
  let_in     BIGINT NOT NULL DEFAULT 0,  -- the highest place that was given
  changes    BIGINT NOT NULL DEFAULT 0,  -- counts what the card shows
  created_at BIGINT NOT NULL
);
CREATE INDEX drops_state ON drops (state);
-- The units of a drop: those nobody has are units - claimed - sold.
CREATE TABLE drop_units (
  drop_id    TEXT NOT NULL REFERENCES drops(id),
  variant_id TEXT NOT NULL REFERENCES variants(id),
  position   BIGINT NOT NULL,
  units      BIGINT NOT NULL,
  claimed    BIGINT NOT NULL DEFAULT 0 CHECK (claimed >= 0),
  sold       BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
  CHECK (claimed + sold <= units),
  PRIMARY KEY (drop_id, variant_id)
);
-- Who takes part.
--   waits  → in line
--   won    → a unit is theirs until won_until
--   sold   → paid
--   lapsed → they did not pay in time
--   lost   → the drop ended before it was their turn
--   left   → they gave their place up
CREATE TABLE drop_entries (
  id         TEXT PRIMARY KEY,
  drop_id    TEXT NOT NULL REFERENCES drops(id),
  member_id  TEXT NOT NULL REFERENCES members(id),
  seat       BIGINT NOT NULL DEFAULT 0,  -- 0; above it what a linked account brought along
  variant_id TEXT NOT NULL,
  place      BIGINT NOT NULL,            -- in the order of arrival, over the whole drop
  state      TEXT NOT NULL CHECK (state IN ('waits', 'won', 'sold', 'lapsed', 'lost', 'left')),
  won_until  BIGINT NOT NULL DEFAULT 0,
  order_id   TEXT NOT NULL DEFAULT '',   -- the one that was placed on it
  bot        TEXT NOT NULL,              -- where they came from
  chat       TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX drop_entries_member ON drop_entries (drop_id, member_id, seat);
CREATE INDEX drop_entries_line ON drop_entries (drop_id, variant_id, state, place);
CREATE INDEX drop_entries_due ON drop_entries (won_until) WHERE state = 'won';
CREATE INDEX drop_entries_of ON drop_entries (member_id);
-- The live card of a drop in each chat.
CREATE TABLE drop_posts (
  drop_id   TEXT NOT NULL REFERENCES drops(id),
  bot       TEXT NOT NULL,
  chat      TEXT NOT NULL,
  thread    TEXT NOT NULL DEFAULT '',
  notice_id TEXT NOT NULL,
  message   TEXT NOT NULL DEFAULT '',    -- the platform's id once it is posted
  shown     BIGINT NOT NULL DEFAULT 0,   -- what of the drop's changes it shows
  digest    TEXT NOT NULL DEFAULT '',    -- of what it shows
  PRIMARY KEY (drop_id, bot, chat, thread)
);
-- +goose Down
DROP TABLE drop_posts;
DROP TABLE drop_entries;
DROP TABLE drop_units;
DROP TABLE drops;
ALTER TABLE orders DROP COLUMN claim;
ALTER TABLE hold_lines DROP COLUMN allotment;
DROP TABLE allotments;
