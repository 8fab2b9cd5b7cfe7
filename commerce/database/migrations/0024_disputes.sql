-- +goose Up
-- Payments that their cardholder disputes, as Stripe described them last. The
-- money is with the cardholder's bank until the dispute is won.
CREATE TABLE disputes (
  id          TEXT PRIMARY KEY,          -- dp_…
  payment_id  TEXT NOT NULL REFERENCES payments(id),
  order_id    TEXT NOT NULL REFERENCES orders(id),
  state       TEXT NOT NULL,             -- Stripe's: needs_response, under_review, won, lost, warning_…
  reason      TEXT NOT NULL,             -- Stripe's: fraudulent, product_not_received …
  amount      BIGINT NOT NULL CHECK (amount > 0),
  currency    TEXT NOT NULL,
  due_at      BIGINT NOT NULL,           -- until then evidence can be sent
  opened_at   BIGINT NOT NULL,
  answered_at BIGINT NOT NULL DEFAULT 0, -- evidence was sent
  actor       TEXT NOT NULL DEFAULT '',  -- by whom: staff:<member>, clock
  closed_at   BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX disputes_state ON disputes (state, due_at);
CREATE INDEX disputes_order ON disputes (order_id);
-- +goose Down
DROP TABLE disputes;
