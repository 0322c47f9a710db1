-- MAKING from before the first of a version's tables and topics is made, LIVE once it is computed and can be asked, and
-- DROPPING until all of them are gone again.
ALTER TABLE view_version ADD COLUMN state VARCHAR(20) DEFAULT 'LIVE' NOT NULL;
-- When batch had first passed the start of its speed: from then on readers may be led to it.
ALTER TABLE view_version ADD COLUMN promotable TIMESTAMP WITH TIME ZONE;
-- Speed has counted nothing that arrived at or after this and before speed_since_ms, because it lost its checkpoint; NULL
-- where it began for another reason.
ALTER TABLE view_version ADD COLUMN speed_gap_ms BIGINT;

-- The newest version that a view ever had. No number, and so no name of a table or topic, is used a second time, not
-- even when the view was dropped: what processes remember of a table is of that table.
CREATE TABLE view_number (
  view_name VARCHAR(100) PRIMARY KEY,
  version   INT NOT NULL
);

INSERT INTO view_number SELECT view_name, MAX(version) FROM view_version GROUP BY view_name;
