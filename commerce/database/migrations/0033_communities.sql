-- +goose Up
-- Since when a member has been in a community: when they joined, where the
-- platform tells it, else when we saw them there first.
CREATE TABLE member_communities (
  member_id    TEXT NOT NULL REFERENCES members(id),
  community_id TEXT NOT NULL,             -- its name in the YAML
  since        BIGINT NOT NULL,
  PRIMARY KEY (member_id, community_id)
);
CREATE INDEX member_communities_since ON member_communities (community_id, since);
-- +goose Down
DROP TABLE member_communities;
