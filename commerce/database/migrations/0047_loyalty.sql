-- +goose Up
-- What a member paid for the goods of an order, less what went back: the tier of
-- who buys often is the sum of a period.
CREATE TABLE spent (
  order_id  TEXT PRIMARY KEY,
  member_id TEXT NOT NULL,
  currency  TEXT NOT NULL,
  at        BIGINT NOT NULL,            -- when it was paid
  amount    BIGINT NOT NULL CHECK (amount > 0),
  back      BIGINT NOT NULL DEFAULT 0 CHECK (back >= 0 AND back <= amount)
);
CREATE INDEX spent_member ON spent (member_id, currency, at, amount, back);
-- The tier that a member was last told of: who rises is told once.
CREATE TABLE tiers_told (
  member_id TEXT PRIMARY KEY,
  tier      TEXT NOT NULL,
  at        BIGINT NOT NULL
);
-- The points of a wallet by the day on which they came. What is spent is the oldest.
CREATE TABLE points_days (
  account TEXT NOT NULL,                -- points:<member>
  day     BIGINT NOT NULL,              -- 00:00 UTC
  earned  BIGINT NOT NULL DEFAULT 0 CHECK (earned >= 0), -- given or earned that day: not what came back
  kept    BIGINT NOT NULL DEFAULT 0 CHECK (kept >= 0),   -- of all that came, not spent yet
  fresh   BIGINT NOT NULL DEFAULT 0,    -- 1: more was earned since the tier was looked at
  due_at  BIGINT NOT NULL DEFAULT 0,    -- when they expire, which the member was told; 0 for not told
  look_at BIGINT NOT NULL DEFAULT 0,    -- told: when they are looked at again
  expired BIGINT NOT NULL DEFAULT 0 CHECK (expired >= 0),
  PRIMARY KEY (account, day)
);
CREATE INDEX points_days_fresh ON points_days (day) WHERE fresh = 1;
CREATE INDEX points_days_untold ON points_days (day) WHERE kept > 0 AND due_at = 0;
CREATE INDEX points_days_due ON points_days (look_at) WHERE kept > 0 AND due_at > 0;
-- What was before. What went back of an order is taken for its goods first.
INSERT INTO spent (order_id, member_id, currency, at, amount, back)
  SELECT o.id, o.member_id, o.currency, o.paid_at, g.amount,
    CASE WHEN o.state IN ('cancelled', 'refunded') OR COALESCE(t.back, 0) >= g.amount THEN g.amount ELSE COALESCE(t.back, 0) END
  FROM orders o JOIN (SELECT order_id, SUM(amount - discount) AS amount FROM order_lines WHERE kind = 'item' GROUP BY order_id) g ON g.order_id = o.id
  JOIN members m ON m.id = o.member_id AND m.erased_at = 0 LEFT JOIN takings t ON t.order_id = o.id
  WHERE o.paid_at > 0 AND g.amount > 0 AND o.state IN ('paid', 'shipped', 'cancelled', 'refunded');
INSERT INTO points_days (account, day, earned)
  SELECT e.account, p.at - p.at % 86400000000, SUM(-e.amount) FROM entries e JOIN postings p ON p.id = e.posting_id
  WHERE e.currency = 'PTS' AND e.account LIKE 'points:%' AND e.amount < 0 AND p.memo IN ('grant', 'earned')
  GROUP BY e.account, p.at - p.at % 86400000000;
-- Which of them are left nobody wrote down: they are taken for those of the day
-- on which the wallet moved last.
INSERT INTO points_days (account, day, kept)
  SELECT b.account, COALESCE((SELECT MAX(p.at - p.at % 86400000000) FROM entries e JOIN postings p ON p.id = e.posting_id
    WHERE e.account = b.account AND e.currency = 'PTS'), 0), b.free + b.held
  FROM balances b WHERE b.currency = 'PTS' AND b.account LIKE 'points:%' AND b.free + b.held > 0
  ON CONFLICT (account, day) DO UPDATE SET kept = excluded.kept;
-- +goose Down
DROP TABLE points_days;
DROP TABLE tiers_told;
DROP TABLE spent;
