-- All times are milliseconds since the epoch, UTC. The same text runs on H2 and PostgreSQL.

CREATE TABLE setting (
  setting_name  VARCHAR(100)  PRIMARY KEY,
  setting_value VARCHAR(1000) NOT NULL
);

CREATE TABLE event_type (
  event       VARCHAR(100) PRIMARY KEY,
  fingerprint BIGINT       NOT NULL,
  applied_ms  BIGINT       NOT NULL
);

CREATE TABLE writer_schema (
  fingerprint   BIGINT PRIMARY KEY,
  event         VARCHAR(100) NOT NULL,
  schema_json   TEXT         NOT NULL,
  registered_ms BIGINT       NOT NULL
);

CREATE TABLE view_version (
  view_name         VARCHAR(100) NOT NULL,
  version           INT          NOT NULL,
  event             VARCHAR(100) NOT NULL,
  plan_json         TEXT         NOT NULL,
  created_ms        BIGINT       NOT NULL,
  -- The first micro-batch that computes it; NULL until one has begun.
  speed_first_chunk BIGINT,
  -- Speed holds every record with arrival at or after this; 0: since the log began; NULL: not yet known.
  speed_since_ms    BIGINT,
  PRIMARY KEY (view_name, version)
);

CREATE TABLE view_pointer (
  view_name VARCHAR(100) PRIMARY KEY,
  version   INT NOT NULL
);

CREATE TABLE batch_run (
  run_id       VARCHAR(40)  PRIMARY KEY,
  mode         VARCHAR(20)  NOT NULL,
  status       VARCHAR(20)  NOT NULL,
  process_id   BIGINT       NOT NULL,
  started_ms   BIGINT       NOT NULL,
  finished_ms  BIGINT,
  cut_ms       BIGINT,
  events_read  BIGINT,
  positions    TEXT,
  error        TEXT
);

CREATE TABLE batch_publication (
  run_id        VARCHAR(40)  NOT NULL REFERENCES batch_run (run_id),
  table_name    VARCHAR(120) NOT NULL,
  view_name     VARCHAR(100) NOT NULL,
  version       INT          NOT NULL,
  status        VARCHAR(20)  NOT NULL,
  cut_ms        BIGINT       NOT NULL,
  row_count     BIGINT       NOT NULL,
  segments_json TEXT         NOT NULL,
  segment_count INT          NOT NULL,
  lineage_id    VARCHAR(100),
  published_ms  BIGINT,
  PRIMARY KEY (run_id, table_name)
);

CREATE INDEX batch_publication_by_table ON batch_publication (table_name, status);

-- One row an event: the newest request that the archive finish its open files.
CREATE TABLE archive_roll (
  event        VARCHAR(100) PRIMARY KEY,
  requested_ms BIGINT NOT NULL
);

-- What each long-running process last said of itself.
CREATE TABLE heartbeat (
  service     VARCHAR(100) PRIMARY KEY,
  process_id  BIGINT       NOT NULL,
  started_ms  BIGINT       NOT NULL,
  beat_ms     BIGINT       NOT NULL,
  detail_json TEXT         NOT NULL
);

-- Every record of the event with arrival before complete_until_ms has become deltas.
CREATE TABLE speed_progress (
  event             VARCHAR(100) PRIMARY KEY,
  generation        VARCHAR(40)  NOT NULL,
  chunk             BIGINT       NOT NULL,
  complete_until_ms BIGINT       NOT NULL,
  reported_ms       BIGINT       NOT NULL
);
