-- +goose Up
-- How many different members looked at a drop or pressed a button of it: numbers,
-- of nobody by name. scope is '' for all, platform:<name>, creator:<id>, or
-- chat:<bot>:<chat> of a group.
CREATE TABLE drop_taps (
  drop_id TEXT NOT NULL REFERENCES drops(id),
  scope   TEXT NOT NULL,
  taps    BIGINT NOT NULL,
  PRIMARY KEY (drop_id, scope)
);
-- +goose Down
DROP TABLE drop_taps;
