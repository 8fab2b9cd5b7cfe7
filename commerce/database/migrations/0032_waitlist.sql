-- +goose Up
-- Members who wait for a variant that is sold out.
--   waits  → on the list
--   kept   → a unit is set aside for them alone until kept_until
--   sold   → they bought it
--   lapsed → they did not pay in time
--   left   → they left the list, or gave the unit up
--   told   → it can be had by anybody again, and they were told
CREATE TABLE waitlist (
  id         TEXT PRIMARY KEY,
  variant_id TEXT NOT NULL REFERENCES variants(id),
  member_id  TEXT NOT NULL REFERENCES members(id),
  place      BIGINT NOT NULL,            -- in the order of asking, for each variant
  state      TEXT NOT NULL CHECK (state IN ('waits', 'kept', 'sold', 'lapsed', 'left', 'told')),
  kept_until BIGINT NOT NULL DEFAULT 0,
  order_id   TEXT NOT NULL DEFAULT '',   -- the one that was placed on the unit
  created_at BIGINT NOT NULL,
  ended_at   BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX waitlist_place ON waitlist (variant_id, place);
CREATE UNIQUE INDEX waitlist_waits ON waitlist (variant_id, member_id) WHERE state = 'waits';
CREATE INDEX waitlist_line ON waitlist (variant_id, place) WHERE state = 'waits';
CREATE INDEX waitlist_due ON waitlist (kept_until) WHERE state = 'kept';
CREATE INDEX waitlist_member ON waitlist (member_id);
-- +goose Down
DROP TABLE waitlist;
