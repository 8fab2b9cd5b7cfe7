-- +goose Up
-- What was done with a drop, and by whom.
CREATE TABLE drop_events (
  drop_id TEXT NOT NULL REFERENCES drops(id),
  seq     BIGINT NOT NULL,
  at      BIGINT NOT NULL,
  event   TEXT NOT NULL,                 -- paused, resumed, cancelled
  actor   TEXT NOT NULL,                 -- staff:<member id>
  PRIMARY KEY (drop_id, seq)
);
-- +goose Down
DROP TABLE drop_events;
