-- +goose Up
-- The books: double entry, append only. The entries of one posting sum to
-- zero in each currency; posting the same cause twice is refused by its key.
CREATE TABLE postings (
  id       TEXT PRIMARY KEY,            -- the cause: capture:<payment>, refund:<refund>
  at       BIGINT NOT NULL,
  order_id TEXT NOT NULL DEFAULT '',
  memo     TEXT NOT NULL
);
CREATE TABLE entries (
  posting_id TEXT NOT NULL REFERENCES postings(id),
  line       BIGINT NOT NULL,
  account    TEXT NOT NULL,             -- cash:stripe, revenue:<brand>, shipping:<brand>, tax:<name>
  amount     BIGINT NOT NULL,           -- debit positive, credit negative
  currency   TEXT NOT NULL,
  PRIMARY KEY (posting_id, line)
);
CREATE INDEX entries_account ON entries (account, currency);
-- +goose Down
DROP TABLE entries;
DROP TABLE postings;
