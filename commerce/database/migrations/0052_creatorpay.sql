-- +goose Up
-- What a creator earned in money, where the programme pays it.
ALTER TABLE earnings ADD COLUMN unit TEXT NOT NULL DEFAULT 'PTS';  -- what points and back are counted in: PTS, or a currency
ALTER TABLE earnings ADD COLUMN payout TEXT NOT NULL DEFAULT '';   -- the creator_payouts that took it along
-- What went back of money that was paid out already: met by what comes next.
CREATE TABLE earning_debts (
  member_id TEXT NOT NULL,
  currency  TEXT NOT NULL,
  owed      BIGINT NOT NULL CHECK (owed >= 0),
  PRIMARY KEY (member_id, currency)
);
-- The account at Stripe that a creator is paid to.
CREATE TABLE creator_accounts (
  member_id  TEXT PRIMARY KEY REFERENCES members(id),
  account    TEXT NOT NULL DEFAULT '',   -- acct_…, '' while nobody knows whether Stripe has made it
  key        TEXT NOT NULL,              -- idempotency key it is made with
  ready      BIGINT NOT NULL DEFAULT 0,  -- 1: Stripe takes transfers to it
  pay_at     BIGINT NOT NULL DEFAULT 0,  -- ready: when the schedule looks next
  created_at BIGINT NOT NULL
);
CREATE INDEX creator_accounts_due ON creator_accounts (pay_at) WHERE ready = 1;
-- What creators were paid. Amount and key are fixed before Stripe is called.
CREATE TABLE creator_payouts (
  id         TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL,
  account    TEXT NOT NULL,
  currency   TEXT NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount > 0),
  state      TEXT NOT NULL CHECK (state IN ('due', 'sent', 'failed')),
  key        TEXT NOT NULL UNIQUE,       -- idempotency key of the transfer
  transfer   TEXT NOT NULL DEFAULT '',   -- tr_…, once sent
  reversed   BIGINT NOT NULL DEFAULT 0,  -- what of it Stripe took back since
  problem    TEXT NOT NULL DEFAULT '',   -- of the last try
  tries      BIGINT NOT NULL DEFAULT 0,
  due_at     BIGINT NOT NULL,            -- due: when it is tried next
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL DEFAULT 0,
  CHECK (reversed >= 0 AND reversed <= amount),
  CHECK ((state = 'sent') = (transfer <> ''))
);
CREATE INDEX creator_payouts_due ON creator_payouts (due_at, id) WHERE state = 'due';
CREATE INDEX creator_payouts_member ON creator_payouts (member_id, created_at, id);
CREATE INDEX creator_payouts_newest ON creator_payouts (created_at, id);
CREATE INDEX creator_payouts_transfer ON creator_payouts (transfer) WHERE transfer <> '';
CREATE INDEX earnings_payout ON earnings (payout) WHERE payout <> '';
-- +goose Down
DROP INDEX earnings_payout;
DROP TABLE creator_payouts;
DROP TABLE creator_accounts;
DROP TABLE earning_debts;
ALTER TABLE earnings DROP COLUMN payout;
ALTER TABLE earnings DROP COLUMN unit;
