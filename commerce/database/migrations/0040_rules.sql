-- +goose Up
-- By which of the drop's rules somebody takes part, from 0; -1 where none was
-- asked. In a draw those of tier 0 are drawn before those of tier 1.
ALTER TABLE drop_entries ADD COLUMN rule BIGINT NOT NULL DEFAULT -1;
ALTER TABLE drop_entries ADD COLUMN tier BIGINT NOT NULL DEFAULT 0;
ALTER TABLE drop_draws ADD COLUMN first BIGINT NOT NULL DEFAULT 0; -- entries of tier 0 in the list
-- +goose Down
ALTER TABLE drop_draws DROP COLUMN first;
ALTER TABLE drop_entries DROP COLUMN tier;
ALTER TABLE drop_entries DROP COLUMN rule;
