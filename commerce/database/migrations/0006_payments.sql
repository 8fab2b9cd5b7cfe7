-- +goose Up
-- What we asked Stripe for. The idempotency key is stored before the call.
CREATE TABLE payments (
  id         TEXT PRIMARY KEY,
  order_id   TEXT NOT NULL REFERENCES orders(id),
  attempt    BIGINT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('creating', 'open', 'paid', 'void')),
  key        TEXT NOT NULL UNIQUE,      -- idempotency key of its creation
  amount     BIGINT NOT NULL,
  currency   TEXT NOT NULL,
  session    TEXT NOT NULL DEFAULT '',  -- cs_…
  intent     TEXT NOT NULL DEFAULT '',  -- pi_…
  url        TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  paid_at    BIGINT NOT NULL DEFAULT 0,
  UNIQUE (order_id, attempt)
);
CREATE UNIQUE INDEX payments_session ON payments (session) WHERE session <> '';
CREATE UNIQUE INDEX payments_capture ON payments (order_id) WHERE state = 'paid';
CREATE TABLE refunds (
  id         TEXT PRIMARY KEY,
  order_id   TEXT NOT NULL REFERENCES orders(id),
  payment_id TEXT NOT NULL REFERENCES payments(id),
  state      TEXT NOT NULL CHECK (state IN ('due', 'done', 'failed')),
  reason     TEXT NOT NULL,             -- late, cancelled, staff, mismatch
  key        TEXT NOT NULL UNIQUE,
  amount     BIGINT NOT NULL CHECK (amount > 0),
  currency   TEXT NOT NULL,
  stripe_id  TEXT NOT NULL DEFAULT '',
  problem    TEXT NOT NULL DEFAULT '',
  tries      BIGINT NOT NULL DEFAULT 0,
  due_at     BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  done_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX refunds_due ON refunds (state, due_at);
CREATE UNIQUE INDEX refunds_once ON refunds (payment_id);
CREATE TABLE stripe_inbox (
  event_id    TEXT PRIMARY KEY,
  type        TEXT NOT NULL,
  object      TEXT NOT NULL,            -- id of the object the event speaks of
  received_at BIGINT NOT NULL,
  done_at     BIGINT NOT NULL DEFAULT 0,
  tries       BIGINT NOT NULL DEFAULT 0,
  due_at      BIGINT NOT NULL,
  problem     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX stripe_inbox_due ON stripe_inbox (done_at, due_at);
-- +goose Down
DROP TABLE stripe_inbox;
DROP TABLE refunds;
DROP TABLE payments;
