-- +goose Up
-- Drops that a brand's staff plans in a chat.
--   draft     → being typed
--   planned   → announced by the clock
--   announced → it is in drops
--   discarded
CREATE TABLE drop_plans (
  id         TEXT PRIMARY KEY,           -- of the drop, too
  brand_id   TEXT NOT NULL,
  state      TEXT NOT NULL CHECK (state IN ('draft', 'planned', 'announced', 'discarded')),
  version    BIGINT NOT NULL DEFAULT 1,  -- counts what was typed
  typed      TEXT NOT NULL,              -- JSON, by the keys of the YAML
  plan       TEXT NOT NULL DEFAULT '',   -- what of it is announced, JSON
  actor      TEXT NOT NULL,              -- staff:<member id>, who did the last of it
  created_at BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE INDEX drop_plans_state ON drop_plans (state);
ALTER TABLE drop_events ADD COLUMN detail TEXT NOT NULL DEFAULT ''; -- of an amendment, what was before and is now, JSON
-- +goose Down
ALTER TABLE drop_events DROP COLUMN detail;
DROP TABLE drop_plans;
