-- +goose Up
-- An order is what a member agreed to: its lines and its total never change.
--   pending  → the hold lives, somebody can pay
--   closing  → the hold is over, Stripe is being asked to close what is payable
--   lapsed   → nothing was paid and nothing can be any more; the hold is released
--   paid     → captured once; the hold's units are sold
--   shipped  → on its way
--   cancelled, refunded → the money went back in full
CREATE TABLE orders (
  id          TEXT PRIMARY KEY,
  number      BIGINT NOT NULL UNIQUE,   -- what people call it
  member_id   TEXT NOT NULL REFERENCES members(id),
  state       TEXT NOT NULL CHECK (state IN
              ('pending', 'closing', 'lapsed', 'paid', 'shipped', 'cancelled', 'refunded')),
  currency    TEXT NOT NULL,
  total       BIGINT NOT NULL CHECK (total >= 0),
  quote       TEXT NOT NULL,            -- digest of the quote agreed to
  hold_id     TEXT NOT NULL REFERENCES holds(id),
  token       TEXT NOT NULL UNIQUE,     -- of the pay link
  locale      TEXT NOT NULL,
  community   TEXT NOT NULL DEFAULT '',
  platform    TEXT NOT NULL,            -- where it was placed
  bot         TEXT NOT NULL,
  name        TEXT NOT NULL DEFAULT '', -- the address, emptied when a member is erased
  street      TEXT NOT NULL DEFAULT '',
  city        TEXT NOT NULL DEFAULT '',
  postcode    TEXT NOT NULL DEFAULT '',
  country     TEXT NOT NULL DEFAULT '',
  tracking    TEXT NOT NULL DEFAULT '',
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,          -- end of the hold
  checked_at  BIGINT NOT NULL DEFAULT 0,-- when Stripe was last asked about it
  paid_at     BIGINT NOT NULL DEFAULT 0,
  shipped_at  BIGINT NOT NULL DEFAULT 0,
  closed_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX orders_member ON orders (member_id, created_at);
CREATE INDEX orders_state ON orders (state, expires_at);
CREATE TABLE order_lines (
  order_id   TEXT NOT NULL REFERENCES orders(id),
  position   BIGINT NOT NULL,
  kind       TEXT NOT NULL,             -- item, shipping, tax
  label      TEXT NOT NULL,             -- product title, shipping option, tax name
  detail     TEXT NOT NULL DEFAULT '',  -- the variant's values
  brand_id   TEXT NOT NULL DEFAULT '',
  product_id TEXT NOT NULL DEFAULT '',
  variant_id TEXT NOT NULL DEFAULT '',
  sku        TEXT NOT NULL DEFAULT '',
  pick_id    TEXT NOT NULL DEFAULT '',  -- who recommended it
  creator_id TEXT NOT NULL DEFAULT '',
  quantity   BIGINT NOT NULL DEFAULT 0,
  unit       BIGINT NOT NULL DEFAULT 0,
  amount     BIGINT NOT NULL,           -- tax already within another amount has 0 here
  included   BIGINT NOT NULL DEFAULT 0, -- that tax, for the receipt and the books
  PRIMARY KEY (order_id, position)
);
CREATE INDEX order_lines_brand ON order_lines (brand_id, order_id);
CREATE TABLE order_events (
  order_id TEXT NOT NULL REFERENCES orders(id),
  seq      BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  event    TEXT NOT NULL,
  actor    TEXT NOT NULL,               -- member, staff:<member id>, stripe, clock, cli
  PRIMARY KEY (order_id, seq)
);
-- +goose Down
DROP TABLE order_events;
DROP TABLE order_lines;
DROP TABLE orders;
