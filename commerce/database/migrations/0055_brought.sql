-- +goose Up
-- Who brought whom in: by a pick that they passed on, or their own link. What it
-- brought them is counted once, with the first order.
CREATE TABLE brought_in (
  member_id  TEXT PRIMARY KEY REFERENCES members(id),
  by_id      TEXT NOT NULL REFERENCES members(id),
  pick_id    TEXT NOT NULL DEFAULT '',  -- '' for their own link
  order_id   TEXT NOT NULL DEFAULT '',  -- the member's first, once it is paid
  created_at BIGINT NOT NULL
);
INSERT INTO brought_in (member_id, by_id, pick_id, created_at) SELECT member_id, by_id, pick_id, created_at FROM brought;
DROP TABLE brought;
ALTER TABLE brought_in RENAME TO brought;
CREATE INDEX brought_by ON brought (by_id, created_at);
CREATE INDEX brought_order ON brought (order_id) WHERE order_id <> '';
CREATE INDEX earnings_brought ON earnings (member_id) WHERE why = 'brought';
-- +goose Down
DROP INDEX earnings_brought;
CREATE TABLE brought_by_pick (
  member_id  TEXT PRIMARY KEY REFERENCES members(id),
  by_id      TEXT NOT NULL REFERENCES members(id),
  pick_id    TEXT NOT NULL REFERENCES picks(id),
  created_at BIGINT NOT NULL
);
INSERT INTO brought_by_pick SELECT b.member_id, b.by_id, b.pick_id, b.created_at FROM brought b JOIN picks p ON p.id = b.pick_id;
DROP TABLE brought;
ALTER TABLE brought_by_pick RENAME TO brought;
CREATE INDEX brought_by ON brought (by_id, created_at);
