package dev.recount.serving.stream;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The groups of an answer as they are now, and when each changed last. What a subscriber has not
 * seen follows from that: its new values, never what it missed in between. Not thread-safe.
 *
 * <p>A group is known by the first columns of its row, which are what the question groups by.
 */
final class Levels {
  /**
   * The present row of a group.
   *
   * @param changed the number of the last change
   * @param run the batch run whose swap changed it; null if events did
   */
  private record Level(List<Object> row, long changed, String run) {}

  /** That a group is in the answer no more. */
  private record Gone(long changed, String run) {}

  /**
   * What changed for one reason.
   *
   * @param run the batch run that counted these groups differently; null if events changed them
   * @param rows with their new values
   * @param removed the keys of groups that are in the answer no more
   */
  record Change(String run, List<List<Object>> rows, List<List<Object>> removed) {}

  private final int keys;
  private final int mostGone;
  private final Map<List<Object>, Gone> gone = new HashMap<>();
  private Map<List<Object>, Level> levels = new LinkedHashMap<>();
  private long number;
  private long forgottenUntil;

  /**
   * No groups yet.
   *
   * @param keys how many columns a group is known by
   * @param mostGone of so many groups that left it is known that they did
   * @param number of the last change before these
   */
  Levels(int keys, int mostGone, long number) {
    this.keys = keys;
    this.mostGone = mostGone;
    this.number = number;
    this.forgottenUntil = number + 1;
  }

  /** The number of the last change. */
  long number() {
    return number;
  }

  /**
   * Takes a newer answer.
   *
   * @param corrected the keys of groups that a batch run counted differently
   * @param run that batch run; null for none
   * @param isChanged whether something else than the rows differs
   */
  void take(List<List<Object>> rows, Set<List<Object>> corrected, String run, boolean isChanged) {
    long next = number + 1;
    boolean differs = isChanged;
    Map<List<Object>, Level> taken = new LinkedHashMap<>();
    for (List<Object> row : rows) {
      List<Object> key = key(row);
      Level known = levels.get(key);
      boolean isSame = known != null && known.row().equals(row);
      differs |= !isSame;
      taken.put(key, isSame ? known : new Level(row, next, corrected.contains(key) ? run : null));
      gone.remove(key);
    }
    Set<List<Object>> left = new HashSet<>(levels.keySet());
    left.removeAll(taken.keySet());
    for (List<Object> key : left) {
      gone.put(key, new Gone(next, corrected.contains(key) ? run : null));
      differs = true;
    }
    levels = taken;
    if (differs) {
      number = next;
    }
    if (gone.size() > mostGone) {
      gone.clear();
      forgottenUntil = number;
    }
  }

  /** What a row's group is known by. */
  List<Object> key(List<Object> row) {
    return row.subList(0, keys);
  }

  /** Whether all that changed after a number is still known. */
  boolean knowsSince(long since) {
    return since >= forgottenUntil && since <= number;
  }

  /** All rows, in the order of the answer. */
  List<List<Object>> rows() {
    return levels.values().stream().map(Level::row).toList();
  }

  /**
   * What changed after a number, by what changed it last: first by batch runs, then by events.
   * There is always one, even if no group changed.
   */
  List<Change> since(long since) {
    Map<String, Change> changes = new HashMap<>();
    levels
        .values()
        .forEach(
            level -> {
              if (level.changed() > since) {
                change(changes, level.run()).rows().add(level.row());
              }
            });
    gone.forEach(
        (key, left) -> {
          if (left.changed() > since) {
            change(changes, left.run()).removed().add(key);
          }
        });
    if (changes.isEmpty()) {
      change(changes, null);
    }
    List<Change> ordered = new ArrayList<>(changes.values());
    ordered.sort((a, b) -> Boolean.compare(a.run() == null, b.run() == null));
    return ordered;
  }

  private static Change change(Map<String, Change> changes, String run) {
    return changes.computeIfAbsent(run, r -> new Change(r, new ArrayList<>(), new ArrayList<>()));
  }
}
