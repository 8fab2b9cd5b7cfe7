-- +goose Up
-- Of the units of a drop some can be a community's until they spill over: '' are
-- those of everybody. Units nobody has are units - claimed - sold.
CREATE TABLE drop_pools (
  drop_id      TEXT NOT NULL REFERENCES drops(id),
  variant_id   TEXT NOT NULL REFERENCES variants(id),
  community_id TEXT NOT NULL DEFAULT '',
  position     BIGINT NOT NULL,
  units        BIGINT NOT NULL,
  claimed      BIGINT NOT NULL DEFAULT 0 CHECK (claimed >= 0),
  sold         BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
  CHECK (claimed + sold <= units),
  PRIMARY KEY (drop_id, variant_id, community_id)
);
INSERT INTO drop_pools (drop_id, variant_id, position, units, claimed, sold) SELECT drop_id, variant_id, position, units, claimed, sold FROM drop_units;
DROP TABLE drop_units;
ALTER TABLE drop_pools RENAME TO drop_units;
ALTER TABLE drop_entries ADD COLUMN community_id TEXT NOT NULL DEFAULT ''; -- they came from
ALTER TABLE drop_entries ADD COLUMN pool TEXT NOT NULL DEFAULT '';         -- the community whose unit they won
ALTER TABLE drops ADD COLUMN early BIGINT NOT NULL DEFAULT 0;              -- how long before opens_at the first may claim
ALTER TABLE drops ADD COLUMN spill BIGINT NOT NULL DEFAULT 0;              -- how long after opens_at the communities' units spill over; 0 never
ALTER TABLE drops ADD COLUMN spilled BIGINT NOT NULL DEFAULT 0;            -- 1: they have
-- +goose Down
ALTER TABLE drops DROP COLUMN spilled;
ALTER TABLE drops DROP COLUMN spill;
ALTER TABLE drops DROP COLUMN early;
ALTER TABLE drop_entries DROP COLUMN pool;
ALTER TABLE drop_entries DROP COLUMN community_id;
CREATE TABLE drop_pools (
  drop_id    TEXT NOT NULL REFERENCES drops(id),
  variant_id TEXT NOT NULL REFERENCES variants(id),
  position   BIGINT NOT NULL,
  units      BIGINT NOT NULL,
  claimed    BIGINT NOT NULL DEFAULT 0 CHECK (claimed >= 0),
  sold       BIGINT NOT NULL DEFAULT 0 CHECK (sold >= 0),
  CHECK (claimed + sold <= units),
  PRIMARY KEY (drop_id, variant_id)
);
INSERT INTO drop_pools (drop_id, variant_id, position, units, claimed, sold)
  SELECT drop_id, variant_id, MIN(position), SUM(units), SUM(claimed), SUM(sold) FROM drop_units GROUP BY drop_id, variant_id;
DROP TABLE drop_units;
ALTER TABLE drop_pools RENAME TO drop_units;
