-- +goose Up
-- Brands, products and variants. What a feed or the YAML no longer names is
-- hidden, never deleted: orders point at it.
CREATE TABLE versions (
  name TEXT PRIMARY KEY,                -- 'catalog', 'creators'
  n    BIGINT NOT NULL                  -- grows with every change, so that caches know
);
CREATE TABLE brands (
  id     TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  hidden BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE products (
  id         TEXT PRIMARY KEY,
  brand_id   TEXT NOT NULL REFERENCES brands(id),
  handle     TEXT NOT NULL,             -- the feed's own name for it
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,             -- plain text
  vendor     TEXT NOT NULL,
  category   TEXT NOT NULL,             -- '' for none
  tags       TEXT NOT NULL,             -- joined by newlines
  option1    TEXT NOT NULL,             -- names of the options, '' for none
  option2    TEXT NOT NULL,
  option3    TEXT NOT NULL,
  digital    BIGINT NOT NULL DEFAULT 0,
  hidden     BIGINT NOT NULL DEFAULT 0,
  import_id  TEXT NOT NULL DEFAULT '',  -- the import that last held it, '' for YAML
  position   BIGINT NOT NULL,           -- in its feed
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  UNIQUE (brand_id, handle)
);
CREATE TABLE variants (
  id         TEXT PRIMARY KEY,
  product_id TEXT NOT NULL REFERENCES products(id),
  sku        TEXT NOT NULL,
  value1     TEXT NOT NULL,             -- values of the options
  value2     TEXT NOT NULL,
  value3     TEXT NOT NULL,
  price      BIGINT NOT NULL CHECK (price >= 0),
  compare_at BIGINT NOT NULL DEFAULT 0, -- an earlier, higher price; 0 for none
  currency   TEXT NOT NULL,
  shipped    BIGINT NOT NULL DEFAULT 1, -- needs an address
  taxable    BIGINT NOT NULL DEFAULT 1,
  picture    TEXT NOT NULL DEFAULT '',  -- source address of its own picture
  hidden     BIGINT NOT NULL DEFAULT 0,
  import_id  TEXT NOT NULL DEFAULT '',
  position   BIGINT NOT NULL
);
CREATE INDEX variants_product ON variants (product_id, position);
CREATE TABLE product_pictures (
  product_id TEXT NOT NULL REFERENCES products(id),
  position   BIGINT NOT NULL,
  source     TEXT NOT NULL,             -- URL or file
  alt        TEXT NOT NULL,
  PRIMARY KEY (product_id, position)
);
CREATE TABLE pictures (
  source   TEXT PRIMARY KEY,            -- URL or file
  hash     TEXT NOT NULL DEFAULT '',    -- SHA-256 of the stored bytes, '' not had yet
  tries    BIGINT NOT NULL DEFAULT 0,
  tried_at BIGINT NOT NULL DEFAULT 0,
  problem  TEXT NOT NULL DEFAULT ''
);
CREATE TABLE imports (
  id         TEXT PRIMARY KEY,
  brand_id   TEXT NOT NULL REFERENCES brands(id),
  file       TEXT NOT NULL,
  at         BIGINT NOT NULL,
  report     TEXT NOT NULL              -- JSON, as printed
);
-- +goose Down
DROP TABLE imports;
DROP TABLE pictures;
DROP TABLE product_pictures;
DROP TABLE variants;
DROP TABLE products;
DROP TABLE brands;
DROP TABLE versions;
