-- +goose Up
-- Creators, their picks, and who follows whom.
CREATE TABLE creators (
  id        TEXT PRIMARY KEY,
  name      TEXT NOT NULL,
  bio       TEXT NOT NULL,
  picture   TEXT NOT NULL DEFAULT '',   -- source address
  archived  BIGINT NOT NULL DEFAULT 0,
  position  BIGINT NOT NULL
);
CREATE TABLE picks (
  id         TEXT PRIMARY KEY,
  creator_id TEXT NOT NULL REFERENCES creators(id),
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,
  picture    TEXT NOT NULL DEFAULT '',  -- source address, '' takes the product's
  featured   BIGINT NOT NULL DEFAULT 0,
  archived   BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  seq        BIGINT NOT NULL UNIQUE     -- order of appearance: newest has the highest
);
CREATE TABLE pick_items (
  pick_id    TEXT NOT NULL REFERENCES picks(id),
  position   BIGINT NOT NULL,
  product_id TEXT NOT NULL REFERENCES products(id),
  variant_id TEXT NOT NULL DEFAULT '',  -- '' leaves the choice to the member
  PRIMARY KEY (pick_id, position)
);
CREATE TABLE follows (
  member_id  TEXT NOT NULL REFERENCES members(id),
  creator_id TEXT NOT NULL REFERENCES creators(id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (member_id, creator_id)
);
CREATE INDEX follows_creator ON follows (creator_id);
CREATE TABLE posts (
  pick_id    TEXT NOT NULL REFERENCES picks(id),
  bot        TEXT NOT NULL,
  chat       TEXT NOT NULL,
  thread     TEXT NOT NULL DEFAULT '',
  message    TEXT NOT NULL DEFAULT '',  -- the platform's id once it is posted
  created_at BIGINT NOT NULL,
  PRIMARY KEY (pick_id, bot, chat, thread)
);
-- +goose Down
DROP TABLE posts;
DROP TABLE follows;
DROP TABLE pick_items;
DROP TABLE picks;
DROP TABLE creators;
