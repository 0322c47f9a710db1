-- What audits of views found.

CREATE TABLE audit_result (
  audit_id    VARCHAR(40)  PRIMARY KEY,
  view_name   VARCHAR(100) NOT NULL,
  version     INT          NOT NULL,
  table_name  VARCHAR(120) NOT NULL,
  -- FULL: all that is served; ABSORBED: what speed had served and a batch has absorbed since the last such audit.
  kind        VARCHAR(20)  NOT NULL,
  status      VARCHAR(20)  NOT NULL,
  started_ms  BIGINT       NOT NULL,
  finished_ms BIGINT       NOT NULL,
  -- Arrivals from (inclusive) and until (exclusive) these were compared; NULL if it did not come so far.
  from_ms     BIGINT,
  until_ms    BIGINT,
  group_count BIGINT,
  differing   BIGINT,
  -- By the view's first count; NULL if it has none.
  served      BIGINT,
  recounted   BIGINT,
  -- Groups in which speed counted copies that batch left out; NULL if the view counts every event.
  drift       BIGINT,
  -- JSON: what could not be compared, and why that is.
  left_out    TEXT         NOT NULL,
  error_code  VARCHAR(40),
  -- The reason of a failure, or the first differences.
  cause       TEXT,
  noted       TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE INDEX audit_result_by_view ON audit_result (view_name, noted);

-- How far the deltas of a view version have been audited, and dropped from Pinot.
CREATE TABLE delta_progress (
  table_name       VARCHAR(120) PRIMARY KEY,
  -- Deltas of arrivals before this have been compared with a recount, or could not be.
  audited_until_ms BIGINT NOT NULL,
  -- Deltas of arrivals before this may be gone: written before the first of them goes.
  dropped_until_ms BIGINT NOT NULL
);
