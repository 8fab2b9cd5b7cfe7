-- +goose Up
-- The money of the order is with a cardholder's bank: nothing is transferred.
ALTER TABLE payouts ADD COLUMN disputed BIGINT NOT NULL DEFAULT 0;
-- +goose Down
ALTER TABLE payouts DROP COLUMN disputed;
