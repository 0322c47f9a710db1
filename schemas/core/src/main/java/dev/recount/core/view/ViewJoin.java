package dev.recount.core.view;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The join of a view: each event with the state of every key that matches it, as of the event's
 * arrival. The state of a key is its latest record that arrived before the event did.
 *
 * @param state the event whose records are states
 * @param key its fields that say what a record is the state of
 * @param on which of them must equal what of the event; at least one
 * @param keepsUnmatched whether an event without a match is kept, with NULLs (LEFT JOIN)
 */
public record ViewJoin(String state, List<String> key, List<Match> on, boolean keepsUnmatched) {
  /**
   * An equality of the join.
   *
   * @param field of the state's key
   * @param value what it must equal, in SQL over the event's fields
   */
  public record Match(String field, String value) {}

  public ViewJoin {
    key = List.copyOf(key);
    on = List.copyOf(on);
  }

  /** In words, such as {@code follow, state by (follower, followee) as of arrival}. */
  public String describe() {
    return state
        + ", state by ("
        + String.join(", ", key)
        + ") as of arrival, on "
        + on.stream().map(m -> m.field() + " = " + m.value()).collect(Collectors.joining(", "))
        + (keepsUnmatched ? ", events without state kept" : "");
  }
}
