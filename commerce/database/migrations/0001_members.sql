-- +goose Up
-- People, their accounts on each platform, and what they told us once.
CREATE TABLE members (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL,            -- as the platform told it last; '' once erased
  locale      TEXT NOT NULL,            -- BCP 47, '' unknown
  quiet       TEXT NOT NULL DEFAULT '', -- own quiet hours, as '22:00-08:00 Europe/Berlin'
  created_at  BIGINT NOT NULL,
  erased_at   BIGINT NOT NULL DEFAULT 0,
  merged_into TEXT NOT NULL DEFAULT ''  -- set when linked with an older member
);
CREATE TABLE accounts (
  platform   TEXT NOT NULL,
  account    TEXT NOT NULL,             -- the platform's id of the person
  member_id  TEXT NOT NULL REFERENCES members(id),
  name       TEXT NOT NULL,
  username   TEXT NOT NULL,
  bot        TEXT NOT NULL,             -- the bot that last spoke with them in private, '' none
  reach      TEXT NOT NULL DEFAULT 'unknown' CHECK (reach IN ('unknown', 'open', 'closed')),
  seen_at    BIGINT NOT NULL,           -- when they last spoke with us in private
  created_at BIGINT NOT NULL,
  PRIMARY KEY (platform, account)
);
CREATE INDEX accounts_member ON accounts (member_id);
CREATE TABLE addresses (
  member_id  TEXT PRIMARY KEY REFERENCES members(id),
  name       TEXT NOT NULL,
  street     TEXT NOT NULL,
  city       TEXT NOT NULL,
  postcode   TEXT NOT NULL,
  country    TEXT NOT NULL,             -- ISO 3166-1 alpha-2
  shipping   TEXT NOT NULL DEFAULT '',  -- the shipping option chosen last, by brand, JSON
  updated_at BIGINT NOT NULL
);
-- +goose Down
DROP TABLE addresses;
DROP TABLE accounts;
DROP TABLE members;
