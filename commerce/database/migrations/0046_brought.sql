-- +goose Up
-- Who brought whom in, by a pick that they passed on: the first counts.
CREATE TABLE brought (
  member_id  TEXT PRIMARY KEY REFERENCES members(id),
  by_id      TEXT NOT NULL REFERENCES members(id),
  pick_id    TEXT NOT NULL REFERENCES picks(id),
  created_at BIGINT NOT NULL
);
CREATE INDEX brought_by ON brought (by_id, created_at);

-- +goose Down
DROP TABLE brought;
