-- +goose Up
-- What the YAML declares is kept here only as what is counted of it. The
-- conditional UPDATEs of commerce/promotions hold the limits; these CHECKs and
-- indexes stand behind them.
CREATE TABLE promotions (
  id      TEXT PRIMARY KEY,
  kind    TEXT NOT NULL CHECK (kind IN ('code', 'offer', 'creator')),
  name    TEXT NOT NULL,                  -- in the YAML
  used    BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),    -- by orders, those that may still be paid too
  claimed BIGINT NOT NULL DEFAULT 0 CHECK (claimed >= 0)  -- of an offer
);
CREATE TABLE promotion_members (
  promotion_id TEXT NOT NULL REFERENCES promotions(id),
  member_id    TEXT NOT NULL,
  used         BIGINT NOT NULL CHECK (used >= 0),
  PRIMARY KEY (promotion_id, member_id)
);
-- Codes that each serve once.
CREATE TABLE promotion_codes (
  code         TEXT PRIMARY KEY,          -- folded: capitals and digits alone
  promotion_id TEXT NOT NULL REFERENCES promotions(id),
  order_id     TEXT NOT NULL DEFAULT '',  -- that has it
  created_at   BIGINT NOT NULL
);
CREATE INDEX promotion_codes_of ON promotion_codes (promotion_id, created_at);
-- What waits for a member's next order: codes they typed, offers they claimed.
CREATE TABLE promotion_claims (
  member_id    TEXT NOT NULL,
  promotion_id TEXT NOT NULL REFERENCES promotions(id),
  code         TEXT NOT NULL DEFAULT '',  -- one that serves once
  state        TEXT NOT NULL CHECK (state IN ('waits', 'used')),
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (member_id, promotion_id)
);
-- What orders have of it. 'back': the order lapsed unpaid.
CREATE TABLE promotion_uses (
  order_id     TEXT NOT NULL,
  promotion_id TEXT NOT NULL REFERENCES promotions(id),
  member_id    TEXT NOT NULL,
  code         TEXT NOT NULL DEFAULT '',
  state        TEXT NOT NULL CHECK (state IN ('held', 'used', 'back')),
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (order_id, promotion_id)
);
CREATE INDEX promotion_uses_of ON promotion_uses (promotion_id, state);
CREATE INDEX promotion_uses_member ON promotion_uses (member_id, state);
CREATE UNIQUE INDEX promotion_uses_once ON promotion_uses (code) WHERE code <> '' AND state <> 'back';
CREATE TABLE offer_posts (
  promotion_id TEXT NOT NULL REFERENCES promotions(id),
  bot          TEXT NOT NULL,
  chat         TEXT NOT NULL,
  thread       TEXT NOT NULL DEFAULT '',
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (promotion_id, bot, chat, thread)
);
-- +goose Down
DROP TABLE offer_posts;
DROP TABLE promotion_uses;
DROP TABLE promotion_claims;
DROP TABLE promotion_codes;
DROP TABLE promotion_members;
DROP TABLE promotions;
