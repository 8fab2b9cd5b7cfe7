-- +goose Up
-- A post can have one video, kept as its photos are: by its hash.
ALTER TABLE drafts ADD COLUMN video TEXT NOT NULL DEFAULT '';
ALTER TABLE picks ADD COLUMN video TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE picks DROP COLUMN video;
ALTER TABLE drafts DROP COLUMN video;
