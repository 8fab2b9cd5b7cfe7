-- +goose Up
-- What brands offer creators to review: a brief, and how many samples there are.
CREATE TABLE briefs (
  id         TEXT PRIMARY KEY,
  brand_id   TEXT NOT NULL,
  product_id TEXT NOT NULL REFERENCES products(id),
  variant_id TEXT NOT NULL REFERENCES variants(id),
  words      TEXT NOT NULL,
  asks       TEXT NOT NULL CHECK (asks IN ('any', 'review', 'pick')),
  days       BIGINT NOT NULL CHECK (days > 0),        -- to review it in, from its arrival
  lasts      BIGINT NOT NULL CHECK (lasts > 0),       -- days in which creators can apply
  followers  BIGINT NOT NULL CHECK (followers >= 0),  -- at least
  units      BIGINT NOT NULL CHECK (units > 0),
  taken      BIGINT NOT NULL DEFAULT 0 CHECK (taken >= 0 AND taken <= units), -- promised or sent
  waits      BIGINT NOT NULL DEFAULT 0 CHECK (waits >= 0), -- applications that wait
  counted    BIGINT NOT NULL DEFAULT 0,               -- 1 where its units are set aside in stock
  state      TEXT NOT NULL CHECK (state IN ('draft', 'open', 'filled', 'closed')),
  made_at    BIGINT NOT NULL,
  made_by    TEXT NOT NULL,
  opened_at  BIGINT NOT NULL DEFAULT 0,
  closes_at  BIGINT NOT NULL DEFAULT 0,               -- nobody applies any more; the brand can still choose
  due_at     BIGINT NOT NULL DEFAULT 0,               -- when the clock does something about it
  telling    BIGINT NOT NULL DEFAULT 0                -- 1 while those who were not chosen are being told
);
CREATE INDEX briefs_open ON briefs (opened_at, id) WHERE state = 'open';
CREATE INDEX briefs_due ON briefs (due_at, id) WHERE state = 'open';
CREATE INDEX briefs_brand ON briefs (brand_id, made_at, id);
CREATE INDEX briefs_made ON briefs (made_at, id);
CREATE INDEX briefs_telling ON briefs (id) WHERE telling = 1;
-- Creators who apply for one of them, each once.
CREATE TABLE bids (
  id         TEXT PRIMARY KEY,
  brief_id   TEXT NOT NULL REFERENCES briefs(id),
  brand_id   TEXT NOT NULL,
  product_id TEXT NOT NULL,
  creator_id TEXT NOT NULL REFERENCES creators(id),
  member_id  TEXT NOT NULL,                           -- '' once erased
  words      TEXT NOT NULL,
  followers  BIGINT NOT NULL,                         -- when they applied
  state      TEXT NOT NULL CHECK (state IN ('waits', 'chosen', 'sent', 'arrived', 'done', 'passed', 'declined', 'missed', 'off', 'withdrawn')),
  given      BIGINT NOT NULL DEFAULT 0 CHECK (given IN (0, 1)), -- 1 where a sample is theirs, promised or sent
  at         BIGINT NOT NULL,
  chosen_at  BIGINT NOT NULL DEFAULT 0,
  order_id   TEXT NOT NULL DEFAULT '',                -- of the sample
  review_by  BIGINT NOT NULL DEFAULT 0,
  reminded   BIGINT NOT NULL DEFAULT 0,
  late       BIGINT NOT NULL DEFAULT 0,
  done_at    BIGINT NOT NULL DEFAULT 0,
  rate_until BIGINT NOT NULL DEFAULT 0,               -- both can rate the other until then
  shown_at   BIGINT NOT NULL DEFAULT 0,               -- when the ratings were shown
  due_at     BIGINT NOT NULL DEFAULT 0,               -- when the clock does something about it, 0 for never
  UNIQUE (brief_id, creator_id)
);
CREATE INDEX bids_brief ON bids (brief_id, state, at, id);
CREATE INDEX bids_member ON bids (member_id, at, id) WHERE member_id <> '';
CREATE INDEX bids_given ON bids (member_id, chosen_at) WHERE given = 1;
CREATE INDEX bids_arrived ON bids (member_id, product_id) WHERE state = 'arrived';
CREATE UNIQUE INDEX bids_order ON bids (order_id) WHERE order_id <> '';
CREATE INDEX bids_due ON bids (due_at, id) WHERE due_at > 0;
CREATE INDEX bids_creator ON bids (creator_id, shown_at, id);
CREATE INDEX bids_brand ON bids (brand_id, shown_at, id) WHERE shown_at > 0;
-- What each says of the other, once. Nobody reads one before both are there or
-- the time is over.
CREATE TABLE bid_ratings (
  bid_id TEXT NOT NULL REFERENCES bids(id),
  side   TEXT NOT NULL CHECK (side IN ('brand', 'creator')), -- who says it
  stars  BIGINT NOT NULL CHECK (stars BETWEEN 1 AND 5),
  words  TEXT NOT NULL,
  at     BIGINT NOT NULL,
  made_by TEXT NOT NULL,
  PRIMARY KEY (bid_id, side)
);
-- What is known of a creator or a brand in the exchange, added up.
CREATE TABLE exchange_scores (
  kind  TEXT NOT NULL CHECK (kind IN ('brand', 'creator')),
  id    TEXT NOT NULL,
  kept  BIGINT NOT NULL DEFAULT 0 CHECK (kept >= 0),   -- reviews that came in time
  late  BIGINT NOT NULL DEFAULT 0 CHECK (late >= 0),
  n     BIGINT NOT NULL DEFAULT 0 CHECK (n >= 0),      -- ratings that are shown
  stars BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, id),
  CHECK (stars >= n AND stars <= 5 * n)
);
-- +goose Down
DROP TABLE exchange_scores;
DROP TABLE bid_ratings;
DROP TABLE bids;
DROP TABLE briefs;
