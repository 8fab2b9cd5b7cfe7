-- +goose Up
-- What was got for free to review says so.
ALTER TABLE received ADD COLUMN sample BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reviews ADD COLUMN sample BIGINT NOT NULL DEFAULT 0;
ALTER TABLE picks ADD COLUMN sample BIGINT NOT NULL DEFAULT 0;
-- +goose Down
ALTER TABLE picks DROP COLUMN sample;
ALTER TABLE reviews DROP COLUMN sample;
ALTER TABLE received DROP COLUMN sample;
