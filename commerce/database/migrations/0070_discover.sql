-- +goose Up
-- Who follows which brand.
CREATE TABLE brand_follows (
  member_id  TEXT NOT NULL REFERENCES members(id),
  brand_id   TEXT NOT NULL REFERENCES brands(id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (member_id, brand_id)
);
CREATE INDEX brand_follows_brand ON brand_follows (brand_id, created_at);

-- Whose goods a pick recommends, in the order in which picks are listed.
CREATE TABLE pick_brands (
  brand_id TEXT NOT NULL REFERENCES brands(id),
  seq      BIGINT NOT NULL,                  -- of the pick
  pick_id  TEXT NOT NULL REFERENCES picks(id),
  PRIMARY KEY (brand_id, seq)
);
CREATE INDEX pick_brands_pick ON pick_brands (pick_id);
INSERT INTO pick_brands (brand_id, seq, pick_id)
  SELECT DISTINCT g.brand_id, p.seq, p.id FROM picks p JOIN pick_items i ON i.pick_id = p.id JOIN products g ON g.id = i.product_id;

-- What became of a pick on one day, counted as it happens. Old days go.
CREATE TABLE pick_days (
  pick_id TEXT NOT NULL REFERENCES picks(id),
  day     BIGINT NOT NULL,                   -- since 1970, in UTC
  opened  BIGINT NOT NULL DEFAULT 0 CHECK (opened >= 0),  -- how often others looked at it
  saved   BIGINT NOT NULL DEFAULT 0 CHECK (saved >= 0),   -- members that keep it since then
  bought  BIGINT NOT NULL DEFAULT 0 CHECK (bought >= 0),  -- paid orders with something from it
  love    BIGINT NOT NULL DEFAULT 0 CHECK (love >= 0),    -- what orders the list of the most loved
  PRIMARY KEY (pick_id, day)
);
CREATE INDEX pick_days_love ON pick_days (day, love, pick_id);
ALTER TABLE board_picks ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;  -- 1 where pick_days counts it: once a member and pick

-- New followers of a week are counted by an index.
DROP INDEX follows_creator;
CREATE INDEX follows_creator ON follows (creator_id, created_at);

-- +goose Down
DROP INDEX follows_creator;
CREATE INDEX follows_creator ON follows (creator_id);
ALTER TABLE board_picks DROP COLUMN counted;
DROP TABLE pick_days;
DROP TABLE pick_brands;
DROP TABLE brand_follows;
