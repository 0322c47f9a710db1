package dev.recount.core.view;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What an index of a column is good for. */
public enum IndexKind {
  /** Finds the rows of a value; strings have one without being asked. */
  INVERTED,
  /** Finds the rows between two values. */
  RANGE,
  /** Finds rows by words: Lucene, for {@code TEXT_MATCH}. */
  TEXT,
  /** Skips whole segments that do not hold a value. */
  BLOOM;

  /** The word in a view's header. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<IndexKind> of(String label) {
    return Stream.of(values()).filter(k -> k.label().equals(label)).findFirst();
  }
}
