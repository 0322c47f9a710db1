package dev.recount.serving.answer;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.bind.StoredUnit;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.pinot.Sources;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.scalar.Stored;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * How many of the events that an answer counts arrived late: at or after the cut, although their
 * group of the view's time had ended before it. One small question to the speed layer's table,
 * while the query runs; none if WHERE lets no such group pass.
 */
final class LateEvents {
  private static final LateEvents UNKNOWN = new LateEvents(null, false);
  private static final LateEvents NONE = new LateEvents(null, true);

  private final Future<Long> count;
  private final boolean isNone;

  private LateEvents(Future<Long> count, boolean isNone) {
    this.count = count;
    this.isNone = isNone;
  }

  /** Begins to count them, where that can and must be. */
  static LateEvents begin(ServedRows rows, ExecutorService threads) {
    ViewPlan plan = rows.query().plan();
    Sources sources = rows.sources();
    boolean hasCut = rows.mode() == Mode.MERGED || rows.mode() == Mode.SPEED;
    if (!hasCut || sources.publication() == null) {
      return UNKNOWN;
    }
    Optional<Measure> measure = plan.rowCount().flatMap(plan::measure);
    Optional<Instant> open =
        StoredUnit.firstOpen(plan, Instant.ofEpochMilli(sources.publication().cutMs()));
    if (measure.isEmpty() || open.isEmpty()) {
      return UNKNOWN;
    }
    Instant from = rows.query().timeFrom();
    boolean isPast = from != null && !from.isBefore(open.get());
    boolean isNothing =
        sources.beforeMs() != null && sources.beforeMs() <= sources.earliestMs(Mode.SPEED);
    return isPast || isNothing
        ? NONE
        : new LateEvents(threads.submit(() -> count(rows, measure.get(), open.get())), false);
  }

  private static long count(ServedRows rows, Measure measure, Instant open) throws Unsettled {
    ServedRows deltas =
        new ServedRows(
            rows.broker(),
            rows.query(),
            Mode.SPEED,
            rows.sources(),
            rows.deadline(),
            rows.cancellation());
    MeasureAggregate events = new MeasureAggregate(measure);
    List<List<String>> found =
        deltas.ask(
            new PinotQuery(rows.query(), deltas.table(), deltas.arrival(), ended(rows, open))
                .total(events, measure.kind() != MeasureKind.COUNT));
    Object total = found == null || found.isEmpty() ? null : events.value(found.get(0));
    return total == null ? 0 : ((Number) total).longValue();
  }

  /** Which groups had ended. */
  private static String ended(ServedRows rows, Instant open) {
    Dimension time =
        rows.query().plan().time().flatMap(rows.query().plan()::dimension).orElseThrow();
    List<String> conditions = new ArrayList<>();
    conditions.add(Stored.column(time) + " < " + open.toEpochMilli());
    if (time.nullable()) {
      conditions.add(Stored.isNotNull(time));
    }
    return String.join(" AND ", conditions);
  }

  /** How many, after the query was answered; null if that cannot be said. */
  Long counted() throws Unsettled {
    return count != null ? (Long) Counts.await(count) : isNone ? (Long) 0L : null;
  }

  void giveUp() {
    Counts.giveUp(count);
  }
}
