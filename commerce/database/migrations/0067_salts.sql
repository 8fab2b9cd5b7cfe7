-- +goose Up
-- What the digests of words in the moderation log are salted with, by whose words they
-- are. With a member their salts go, and what they said cannot be guessed from the log
-- any more. Lines of before keep their digests without: the chain is as it was.
CREATE TABLE moderation_salts (
  salt      TEXT PRIMARY KEY,
  member_id TEXT NOT NULL -- '' for the words of nobody in the chat
);
CREATE INDEX moderation_salts_member ON moderation_salts (member_id);
-- +goose Down
DROP TABLE moderation_salts;
