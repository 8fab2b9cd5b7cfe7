-- +goose Up
-- An order whose card is only authorised: what it costs is said at the close of
-- a drop, which captures it.
ALTER TABLE orders ADD COLUMN steps TEXT NOT NULL DEFAULT '';      -- what it may come to cost, JSON, the highest first; '' is paid at once
ALTER TABLE orders ADD COLUMN held_at BIGINT NOT NULL DEFAULT 0;   -- when its card was authorised
ALTER TABLE payments ADD COLUMN capture BIGINT NOT NULL DEFAULT 0; -- 1: amount is what shall be captured
ALTER TABLE drops ADD COLUMN reached BIGINT NOT NULL DEFAULT 0;    -- the price that its close captures; -1: the minimum was missed
-- +goose Down
ALTER TABLE drops DROP COLUMN reached;
ALTER TABLE payments DROP COLUMN capture;
ALTER TABLE orders DROP COLUMN held_at;
ALTER TABLE orders DROP COLUMN steps;
