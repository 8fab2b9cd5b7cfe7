-- +goose Up
-- What happens after the sale: money that goes back in parts, parcels, returns.

-- How much of a captured payment is given back or due to be, failed refunds not
-- counted: moved by conditional UPDATEs, and never more than was captured.
ALTER TABLE payments ADD COLUMN refunded BIGINT NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= amount);
UPDATE payments SET refunded = COALESCE((SELECT SUM(r.amount) FROM refunds r WHERE r.payment_id = payments.id AND r.state <> 'failed'), 0);
ALTER TABLE refunds ADD COLUMN value BIGINT NOT NULL DEFAULT 0; -- of the sale, with what was paid beside the card; 0: the amount
-- Which posting another one takes back, in part or in full.
ALTER TABLE postings ADD COLUMN reverses TEXT NOT NULL DEFAULT '';
UPDATE postings SET reverses = COALESCE((SELECT 'capture:' || r.payment_id FROM refunds r WHERE postings.id = 'refund:' || r.id), '');
CREATE INDEX postings_reverses ON postings (reverses) WHERE reverses <> '';
-- What an order took, and what of it went back or is about to, by whatever way.
CREATE TABLE takings (
  order_id  TEXT PRIMARY KEY REFERENCES orders(id),
  value     BIGINT NOT NULL,            -- all its lines but those it was paid with
  card      BIGINT NOT NULL,            -- what of it the card paid
  back      BIGINT NOT NULL DEFAULT 0 CHECK (back >= 0 AND back <= value),
  back_card BIGINT NOT NULL DEFAULT 0 CHECK (back_card >= 0 AND back_card <= card)
);
-- Each thing that went back. One to the card has a refund of the same id,
-- unless nothing of it had been paid by card.
CREATE TABLE givebacks (
  id         TEXT PRIMARY KEY,
  order_id   TEXT NOT NULL REFERENCES orders(id),
  value      BIGINT NOT NULL CHECK (value > 0),
  card       BIGINT NOT NULL CHECK (card >= 0 AND card <= value),
  currency   TEXT NOT NULL,
  way        TEXT NOT NULL CHECK (way IN ('card', 'credit')),
  state      TEXT NOT NULL CHECK (state IN ('due', 'done', 'failed')),
  reason     TEXT NOT NULL,             -- cancelled, staff, return, hand
  return_id  TEXT NOT NULL DEFAULT '',
  actor      TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX givebacks_order ON givebacks (order_id, created_at);
CREATE TABLE giveback_lines (
  giveback_id TEXT NOT NULL REFERENCES givebacks(id),
  position    BIGINT NOT NULL,          -- of the order's line
  quantity    BIGINT NOT NULL CHECK (quantity > 0),
  value       BIGINT NOT NULL,
  PRIMARY KEY (giveback_id, position)
);

-- How the lines of an order stand: what was bought is fixed, the rest moves by
-- conditional UPDATEs with these CHECKs behind them.
CREATE TABLE fulfilments (
  order_id TEXT NOT NULL REFERENCES orders(id),
  position BIGINT NOT NULL,
  bought   BIGINT NOT NULL,
  dropped  BIGINT NOT NULL DEFAULT 0 CHECK (dropped >= 0),   -- refunded before they were packed: not to be sent any more
  packed   BIGINT NOT NULL DEFAULT 0 CHECK (packed >= 0),    -- in parcels, sent or not
  shipped  BIGINT NOT NULL DEFAULT 0 CHECK (shipped >= 0),
  claimed  BIGINT NOT NULL DEFAULT 0 CHECK (claimed >= 0),   -- in returns that were not denied
  refunded BIGINT NOT NULL DEFAULT 0 CHECK (refunded >= 0 AND refunded <= bought),
  PRIMARY KEY (order_id, position),
  CHECK (packed + dropped <= bought),
  CHECK (shipped <= packed),
  CHECK (claimed <= shipped)
);
CREATE TABLE parcels (
  id           TEXT PRIMARY KEY,
  order_id     TEXT NOT NULL REFERENCES orders(id),
  number       BIGINT NOT NULL,         -- within the order, from 1
  brand_id     TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('packed', 'shipped', 'delivered')),
  tracking     TEXT NOT NULL DEFAULT '',
  packed_at    BIGINT NOT NULL,
  shipped_at   BIGINT NOT NULL DEFAULT 0,
  delivered_at BIGINT NOT NULL DEFAULT 0,
  UNIQUE (order_id, number)
);
CREATE INDEX parcels_state ON parcels (state, shipped_at);
CREATE TABLE parcel_lines (
  parcel_id TEXT NOT NULL REFERENCES parcels(id),
  position  BIGINT NOT NULL,
  quantity  BIGINT NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (parcel_id, position)
);
-- What of the lines of a hold is back on the shelf.
ALTER TABLE hold_lines ADD COLUMN returned BIGINT NOT NULL DEFAULT 0 CHECK (returned >= 0 AND returned <= quantity);

CREATE TABLE returns (
  id          TEXT PRIMARY KEY,
  order_id    TEXT NOT NULL REFERENCES orders(id),
  brand_id    TEXT NOT NULL,
  member_id   TEXT NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'denied', 'arrived', 'done')),
  reason      TEXT NOT NULL CHECK (reason IN ('broken', 'wrong', 'different', 'mind', 'other')),
  words       TEXT NOT NULL DEFAULT '', -- the member's own, emptied when they are erased
  photo       TEXT NOT NULL DEFAULT '', -- hash in media, deleted when they are erased
  answer      TEXT NOT NULL DEFAULT '', -- why it was denied
  exchange    TEXT NOT NULL DEFAULT '', -- the variant they get instead, '' for the money
  hold_id     TEXT NOT NULL DEFAULT '', -- keeps its units from approval on
  exchange_id TEXT NOT NULL DEFAULT '', -- the order it became
  way         TEXT NOT NULL DEFAULT '', -- card or credit, once done
  asked_at    BIGINT NOT NULL,
  decided_at  BIGINT NOT NULL DEFAULT 0,
  arrived_at  BIGINT NOT NULL DEFAULT 0,
  done_at     BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX returns_order ON returns (order_id, asked_at);
CREATE INDEX returns_state ON returns (state, asked_at);
CREATE INDEX returns_member ON returns (member_id);
CREATE TABLE return_lines (
  return_id TEXT NOT NULL REFERENCES returns(id),
  position  BIGINT NOT NULL,
  quantity  BIGINT NOT NULL CHECK (quantity > 0),
  restocked BIGINT NOT NULL DEFAULT 0,  -- 1: back on the shelf
  PRIMARY KEY (return_id, position)
);
-- +goose Down
DROP TABLE return_lines;
DROP TABLE returns;
ALTER TABLE hold_lines DROP COLUMN returned;
DROP TABLE parcel_lines;
DROP TABLE parcels;
DROP TABLE fulfilments;
DROP TABLE giveback_lines;
DROP TABLE givebacks;
DROP TABLE takings;
DROP INDEX postings_reverses;
ALTER TABLE postings DROP COLUMN reverses;
ALTER TABLE refunds DROP COLUMN value;
ALTER TABLE payments DROP COLUMN refunded;
