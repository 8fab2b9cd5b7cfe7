-- +goose Up
-- The tier of who is credited for an order, fixed when it was placed; '' for none.
CREATE TABLE earning_tiers (
  order_id   TEXT NOT NULL REFERENCES orders(id),
  creator_id TEXT NOT NULL,
  tier       TEXT NOT NULL,
  PRIMARY KEY (order_id, creator_id)
);
-- What creators brought in by the day, net, less what went back.
CREATE TABLE brought_days (
  creator_id TEXT NOT NULL,
  currency   TEXT NOT NULL,
  day        BIGINT NOT NULL,           -- 00:00 UTC, of the sale
  amount     BIGINT NOT NULL,
  PRIMARY KEY (creator_id, currency, day)
);
-- What is not added to it yet: sales of one creator do not wait for one another.
CREATE TABLE brought_moves (
  id         TEXT PRIMARY KEY,
  creator_id TEXT NOT NULL,
  currency   TEXT NOT NULL,
  day        BIGINT NOT NULL,
  amount     BIGINT NOT NULL,
  at         BIGINT NOT NULL
);
CREATE INDEX brought_moves_creator ON brought_moves (creator_id, currency, day);
CREATE INDEX brought_moves_at ON brought_moves (at);
-- +goose Down
DROP TABLE brought_moves;
DROP TABLE brought_days;
DROP TABLE earning_tiers;
