-- +goose Up
-- What is shown of a creator is counted and read by an index, and so is what they
-- pinned, what the YAML declares, and the drafts of changes.
DROP INDEX picks_creator;
CREATE INDEX picks_creator ON picks (creator_id, archived, seq);
CREATE INDEX picks_pinned ON picks (creator_id) WHERE pinned = 1;
CREATE INDEX picks_declared ON picks (seq) WHERE made = 0;
CREATE INDEX creators_declared ON creators (position, id) WHERE made_at = 0;
CREATE INDEX drafts_pick ON drafts (pick_id) WHERE pick_id <> '';
DROP INDEX applications_sent;
CREATE INDEX applications_sent ON applications (sent_at, id) WHERE state = 'sent';
CREATE INDEX posts_chat ON posts (bot, chat, thread, created_at);

-- +goose Down
DROP INDEX posts_chat;
DROP INDEX applications_sent;
CREATE INDEX applications_sent ON applications (sent_at) WHERE state = 'sent';
DROP INDEX drafts_pick;
DROP INDEX creators_declared;
DROP INDEX picks_declared;
DROP INDEX picks_pinned;
DROP INDEX picks_creator;
CREATE INDEX picks_creator ON picks (creator_id, seq);
