-- +goose Up
-- Who is credited for what of an order, fixed when it was placed.
CREATE TABLE earning_credits (
  order_id   TEXT NOT NULL REFERENCES orders(id),
  variant_id TEXT NOT NULL,
  n          BIGINT NOT NULL,           -- in turn, where several share it
  creator_id TEXT NOT NULL,
  pick_id    TEXT NOT NULL DEFAULT '',  -- '' for a code
  why        TEXT NOT NULL,             -- last, tap, first, split, code
  PRIMARY KEY (order_id, variant_id, creator_id)
);
-- The code of a creator that a member has typed, for their next order.
CREATE TABLE earning_codes (
  member_id  TEXT PRIMARY KEY REFERENCES members(id),
  creator_id TEXT NOT NULL REFERENCES creators(id),
  at         BIGINT NOT NULL
);
-- +goose Down
DROP TABLE earning_codes;
DROP TABLE earning_credits;
