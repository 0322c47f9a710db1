package dev.recount.serving.answer;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.MeasureKind;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.bind.TimeKey;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.DimensionAggregate;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.merge.ThetaSet;
import dev.recount.serving.sql.QueryErrors;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A query by units of time: its groups are checked, and the times without a group are filled. */
final class Series {
  private final BoundQuery query;
  private final int most;

  /**
   * @param most groups
   */
  Series(BoundQuery query, int most) {
    this.query = query;
    this.most = most;
  }

  /**
   * Refuses times that are not where units begin by the clocks of their zone.
   *
   * @throws RecountException QUERY_UNSUPPORTED if the view keeps longer units than the zone needs,
   *     or Pinot knows other rules of the zone
   */
  void requireExact(List<Group> groups) {
    for (TimeKey time : query.times()) {
      if (!time.isUtc()) {
        groups.forEach(group -> requireExact(time, group.keys()[time.index()]));
      }
    }
  }

  private static void requireExact(TimeKey time, Object value) {
    if (!(value instanceof Instant moment)) {
      return;
    }
    boolean isKept =
        time.stored() == null || time.stored().start(moment, ZoneOffset.UTC).equals(moment);
    if (!isKept) {
      throw QueryErrors.unsupported(
          "the view keeps '%s' by the %s of UTC, and in %s a %s begins within one (%s); ask without"
              + " timezone, or have the view keep shorter times",
          time.column(), time.stored().label(), time.zone(), time.unit().label(), moment);
    }
    if (!time.unit().start(moment, time.zone()).equals(moment)) {
      throw QueryErrors.unsupported(
          "Pinot knows other rules of the time zone %s than Recount (it begins a %s at %s); ask"
              + " without timezone",
          time.zone(), time.unit().label(), moment);
    }
  }

  /**
   * The groups with one for every time that had none.
   *
   * @throws RecountException REQUEST_INVALID if the query is not by one time; TOO_MANY_GROUPS
   */
  List<Group> filled(List<Group> groups, Fill fill) {
    TimeKey time = time();
    Map<List<Object>, Map<Instant, Group>> series = new LinkedHashMap<>();
    List<Group> filled = new ArrayList<>();
    for (Group group : groups) {
      if (group.keys()[time.index()] instanceof Instant moment) {
        series.computeIfAbsent(others(group, time), k -> new LinkedHashMap<>()).put(moment, group);
      } else {
        filled.add(group);
      }
    }
    if (query.keys().size() == 1) {
      series.computeIfAbsent(List.of(), k -> new LinkedHashMap<>());
    }
    List<Instant> times = times(time, series);
    Object[] nothing = query.aggregates().stream().map(a -> nothing(a, fill)).toArray();
    series.forEach(
        (others, found) -> {
          times.forEach(t -> found.computeIfAbsent(t, m -> group(others, time, m, nothing)));
          filled.addAll(found.values());
          requireRoom(filled.size());
        });
    if (query.order().isEmpty()) {
      filled.sort(
          Comparator.comparing(
              g -> (Instant) g.keys()[time.index()],
              Comparator.nullsFirst(Comparator.naturalOrder())));
    }
    return filled;
  }

  private TimeKey time() {
    if (query.times().size() != 1 || query.having() != null) {
      throw RecountException.of(
          ErrorCode.REQUEST_INVALID,
          "Cannot fill gaps: %s",
          query.having() != null
              ? "HAVING leaves groups out; leave it out, or 'fill'"
              : "group by one time: by 'grain', date_trunc, or the view's own; found "
                  + query.times().size());
    }
    return query.times().get(0);
  }

  private static List<Object> others(Group group, TimeKey time) {
    List<Object> others = new ArrayList<>(Arrays.asList(group.keys()));
    others.remove(time.index());
    return others;
  }

  private static Group group(List<Object> others, TimeKey time, Instant moment, Object[] nothing) {
    List<Object> keys = new ArrayList<>(others);
    keys.add(time.index(), moment);
    return new Group(keys.toArray(), nothing.clone());
  }

  /** All times between those that WHERE names, or else between the first and the last found. */
  private List<Instant> times(TimeKey time, Map<List<Object>, Map<Instant, Group>> series) {
    List<Instant> found =
        series.values().stream().flatMap(of -> of.keySet().stream()).sorted().toList();
    Instant first = time.from() != null || found.isEmpty() ? time.from() : found.get(0);
    Instant last = found.isEmpty() ? null : found.get(found.size() - 1).plusMillis(1);
    Instant end = time.to() != null ? time.to() : last;
    List<Instant> times = new ArrayList<>();
    if (first == null || end == null) {
      return times;
    }
    try {
      // The unit in which the range begins is asked for in part: as it is when it has rows.
      Instant next = time.unit().start(first, time.zone());
      while (next.isBefore(end)) {
        times.add(next);
        requireRoom(times.size());
        next = time.unit().next(next, time.zone());
      }
      return times;
    } catch (DateTimeException | ArithmeticException e) {
      throw RecountException.of(
          ErrorCode.REQUEST_INVALID,
          e,
          "Cannot fill gaps: %s is beyond all calendars; ask for times of a nearer year",
          first);
    }
  }

  private void requireRoom(int groups) {
    if (groups > most) {
      throw RecountException.of(
          ErrorCode.TOO_MANY_GROUPS,
          "Cannot fill gaps: there would be more than %s rows (serving.max-limit); ask for less"
              + " time or for longer units",
          most);
    }
  }

  private static Object nothing(Aggregate aggregate, Fill fill) {
    boolean counts =
        aggregate instanceof ThetaSet
            || aggregate instanceof DimensionAggregate dimension
                && dimension.function() == DimensionAggregate.Function.DISTINCTCOUNT
            || aggregate instanceof MeasureAggregate measure
                && (measure.addsUp()
                    || measure.measure().kind() == MeasureKind.THETA
                    || measure.measure().kind() == MeasureKind.HLL);
    if (fill == Fill.NULL || !counts) {
      return null;
    }
    return Objects.equals(aggregate.type(), ColumnType.DOUBLE) ? (Object) 0.0 : (Object) 0L;
  }
}
