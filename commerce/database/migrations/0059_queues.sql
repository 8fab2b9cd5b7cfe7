-- +goose Up
-- Queues are read in the order of an index, and who decided is found by one.
DROP INDEX measures_appeal;
CREATE INDEX measures_appeal ON measures (appealed_at, id) WHERE appeal = 'open';
CREATE INDEX measures_made ON measures (made_by);
CREATE INDEX measures_answered ON measures (answered_by);
DROP INDEX reviews_waitingall;
CREATE INDEX reviews_waitingall ON reviews (written_at, id) WHERE answered_at = 0 AND hidden = 0;

-- +goose Down
DROP INDEX reviews_waitingall;
CREATE INDEX reviews_waitingall ON reviews (written_at) WHERE answered_at = 0 AND hidden = 0;
DROP INDEX measures_answered;
DROP INDEX measures_made;
DROP INDEX measures_appeal;
CREATE INDEX measures_appeal ON measures (appealed_at) WHERE appeal = 'open';
