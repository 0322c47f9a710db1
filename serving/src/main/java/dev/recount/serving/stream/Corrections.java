package dev.recount.serving.stream;

import dev.recount.error.RecountException;
import dev.recount.serving.gateway.Standing;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Tells what a batch run counted differently from what events changed. For that it keeps the answer
 * as of the last moment by which arrivals are told apart, asked while the run before was served:
 * what the next run answers of the same moment can differ only because it was counted again. Not
 * thread-safe.
 */
final class Corrections {
  private final long grainMs;
  private Map<List<Object>, List<Object>> kept;
  private long keptMs;
  private String keptRun;

  /**
   * The groups that a run counted differently.
   *
   * @param run null if there is none
   */
  record Found(Set<List<Object>> keys, String run) {
    static final Found NOTHING = new Found(Set.of(), null);
  }

  /**
   * @param grainMs by which arrivals are told apart
   */
  Corrections(long grainMs) {
    this.grainMs = grainMs;
  }

  /** Keeps the answer as of the last moment that is served wholly, if that is a new one. */
  void keep(Standing now, Function<Instant, Answered> ask) {
    long untilMs = now == null ? 0 : Math.floorDiv(now.untilMs(), grainMs) * grainMs;
    if (untilMs == 0 || untilMs == keptMs && Objects.equals(keptRun, now.run())) {
      return;
    }
    kept = null;
    Answered asked = ask(ask, untilMs);
    if (asked != null) {
      kept = rows(asked);
      keptMs = untilMs;
      keptRun = asked.run();
    }
  }

  /** The groups that the run that is served now counts differently than the one before. */
  Found by(Function<Instant, Answered> ask) {
    Answered again = kept == null ? null : ask(ask, keptMs);
    if (again == null) {
      return Found.NOTHING;
    }
    Map<List<Object>, List<Object>> rows = rows(again);
    Set<List<Object>> keys = new HashSet<>(kept.keySet());
    keys.addAll(rows.keySet());
    keys.removeIf(key -> Objects.equals(kept.get(key), rows.get(key)));
    return new Found(keys, again.run());
  }

  /** Null if that moment cannot be asked for, as when a cut has passed it. */
  private static Answered ask(Function<Instant, Answered> ask, long moment) {
    try {
      return ask.apply(Instant.ofEpochMilli(moment));
    } catch (RecountException e) {
      return null;
    }
  }

  private static Map<List<Object>, List<Object>> rows(Answered asked) {
    Map<List<Object>, List<Object>> rows = new HashMap<>();
    asked.answer().rows().forEach(row -> rows.put(asked.key(row), row));
    return rows;
  }
}
