-- When something was said, by the clock of the database: the one clock that all hosts can ask how long ago that was.
ALTER TABLE heartbeat ADD COLUMN noted TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL;
ALTER TABLE speed_progress ADD COLUMN noted TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL;
