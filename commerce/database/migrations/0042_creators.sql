-- +goose Up
-- Creators who are members, and what lets lists and the feed be read without
-- reading all: the goods of a pick beside it, and indexes in the order shown.
ALTER TABLE creators ADD COLUMN member_id TEXT NOT NULL DEFAULT '';   -- who they are in the chat, '' where nobody has said
ALTER TABLE creators ADD COLUMN made_at BIGINT NOT NULL DEFAULT 0;    -- approved in the chat; 0 for one the YAML declares
CREATE UNIQUE INDEX creators_member ON creators (member_id) WHERE member_id <> '';
CREATE INDEX creators_made ON creators (made_at) WHERE made_at > 0;
CREATE INDEX creators_listed ON creators (archived, position, id);

ALTER TABLE picks ADD COLUMN items TEXT NOT NULL DEFAULT '';          -- as pick_items has them: product, or product/variant, separated by spaces
UPDATE picks SET items = COALESCE((SELECT STRING_AGG(i.product_id || CASE WHEN i.variant_id = '' THEN '' ELSE '/' || i.variant_id END, ' ' ORDER BY i.position)
  FROM pick_items i WHERE i.pick_id = picks.id), '');
ALTER TABLE picks ADD COLUMN made BIGINT NOT NULL DEFAULT 0;           -- 1 where it was posted from the chat, 0 where the YAML declares it
CREATE INDEX picks_creator ON picks (creator_id, seq);
CREATE INDEX picks_featured ON picks (seq) WHERE featured = 1;
CREATE INDEX picks_created ON picks (created_at, seq);
ALTER TABLE pick_items ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;      -- of the pick
UPDATE pick_items SET seq = (SELECT p.seq FROM picks p WHERE p.id = pick_items.pick_id);
CREATE INDEX pick_items_product ON pick_items (product_id, seq);
INSERT INTO versions (name, n) SELECT 'picks', COALESCE(MAX(seq), 0) FROM picks;
DELETE FROM versions WHERE name = 'creators';

-- +goose Down
DELETE FROM versions WHERE name = 'picks';
DROP INDEX pick_items_product;
ALTER TABLE pick_items DROP COLUMN seq;
DROP INDEX picks_created;
DROP INDEX picks_featured;
DROP INDEX picks_creator;
ALTER TABLE picks DROP COLUMN made;
ALTER TABLE picks DROP COLUMN items;
DROP INDEX creators_listed;
DROP INDEX creators_made;
DROP INDEX creators_member;
ALTER TABLE creators DROP COLUMN made_at;
ALTER TABLE creators DROP COLUMN member_id;
