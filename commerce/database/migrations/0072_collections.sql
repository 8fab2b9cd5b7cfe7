-- +goose Up
-- What creators group their picks in, for everybody to see.
CREATE TABLE collections (
  id         TEXT PRIMARY KEY,
  creator_id TEXT NOT NULL REFERENCES creators(id),
  name       TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX collections_creator ON collections (creator_id, created_at, id);
CREATE TABLE collection_picks (
  collection_id TEXT NOT NULL REFERENCES collections(id),
  pick_id       TEXT NOT NULL REFERENCES picks(id),
  seq           BIGINT NOT NULL,             -- of the pick
  PRIMARY KEY (collection_id, pick_id)
);
CREATE INDEX collection_picks_order ON collection_picks (collection_id, seq);
CREATE INDEX collection_picks_pick ON collection_picks (pick_id);

-- +goose Down
DROP TABLE collection_picks;
DROP TABLE collections;
