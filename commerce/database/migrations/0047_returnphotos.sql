-- +goose Up
-- Whether a return shows a photo is asked whenever one is deleted.
CREATE INDEX returns_photo ON returns (photo);

-- +goose Down
DROP INDEX returns_photo;
