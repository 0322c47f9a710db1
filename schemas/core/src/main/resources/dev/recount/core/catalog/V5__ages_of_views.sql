-- How old a view is is asked of the database's clock too: created_ms is by the clock of the host that applied it. Of
-- views from before this was noted, that is all that is known.

ALTER TABLE view_version ADD COLUMN noted TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL;

UPDATE view_version
SET noted = TIMESTAMP WITH TIME ZONE '1970-01-01 00:00:00+00:00' + created_ms * INTERVAL '0.001' SECOND;
