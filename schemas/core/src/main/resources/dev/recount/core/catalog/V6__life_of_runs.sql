-- What one process holds at a time, whatever its host. One that is silent for too long holds it no more.
CREATE TABLE lease (
  lease_name VARCHAR(250) PRIMARY KEY,
  holder     VARCHAR(250) NOT NULL,
  noted      TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL
);

-- A view is due. No run has taken it yet as long as run_id is NULL; pending_view is the view's name so long, and NULL
-- then, so that one request of a view can be pending beside one that is running.
CREATE TABLE run_request (
  request_id   VARCHAR(40)  PRIMARY KEY,
  view_name    VARCHAR(100) NOT NULL,
  pending_view VARCHAR(100) UNIQUE,
  mode         VARCHAR(20)  NOT NULL,
  origin       VARCHAR(20)  NOT NULL,
  -- How many runs have failed it.
  attempt      INT          NOT NULL,
  -- By the clock of the database, as all that is compared with it.
  not_before   TIMESTAMP WITH TIME ZONE NOT NULL,
  run_id       VARCHAR(40)
);

CREATE INDEX run_request_by_run ON run_request (run_id);

-- What a run says of itself again and again, and what it is asked.
ALTER TABLE batch_run ADD COLUMN origin VARCHAR(20) DEFAULT 'hand' NOT NULL;
ALTER TABLE batch_run ADD COLUMN attempt INT DEFAULT 0 NOT NULL;
ALTER TABLE batch_run ADD COLUMN host VARCHAR(250);
-- JSON: for each view its mode, and what became of it.
ALTER TABLE batch_run ADD COLUMN views_json TEXT;
ALTER TABLE batch_run ADD COLUMN step VARCHAR(40);
ALTER TABLE batch_run ADD COLUMN step_done BIGINT;
-- NULL if it is not known.
ALTER TABLE batch_run ADD COLUMN step_total BIGINT;
ALTER TABLE batch_run ADD COLUMN step_unit VARCHAR(20);
-- JSON: the seconds of each step, in order.
ALTER TABLE batch_run ADD COLUMN seconds_json TEXT;
ALTER TABLE batch_run ADD COLUMN rows_written BIGINT;
ALTER TABLE batch_run ADD COLUMN cpu_seconds DOUBLE PRECISION;
ALTER TABLE batch_run ADD COLUMN bytes_read BIGINT;
ALTER TABLE batch_run ADD COLUMN bytes_written BIGINT;
ALTER TABLE batch_run ADD COLUMN peak_memory_bytes BIGINT;
ALTER TABLE batch_run ADD COLUMN error_code VARCHAR(40);
CREATE INDEX batch_run_by_status ON batch_run (status);
CREATE INDEX batch_run_by_start ON batch_run (started_ms);
-- Why it should end early; NULL as long as nobody asked for that.
ALTER TABLE batch_run ADD COLUMN cancel_reason TEXT;
ALTER TABLE batch_run ADD COLUMN noted TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL;

-- The views of each run, to find the runs of a view; names of runs sort by time.
CREATE TABLE batch_run_view (
  view_name VARCHAR(100) NOT NULL,
  run_id    VARCHAR(40)  NOT NULL REFERENCES batch_run (run_id) ON DELETE CASCADE,
  PRIMARY KEY (view_name, run_id)
);

CREATE INDEX batch_run_view_by_run ON batch_run_view (run_id);
