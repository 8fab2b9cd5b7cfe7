-- +goose Up
-- Invoices and credit notes, each of one brand and for one posting of the books.
-- What stands on one beside this are the lines of its order, which never change;
-- who bought is read from the order and forgotten with it. A paper is never
-- changed and never deleted: it is part of the books.
CREATE TABLE papers (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL CHECK (kind IN ('invoice', 'credit')),
  brand_id   TEXT NOT NULL,
  year       BIGINT NOT NULL,           -- of the issue, UTC
  seq        BIGINT NOT NULL CHECK (seq > 0),
  number     TEXT NOT NULL,             -- as it is written: KILN-2026-00001
  order_id   TEXT NOT NULL,
  posting_id TEXT NOT NULL,             -- what it is for: a sale, or what is given back of one
  currency   TEXT NOT NULL,
  net        BIGINT NOT NULL,           -- positive in both kinds
  tax        BIGINT NOT NULL,
  seller     TEXT NOT NULL,             -- JSON, as it was then
  issued_at  BIGINT NOT NULL,
  CHECK (net >= 0 AND tax >= 0 AND net + tax > 0),
  UNIQUE (brand_id, year, seq),
  UNIQUE (posting_id, brand_id)
);
CREATE INDEX papers_order ON papers (order_id);
-- The last number of each series. It is raised in the transaction that writes
-- the paper: no number is given twice, and none is left out.
CREATE TABLE paper_series (
  brand_id TEXT NOT NULL,
  year     BIGINT NOT NULL,
  last     BIGINT NOT NULL CHECK (last >= 0),
  PRIMARY KEY (brand_id, year)
);
-- Up to when the books have been looked through for what needs a paper.
CREATE TABLE paper_progress (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  at BIGINT NOT NULL
);
INSERT INTO paper_progress (id, at) VALUES (1, 0);
CREATE INDEX postings_papers ON postings (at);
-- +goose Down
DROP INDEX postings_papers;
DROP TABLE paper_progress;
DROP TABLE paper_series;
DROP TABLE papers;
