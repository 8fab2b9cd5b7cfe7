-- +goose Up
-- What a member bought and received: each product once, so that they are asked
-- once, and only they can say how it is.
CREATE TABLE received (
  member_id  TEXT NOT NULL REFERENCES members(id),
  product_id TEXT NOT NULL REFERENCES products(id),
  brand_id   TEXT NOT NULL,
  order_id   TEXT NOT NULL,
  parcel_id  TEXT NOT NULL,                -- the one it came in: what is asked about together
  at         BIGINT NOT NULL,
  PRIMARY KEY (member_id, product_id)
);
CREATE INDEX received_parcel ON received (parcel_id);
CREATE TABLE reviews (
  id          TEXT PRIMARY KEY,
  member_id   TEXT NOT NULL DEFAULT '',    -- '' once they are erased: their stars stay, and nothing else
  product_id  TEXT NOT NULL REFERENCES products(id),
  brand_id    TEXT NOT NULL,
  described   BIGINT NOT NULL CHECK (described BETWEEN 1 AND 5), -- as described
  quality     BIGINT NOT NULL CHECK (quality BETWEEN 1 AND 5),
  service     BIGINT NOT NULL CHECK (service BETWEEN 1 AND 5),   -- and delivery
  body        TEXT NOT NULL DEFAULT '',
  photos      TEXT NOT NULL DEFAULT '',    -- hashes, separated by spaces
  written_at  BIGINT NOT NULL,
  edits       BIGINT NOT NULL DEFAULT 0 CHECK (edits IN (0, 1)),
  helpful     BIGINT NOT NULL DEFAULT 0 CHECK (helpful >= 0),
  hidden      BIGINT NOT NULL DEFAULT 0,   -- 1 where moderators do not show it; its stars count
  answer      TEXT NOT NULL DEFAULT '',    -- the brand's
  answered_at BIGINT NOT NULL DEFAULT 0,
  answered_by TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX reviews_once ON reviews (member_id, product_id) WHERE member_id <> '';
CREATE INDEX reviews_newest ON reviews (product_id, written_at, id) WHERE hidden = 0;
CREATE INDEX reviews_helpful ON reviews (product_id, helpful, written_at, id) WHERE hidden = 0;
CREATE INDEX reviews_recent ON reviews (product_id, written_at);
CREATE INDEX reviews_brand ON reviews (brand_id, written_at);
CREATE INDEX reviews_waiting ON reviews (brand_id, written_at) WHERE answered_at = 0 AND hidden = 0;
CREATE INDEX reviews_waitingall ON reviews (written_at) WHERE answered_at = 0 AND hidden = 0;
CREATE TABLE review_votes (
  review_id TEXT NOT NULL REFERENCES reviews(id),
  member_id TEXT NOT NULL REFERENCES members(id),
  PRIMARY KEY (review_id, member_id)
);
CREATE INDEX review_votes_member ON review_votes (member_id);
-- The stars of all reviews of a product or a brand, added up.
CREATE TABLE scores (
  kind       TEXT NOT NULL CHECK (kind IN ('product', 'brand')),
  id         TEXT NOT NULL,
  n          BIGINT NOT NULL CHECK (n >= 0),
  described  BIGINT NOT NULL CHECK (described BETWEEN n AND 5 * n),
  quality    BIGINT NOT NULL CHECK (quality BETWEEN n AND 5 * n),
  service    BIGINT NOT NULL CHECK (service BETWEEN n AND 5 * n),
  changed_at BIGINT NOT NULL,
  told_at    BIGINT NOT NULL DEFAULT 0,    -- when the brand was last told of it
  PRIMARY KEY (kind, id)
);
CREATE INDEX scores_changed ON scores (kind, changed_at);
-- +goose Down
DROP TABLE scores;
DROP TABLE review_votes;
DROP TABLE reviews;
DROP TABLE received;
