package dev.recount.error;

/** The stable names of everything that can go wrong. A code is never renamed or reused. */
public enum ErrorCode {
  // Configuration and commands
  CONFIG_INVALID(ErrorKind.USER),
  USAGE(ErrorKind.USER),
  FILE_NOT_READABLE(ErrorKind.USER),
  FILE_UNUSABLE(ErrorKind.USER),
  SCHEMAS_NOT_FOUND(ErrorKind.USER),

  // Events
  EVENT_UNKNOWN(ErrorKind.USER),
  EVENT_SCHEMA_INVALID(ErrorKind.USER),
  EVENT_SCHEMA_INCOMPATIBLE(ErrorKind.USER),
  MAPPING_INVALID(ErrorKind.USER),
  EVENT_MALFORMED(ErrorKind.USER),
  EVENT_FIELD_MISSING(ErrorKind.USER),
  EVENT_FIELD_UNKNOWN(ErrorKind.USER),
  EVENT_FIELD_TYPE(ErrorKind.USER),
  EVENT_TOO_LARGE(ErrorKind.USER),
  EVENT_UNDECODABLE(ErrorKind.USER),

  // Views
  VIEW_SYNTAX(ErrorKind.USER),
  VIEW_INVALID(ErrorKind.USER),
  VIEW_NOT_MERGEABLE(ErrorKind.USER),
  VIEW_UNKNOWN(ErrorKind.USER),
  CASE_INVALID(ErrorKind.USER),
  VERSION_NOT_PROMOTABLE(ErrorKind.USER),
  IN_USE(ErrorKind.USER),

  // Queries
  QUERY_SYNTAX(ErrorKind.USER),
  QUERY_NOT_SELECT(ErrorKind.USER),
  QUERY_UNSUPPORTED(ErrorKind.USER),
  QUERY_COLUMN_UNKNOWN(ErrorKind.USER),
  MODE_UNKNOWN(ErrorKind.USER),
  REQUEST_INVALID(ErrorKind.USER),
  NOT_FOUND(ErrorKind.USER),
  ANSWER_INCOMPLETE(ErrorKind.EXTERNAL),
  QUERY_FAILED(ErrorKind.EXTERNAL),
  QUERY_TIMEOUT(ErrorKind.RESOURCES),
  TOO_MANY_GROUPS(ErrorKind.RESOURCES),
  MEASURE_OVERFLOW(ErrorKind.USER),

  // The stack
  STACK_DOWN(ErrorKind.EXTERNAL),
  STACK_START_FAILED(ErrorKind.EXTERNAL),
  PORT_TAKEN(ErrorKind.USER),
  CATALOG_UNAVAILABLE(ErrorKind.EXTERNAL),
  KAFKA_UNAVAILABLE(ErrorKind.EXTERNAL),
  PINOT_UNAVAILABLE(ErrorKind.EXTERNAL),

  // The layers
  ARCHIVE_CORRUPT(ErrorKind.INTERNAL),
  ARCHIVE_UNAVAILABLE(ErrorKind.EXTERNAL),
  LOG_TRUNCATED(ErrorKind.EXTERNAL),
  FULL_RUN_PENDING(ErrorKind.USER),
  BATCH_FAILED(ErrorKind.EXTERNAL),
  BATCH_ALREADY_RUNNING(ErrorKind.USER),
  BATCH_CANCELLED(ErrorKind.EXTERNAL),
  ASSERTION_FAILED(ErrorKind.USER),
  AUDIT_OVERTAKEN(ErrorKind.EXTERNAL),
  ROLLBACK_REFUSED(ErrorKind.USER),
  SPEED_CHECKPOINT_LOST(ErrorKind.EXTERNAL),
  VIEW_FAILED(ErrorKind.EXTERNAL),
  MEMORY_EXHAUSTED(ErrorKind.RESOURCES),
  DISK_FULL(ErrorKind.RESOURCES),
  DEADLINE_EXCEEDED(ErrorKind.RESOURCES),
  COMMAND_FAILED(ErrorKind.EXTERNAL),
  INTERNAL(ErrorKind.INTERNAL);

  private final ErrorKind kind;

  ErrorCode(ErrorKind kind) {
    this.kind = kind;
  }

  public ErrorKind kind() {
    return kind;
  }
}
