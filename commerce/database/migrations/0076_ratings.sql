-- +goose Up
-- What brands and creators say of each other is reported and hidden as reviews are.
ALTER TABLE bid_ratings ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0; -- 1 where the words are not shown; the stars count
CREATE INDEX bid_ratings_by ON bid_ratings (made_by) WHERE made_by <> '';
-- +goose Down
DROP INDEX bid_ratings_by;
ALTER TABLE bid_ratings DROP COLUMN hidden;
