-- A publication consists of parts: what one run counted, and a later one still serves beside what it counted itself.
ALTER TABLE batch_publication ADD COLUMN mode VARCHAR(20) DEFAULT 'full' NOT NULL;
-- JSON: the parts, oldest first; [] of publications from before this was noted.
ALTER TABLE batch_publication ADD COLUMN parts_json TEXT DEFAULT '[]' NOT NULL;
-- A hash of what the rows depend on beside the events: rows with the same one can be added up. NULL if not known.
ALTER TABLE batch_publication ADD COLUMN layout VARCHAR(64);

-- The next run of a table must be full: events that it counted are no more what they were.
CREATE TABLE full_run_due (
  table_name VARCHAR(120) PRIMARY KEY,
  reason     TEXT         NOT NULL,
  -- Another one each time it is asked for, so that a run that began before that does not meet it.
  token      VARCHAR(40)  NOT NULL
);
