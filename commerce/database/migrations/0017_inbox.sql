-- +goose Up
-- The events of one object that wait to be worked off, which are worked off
-- together.
CREATE INDEX stripe_inbox_object ON stripe_inbox (object) WHERE done_at = 0;
-- +goose Down
DROP INDEX stripe_inbox_object;
