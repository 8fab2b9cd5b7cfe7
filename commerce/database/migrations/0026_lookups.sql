-- +goose Up
-- Rows that are looked for by something else than their key. A partial index
-- serves only a query that repeats its condition, as WHERE intent = $1 AND
-- intent <> ''.
CREATE INDEX payments_intent ON payments (intent) WHERE intent <> '';
CREATE INDEX postings_order ON postings (order_id) WHERE order_id <> '';
CREATE INDEX refunds_order ON refunds (order_id, created_at);
CREATE INDEX holds_member ON holds (member_id);
CREATE INDEX balance_holds_account ON balance_holds (account);
CREATE INDEX promotion_members_member ON promotion_members (member_id);
CREATE INDEX returns_photo ON returns (photo) WHERE photo <> '';
CREATE INDEX payouts_created ON payouts (created_at, id);
CREATE INDEX disputes_open ON disputes (due_at, id) WHERE closed_at = 0;
CREATE INDEX disputes_opened ON disputes (opened_at, id);
-- +goose Down
DROP INDEX disputes_opened;
DROP INDEX disputes_open;
DROP INDEX payouts_created;
DROP INDEX returns_photo;
DROP INDEX promotion_members_member;
DROP INDEX balance_holds_account;
DROP INDEX holds_member;
DROP INDEX refunds_order;
DROP INDEX postings_order;
DROP INDEX payments_intent;
