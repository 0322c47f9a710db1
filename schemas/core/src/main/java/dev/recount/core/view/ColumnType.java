package dev.recount.core.view;

/** The types of view columns; TIMESTAMP is milliseconds since the epoch, UTC. */
public enum ColumnType {
  BOOLEAN,
  INT,
  LONG,
  DOUBLE,
  STRING,
  TIMESTAMP,
  DATE,
  BYTES
}
