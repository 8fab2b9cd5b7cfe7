-- +goose Up
-- What moved the balance that Stripe keeps for us, as it says itself: its
-- balance transactions, each read once and never changed.
CREATE TABLE stripe_txns (
  id              TEXT PRIMARY KEY,     -- txn_…
  type            TEXT NOT NULL,        -- as Stripe names it: charge, refund, payout …
  source          TEXT NOT NULL,        -- what caused it: ch_…, re_…, po_…
  payment         TEXT NOT NULL,        -- pi_… or ch_… that a charge or refund belongs to, else empty
  amount          BIGINT NOT NULL,      -- into the balance is positive
  fee             BIGINT NOT NULL,      -- what Stripe kept of it
  currency        TEXT NOT NULL,        -- of the balance
  source_amount   BIGINT NOT NULL,      -- the same amount as it was charged or given back
  source_currency TEXT NOT NULL,
  created_at      BIGINT NOT NULL
);
CREATE INDEX stripe_txns_created ON stripe_txns (created_at);
CREATE INDEX stripe_txns_source ON stripe_txns (source);
CREATE INDEX stripe_txns_payment ON stripe_txns (payment);
-- Up to when all of them have been read.
CREATE TABLE stripe_txn_progress (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  at BIGINT NOT NULL
);
INSERT INTO stripe_txn_progress (id, at) VALUES (1, 0);
CREATE INDEX payments_paid ON payments (paid_at);
CREATE INDEX refunds_done ON refunds (done_at);
-- +goose Down
DROP INDEX refunds_done;
DROP INDEX payments_paid;
DROP TABLE stripe_txn_progress;
DROP TABLE stripe_txns;
