-- +goose Up
-- What creators write in the chat: a draft until it is published, then a pick.
CREATE TABLE drafts (
  id          TEXT PRIMARY KEY,
  creator_id  TEXT NOT NULL REFERENCES creators(id),
  pick_id     TEXT NOT NULL DEFAULT '',      -- the pick that it changes, '' for a new one
  title       TEXT NOT NULL DEFAULT '',
  body        TEXT NOT NULL DEFAULT '',
  photos      TEXT NOT NULL DEFAULT '',      -- hashes, separated by spaces
  items       TEXT NOT NULL DEFAULT '',      -- as picks.items
  communities TEXT NOT NULL DEFAULT '',      -- where it is published, separated by spaces; '' is everywhere
  publish_at  BIGINT NOT NULL DEFAULT 0,     -- when it is published by itself, 0 for never
  changed_at  BIGINT NOT NULL
);
CREATE INDEX drafts_creator ON drafts (creator_id, changed_at);
CREATE INDEX drafts_due ON drafts (publish_at) WHERE publish_at > 0;

ALTER TABLE picks ADD COLUMN photos TEXT NOT NULL DEFAULT '';        -- all of them, hashes separated by spaces
ALTER TABLE picks ADD COLUMN communities TEXT NOT NULL DEFAULT '';   -- where it is shown, '' is everywhere
ALTER TABLE picks ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;       -- 1 where it heads its creator's page

ALTER TABLE picks ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0;   -- made in the chat: when it was changed last
CREATE INDEX picks_changed ON picks (changed_at) WHERE changed_at > 0;
ALTER TABLE posts ADD COLUMN shown_at BIGINT NOT NULL DEFAULT 0;     -- which change of the pick the post shows
UPDATE posts SET shown_at = created_at;

-- Where and when a pick made in the chat is posted; posts has what was.
CREATE TABLE publications (
  pick_id      TEXT NOT NULL REFERENCES picks(id),
  community_id TEXT NOT NULL,
  due_at       BIGINT NOT NULL,
  PRIMARY KEY (pick_id, community_id)
);
CREATE INDEX publications_due ON publications (community_id, due_at);

-- Which photos of members are shown by what: a file goes when nothing shows it.
CREATE TABLE shown_photos (
  hash     TEXT NOT NULL,
  shown_by TEXT NOT NULL,                    -- application:<id>, draft:<id>, pick:<id>
  PRIMARY KEY (shown_by, hash)
);
CREATE INDEX shown_photos_hash ON shown_photos (hash);

-- The hashtags of picks that are shown.
CREATE TABLE pick_tags (
  tag     TEXT NOT NULL,                     -- in small letters, without #
  seq     BIGINT NOT NULL,                   -- of the pick
  pick_id TEXT NOT NULL REFERENCES picks(id),
  PRIMARY KEY (tag, seq)
);
CREATE INDEX pick_tags_pick ON pick_tags (pick_id);

-- +goose Down
DROP TABLE pick_tags;
DROP TABLE shown_photos;
DROP TABLE publications;
ALTER TABLE posts DROP COLUMN shown_at;
DROP INDEX picks_changed;
ALTER TABLE picks DROP COLUMN changed_at;
ALTER TABLE picks DROP COLUMN pinned;
ALTER TABLE picks DROP COLUMN communities;
ALTER TABLE picks DROP COLUMN photos;
DROP TABLE drafts;
