package dev.recount.ingest.init;

import java.util.List;
import java.util.Optional;

/**
 * A field of a drafted event.
 *
 * @param name in the event
 * @param paths where its value comes from; several are joined by a blank
 * @param type as a schema has it, in JSON, without null
 * @param isNullable whether a record had no value there
 * @param mark what Recount makes of it: {@code event-time}, {@code event-id}; empty for nothing
 * @param time how a time is written, if not in ISO-8601
 * @param zone of times that name none
 * @param isAsIs whether all values in the files are of its type already
 * @param doc says what it is and why that was guessed
 * @param role what a first view does with it
 */
record Field(
    String name,
    List<List<String>> paths,
    String type,
    boolean isNullable,
    Optional<String> mark,
    Optional<String> time,
    Optional<String> zone,
    boolean isAsIs,
    String doc,
    Role role) {
  /** What a first view does with a field. */
  enum Role {
    /** Nothing. */
    NONE,
    /** Groups by it. */
    DIMENSION,
    /** Adds it up. */
    SUM,
    /** Counts its different values. */
    DISTINCT
  }

  Field with(Role newRole) {
    return new Field(name, paths, type, isNullable, mark, time, zone, isAsIs, doc, newRole);
  }

  /**
   * Whether an ingest without a mapping would find it.
   *
   * @param isText whether all values are texts, of which ingest makes what a field needs
   */
  boolean isPlain(boolean isText) {
    return time.isEmpty()
        && zone.isEmpty()
        && paths.equals(List.of(List.of(name)))
        && (isText || isAsIs);
  }
}
