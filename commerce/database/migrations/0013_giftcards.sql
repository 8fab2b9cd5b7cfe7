-- +goose Up
-- How a member wants to pay beside the card.
CREATE TABLE wallets (
  member_id TEXT PRIMARY KEY,
  points    BIGINT NOT NULL DEFAULT 0 CHECK (points IN (0, 1)), -- 1: spend them at the next orders
  moved_to  TEXT NOT NULL DEFAULT ''    -- the member they have become: what comes back goes there
);
-- Points and credit that somebody gave, with the reason; the amount is in the
-- posting grant:<id>.
CREATE TABLE grants (
  id         TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL,
  account    TEXT NOT NULL,
  amount     BIGINT NOT NULL CHECK (amount > 0),
  currency   TEXT NOT NULL,             -- PTS for points
  reason     TEXT NOT NULL,             -- read by the member; emptied when they are erased
  actor      TEXT NOT NULL,             -- staff:<member>, cli
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL DEFAULT 0  -- 0: never; nothing expires yet
);
CREATE INDEX grants_member ON grants (member_id, created_at);
-- A gift card is written when its order is paid. What is left on it stands in
-- the books, as giftcard:<id>. Its code is a secret: only its hash is here, and
-- none before the buyer has asked for one.
CREATE TABLE giftcards (
  id          TEXT PRIMARY KEY,
  order_id    TEXT NOT NULL UNIQUE,
  buyer       TEXT NOT NULL,
  amount      BIGINT NOT NULL CHECK (amount > 0),
  currency    TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('issued', 'redeemed', 'void')),
  code_hash   TEXT UNIQUE,              -- SHA-256
  last_four   TEXT NOT NULL DEFAULT '',
  giver       TEXT NOT NULL DEFAULT '', -- who gives it, as the buyer wants it read
  words       TEXT NOT NULL DEFAULT '',
  redeemed_by TEXT NOT NULL DEFAULT '',
  issued_at   BIGINT NOT NULL,
  redeemed_at BIGINT NOT NULL DEFAULT 0,
  expires_at  BIGINT NOT NULL DEFAULT 0, -- 0: never; nothing expires yet
  CHECK ((state = 'issued') = (redeemed_by = '') OR state = 'void')
);
CREATE INDEX giftcards_buyer ON giftcards (buyer, issued_at);
CREATE INDEX giftcards_owner ON giftcards (redeemed_by, redeemed_at);
-- +goose Down
DROP TABLE giftcards;
DROP TABLE grants;
DROP TABLE wallets;
