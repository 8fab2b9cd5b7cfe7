-- +goose Up
-- What an order may be paid with beside a card, and what came off its prices.
ALTER TABLE orders ADD COLUMN direct BIGINT NOT NULL DEFAULT 0;        -- 1: bought past the cart, which stays as it is
ALTER TABLE order_lines ADD COLUMN discount BIGINT NOT NULL DEFAULT 0; -- share of the order's discounts that falls on this line, >= 0
ALTER TABLE order_lines ADD COLUMN ref TEXT NOT NULL DEFAULT '';       -- what a discount or a tender comes from: its public id
ALTER TABLE payments ADD COLUMN kind TEXT NOT NULL DEFAULT 'session';  -- session, card, invoice
DROP INDEX refunds_once;
CREATE INDEX refunds_payment ON refunds (payment_id);
-- What the books owe somebody who may spend it: free + held is what the entries
-- of the account sum to, turned round. The CHECKs stand behind the conditional
-- UPDATEs of commerce/rewards: nothing is spent twice.
CREATE TABLE balances (
  account  TEXT NOT NULL,               -- credit:<member>, points:<member>, giftcard:<id>
  currency TEXT NOT NULL,               -- PTS for points
  free     BIGINT NOT NULL DEFAULT 0 CHECK (free >= 0),
  held     BIGINT NOT NULL DEFAULT 0 CHECK (held >= 0),
  PRIMARY KEY (account, currency)
);
CREATE TABLE balance_holds (
  order_id TEXT NOT NULL,
  account  TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount   BIGINT NOT NULL CHECK (amount > 0),
  PRIMARY KEY (order_id, account, currency)
);
CREATE INDEX entries_posting_account ON entries (account, currency, amount);
DROP INDEX entries_account;
-- +goose Down
CREATE INDEX entries_account ON entries (account, currency);
DROP INDEX entries_posting_account;
DROP TABLE balance_holds;
DROP TABLE balances;
DROP INDEX refunds_payment;
CREATE UNIQUE INDEX refunds_once ON refunds (payment_id);
ALTER TABLE payments DROP COLUMN kind;
ALTER TABLE order_lines DROP COLUMN ref;
ALTER TABLE order_lines DROP COLUMN discount;
ALTER TABLE orders DROP COLUMN direct;
