-- +goose Up
-- How the units of a drop find their buyers, as its terms say: what looks for
-- drops by it need not read them.
ALTER TABLE drops ADD COLUMN mode TEXT NOT NULL DEFAULT 'queue';
-- A quote in a text of the terms is an escaped one: this is the field, and no title.
UPDATE drops SET mode = 'draw' WHERE terms LIKE '%"Mode":"draw"%';
UPDATE drops SET mode = 'invite' WHERE terms LIKE '%"Mode":"invite"%';
UPDATE drops SET mode = 'group' WHERE terms LIKE '%"Mode":"group"%';
-- +goose Down
ALTER TABLE drops DROP COLUMN mode;
