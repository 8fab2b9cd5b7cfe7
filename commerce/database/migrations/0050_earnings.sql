-- +goose Up
-- The rules by which creators earn: each version once, by the digest of it.
CREATE TABLE earning_rules (
  version TEXT PRIMARY KEY,
  rules   TEXT NOT NULL,                -- JSON
  since   BIGINT NOT NULL
);
-- Which version an order was placed under: it keeps it.
CREATE TABLE earning_terms (
  order_id TEXT PRIMARY KEY REFERENCES orders(id),
  version  TEXT NOT NULL REFERENCES earning_rules(version)
);
-- What a line of a paid order brought to somebody who recommended it.
CREATE TABLE earnings (
  id         TEXT PRIMARY KEY,
  order_id   TEXT NOT NULL REFERENCES orders(id),
  position   BIGINT NOT NULL,           -- of the order's line
  creator_id TEXT NOT NULL,
  member_id  TEXT NOT NULL,             -- whose it is, '' once they are erased
  pick_id    TEXT NOT NULL DEFAULT '',  -- '' where a code credited them
  label      TEXT NOT NULL,             -- of the line
  why        TEXT NOT NULL,             -- by which rule: last, code
  version    TEXT NOT NULL REFERENCES earning_rules(version),
  base       BIGINT NOT NULL,           -- what the line brought, net of tax, shipping and discounts
  currency   TEXT NOT NULL,
  ppm        BIGINT NOT NULL,           -- the rate, in millionths
  points     BIGINT NOT NULL CHECK (points > 0),
  worth      BIGINT NOT NULL CHECK (worth > 0),  -- what was paid for the line
  returned   BIGINT NOT NULL DEFAULT 0 CHECK (returned >= 0 AND returned <= worth),  -- what of it went back
  back       BIGINT NOT NULL DEFAULT 0 CHECK (back >= 0 AND back <= points),
  state      TEXT NOT NULL CHECK (state IN ('pending', 'available', 'back', 'lost')),
  at         BIGINT NOT NULL,
  due_at     BIGINT NOT NULL,           -- pending: when it is looked at again
  UNIQUE (order_id, position, creator_id)
);
CREATE INDEX earnings_member ON earnings (member_id, at, id);
CREATE INDEX earnings_due ON earnings (due_at) WHERE state = 'pending';
-- +goose Down
DROP TABLE earnings;
DROP TABLE earning_terms;
DROP TABLE earning_rules;
