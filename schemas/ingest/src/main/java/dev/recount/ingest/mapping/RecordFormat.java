package dev.recount.ingest.mapping;

/** How records that are text are written. */
public enum RecordFormat {
  /** A JSON object a line. A row of a file of rows is one too. */
  NDJSON,
  /** The combined log of Apache and nginx, a request a line. */
  COMBINED,
  /** Comma-separated values, as RFC 4180 has them; the first record names the columns. */
  CSV,
  /** A log whose columns have names, as {@link W3cRecords} reads it. */
  W3C
}
