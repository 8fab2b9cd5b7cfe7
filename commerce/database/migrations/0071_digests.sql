-- +goose Up
-- What a week brought to a creator, as it was told to them.
CREATE TABLE digests (
  id          TEXT PRIMARY KEY,           -- secret: it names the picture
  creator_id  TEXT NOT NULL REFERENCES creators(id),
  week        BIGINT NOT NULL,            -- Mondays since January 5, 1970
  opened      TEXT NOT NULL,              -- by day, from Monday on, separated by spaces
  saved       BIGINT NOT NULL,
  bought      BIGINT NOT NULL,
  followers   BIGINT NOT NULL,            -- new ones
  points      BIGINT NOT NULL,            -- earned
  best        TEXT NOT NULL DEFAULT '',   -- the pick of which most came
  advice      TEXT NOT NULL,              -- by which rule
  advice_pick TEXT NOT NULL DEFAULT '',   -- what it is about
  advice_n    BIGINT NOT NULL DEFAULT 0,  -- and how many
  made_at     BIGINT NOT NULL
);
CREATE UNIQUE INDEX digests_creator ON digests (creator_id, week);
-- How far a week's digests are written.
CREATE TABLE digest_rounds (
  week BIGINT PRIMARY KEY,
  upto TEXT NOT NULL DEFAULT '',          -- the last creator that was looked at
  done BIGINT NOT NULL DEFAULT 0
);
ALTER TABLE creators ADD COLUMN digest BIGINT NOT NULL DEFAULT 1;  -- 0 where they do not want it

-- +goose Down
ALTER TABLE creators DROP COLUMN digest;
DROP TABLE digest_rounds;
DROP TABLE digests;
