-- +goose Up
-- What people must be told, written in the transaction that causes it.
CREATE TABLE notices (
  id         TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,             -- order.paid, order.shipped, staff.order, pick.post …
  member_id  TEXT NOT NULL DEFAULT '',  -- to a member, by whatever way reaches them …
  bot        TEXT NOT NULL DEFAULT '',  -- … or to one chat of one bot
  chat       TEXT NOT NULL DEFAULT '',
  thread     TEXT NOT NULL DEFAULT '',
  args       TEXT NOT NULL,             -- JSON: ids, never an address
  once       TEXT NOT NULL UNIQUE,      -- the same thing is told once
  state      TEXT NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'unread', 'read', 'dead')),
  due_at     BIGINT NOT NULL,
  leased_by  TEXT NOT NULL DEFAULT '',
  leased_to  BIGINT NOT NULL DEFAULT 0, -- until when
  tries      BIGINT NOT NULL DEFAULT 0,
  message    TEXT NOT NULL DEFAULT '',  -- the platform's id once sent
  problem    TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  sent_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX notices_due ON notices (state, due_at);
CREATE INDEX notices_member ON notices (member_id, state);
-- +goose Down
DROP TABLE notices;
