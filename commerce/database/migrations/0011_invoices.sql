-- +goose Up
-- What is payable in a Telegram chat. Such an invoice can be neither taken back
-- nor asked about: what is known of it is what Telegram asks and tells.
CREATE TABLE invoices (
  payment_id   TEXT PRIMARY KEY REFERENCES payments(id),
  asks         BIGINT NOT NULL,            -- 1: its prices are the goods alone, Telegram asks where to send them and how
  pinned_until BIGINT NOT NULL DEFAULT 0,  -- until then its order can be paid by it alone, and is kept
  receipt      TEXT NOT NULL DEFAULT '',   -- telegram_payment_charge_id: it has been paid
  charge       TEXT NOT NULL DEFAULT '',   -- provider_payment_charge_id
  CHECK (charge = '' OR receipt <> '')
);
-- However often a payment is told, it is credited once.
CREATE UNIQUE INDEX invoices_receipt ON invoices (receipt) WHERE receipt <> '';
CREATE UNIQUE INDEX invoices_charge ON invoices (charge) WHERE charge <> '';
-- Pre-checkout queries that were answered, and how: one that is sent again
-- after its ten seconds must decide nothing anew.
CREATE TABLE invoice_questions (
  question   TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments(id),
  asked_at   BIGINT NOT NULL,
  yes        BIGINT NOT NULL
);
CREATE INDEX invoice_questions_payment ON invoice_questions (payment_id);
-- Never two payable of one order.
CREATE UNIQUE INDEX payments_live ON payments (order_id) WHERE state IN ('creating', 'open');
-- +goose Down
DROP INDEX payments_live;
DROP TABLE invoice_questions;
DROP TABLE invoices;
