-- +goose Up
-- Cards that Stripe keeps for members who agreed to it. We keep what names a
-- card to its owner, never its number.
CREATE TABLE card_consents (
  member_id    TEXT PRIMARY KEY REFERENCES members(id),
  agreed_at    BIGINT NOT NULL,
  withdrawn_at BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE customers (
  key       TEXT PRIMARY KEY,            -- idempotency key of its creation
  member_id TEXT NOT NULL REFERENCES members(id),
  customer  TEXT NOT NULL DEFAULT ''     -- cus_…, '' while Stripe has not answered
);
CREATE INDEX customers_member ON customers (member_id);
CREATE TABLE cards (
  id        TEXT PRIMARY KEY,            -- public id, for buttons
  member_id TEXT NOT NULL REFERENCES members(id),
  customer  TEXT NOT NULL,               -- cus_… that Stripe keeps it for
  method    TEXT NOT NULL UNIQUE,        -- pm_…
  brand     TEXT NOT NULL,
  last4     TEXT NOT NULL,
  expires   TEXT NOT NULL,               -- 2030-12
  preferred BIGINT NOT NULL DEFAULT 0,   -- 1: proposed first
  added_at  BIGINT NOT NULL
);
CREATE INDEX cards_member ON cards (member_id);
CREATE UNIQUE INDEX cards_preferred ON cards (member_id) WHERE preferred = 1;
-- What Stripe has yet to be asked about a card: to tell which card paid a
-- payment, or to forget a card or a customer.
CREATE TABLE card_work (
  what   TEXT NOT NULL CHECK (what IN ('keep', 'forget')),
  object TEXT NOT NULL,                  -- a payment to keep the card of; pm_… or cus_… to forget
  due_at BIGINT NOT NULL,
  tries  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (what, object)
);
ALTER TABLE payments ADD COLUMN customer TEXT NOT NULL DEFAULT ''; -- cus_… that the card is of, or shall be kept for
ALTER TABLE payments ADD COLUMN method TEXT NOT NULL DEFAULT '';   -- pm_… that pays it
-- The confirmation that an order came from: pressed again, it is the same order.
ALTER TABLE orders ADD COLUMN once TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX orders_once ON orders (once) WHERE once <> '';
-- +goose Down
DROP INDEX orders_once;
ALTER TABLE orders DROP COLUMN once;
ALTER TABLE payments DROP COLUMN method;
ALTER TABLE payments DROP COLUMN customer;
DROP TABLE card_work;
DROP TABLE cards;
DROP TABLE customers;
DROP TABLE card_consents;
