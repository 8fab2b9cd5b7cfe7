-- +goose Up
-- What brands get of a payment. asked is fixed before Stripe is first called,
-- and stays what the key stands for; what is refunded later is taken back.
CREATE TABLE payouts (
  id         TEXT PRIMARY KEY,
  order_id   TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  brand_id   TEXT NOT NULL,
  account    TEXT NOT NULL,              -- acct_…, as it was when it was sold
  currency   TEXT NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount > 0),
  less       BIGINT NOT NULL DEFAULT 0,  -- what refunds took of it
  asked      BIGINT NOT NULL DEFAULT 0,  -- what the transfer is of, 0 before it
  state      TEXT NOT NULL CHECK (state IN ('held', 'sent', 'void', 'failed')),
  attempt    BIGINT NOT NULL DEFAULT 1,
  key        TEXT NOT NULL UNIQUE,       -- idempotency key of the transfer
  transfer   TEXT NOT NULL DEFAULT '',   -- tr_…, once sent
  problem    TEXT NOT NULL DEFAULT '',   -- of the last try, for staff
  tries      BIGINT NOT NULL DEFAULT 0,
  due_at     BIGINT NOT NULL,            -- held back until then, then the next try
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL DEFAULT 0,
  UNIQUE (order_id, brand_id),
  CHECK (less >= 0 AND less <= amount),
  CHECK (asked >= 0 AND asked <= amount),
  CHECK ((state = 'sent') = (transfer <> ''))
);
CREATE INDEX payouts_due ON payouts (state, due_at);
CREATE INDEX payouts_brand ON payouts (brand_id, created_at);
-- What each refund took of a payout, once.
CREATE TABLE payout_refunds (
  id        TEXT PRIMARY KEY,            -- of the refund and the payout
  payout_id TEXT NOT NULL,
  amount    BIGINT NOT NULL CHECK (amount > 0)
);
CREATE TABLE payout_reversals (
  id         TEXT PRIMARY KEY,           -- as in payout_refunds
  payout_id  TEXT NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount > 0),
  state      TEXT NOT NULL CHECK (state IN ('due', 'done', 'failed')),
  key        TEXT NOT NULL UNIQUE,       -- idempotency key
  stripe_id  TEXT NOT NULL DEFAULT '',   -- trr_…, once done
  problem    TEXT NOT NULL DEFAULT '',
  tries      BIGINT NOT NULL DEFAULT 0,
  due_at     BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX payout_reversals_payout ON payout_reversals (payout_id);
CREATE INDEX payout_reversals_due ON payout_reversals (state, due_at);
-- +goose Down
DROP TABLE payout_reversals;
DROP TABLE payout_refunds;
DROP TABLE payouts;
