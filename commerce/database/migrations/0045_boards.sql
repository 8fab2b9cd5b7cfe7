-- +goose Up
-- What members keep for later.
CREATE TABLE boards (
  id         TEXT PRIMARY KEY,
  member_id  TEXT NOT NULL REFERENCES members(id),
  name       TEXT NOT NULL,                  -- '' is the first, which everybody has
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX boards_member ON boards (member_id, name);
CREATE TABLE board_picks (
  board_id   TEXT NOT NULL REFERENCES boards(id),
  pick_id    TEXT NOT NULL REFERENCES picks(id),
  created_at BIGINT NOT NULL,
  PRIMARY KEY (board_id, pick_id)
);
CREATE INDEX board_picks_order ON board_picks (board_id, created_at);
CREATE INDEX board_picks_pick ON board_picks (pick_id);

-- +goose Down
DROP TABLE board_picks;
DROP TABLE boards;
