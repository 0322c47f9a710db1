package dev.recount.serving.answer;

import dev.recount.core.view.MeasureKind;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.Candidates;
import dev.recount.serving.merge.GroupKey;
import dev.recount.serving.merge.MeasureAggregate;
import dev.recount.serving.pinot.Unsettled;
import dev.recount.serving.scalar.Cells;
import dev.recount.serving.sql.Literals;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gets the groups of a query from stored rows, exact whatever their magnitude. */
public final class GroupReader {
  /** From a row of Pinot's to the merged value of one aggregate. */
  private interface Value {
    Object of(List<String> row) throws Unsettled;
  }

  /** All groups are wanted, in any order. */
  static final long ALL = Long.MAX_VALUE;

  private final StoredRows stored;
  private final BoundQuery query;
  private final int mostGroups;

  public GroupReader(StoredRows stored, BoundQuery query, int mostGroups) {
    this.stored = stored;
    this.query = query;
    this.mostGroups = mostGroups;
  }

  /**
   * The groups: in the query's order and no more than {@code wanted} if Pinot can do that, else
   * all.
   *
   * @param wanted how many the answer needs, or {@link #ALL}
   * @throws Unsettled if something is missing right now
   */
  public List<Group> read(long wanted) throws Unsettled {
    if (stored.isNothing()) {
      return nothing();
    }
    PinotQuery pinot = new PinotQuery(query, stored.table(), stored.arrival());
    if (!query.candidates().isEmpty() && Candidates.canName(query.keys())) {
      List<List<String>> candidates = stored.ask(pinot.candidates(Candidates.MOST + 1L));
      if (candidates == null || candidates.isEmpty()) {
        return List.of();
      }
      pinot = candidates.size() > Candidates.MOST ? pinot : pinot.among(candidates);
    }
    boolean byPinot = wanted != ALL && query.having() == null && pinot.isSortedByPinot();
    List<List<String>> rows = ask(pinot, false, byPinot, wanted);
    if (rows == null) {
      return nothing();
    }
    boolean exact = rows.stream().anyMatch(this::isDoubtful);
    if (exact) {
      rows = ask(pinot, true, byPinot && query.order().isEmpty(), wanted);
    }
    return groups(rows, exact, pinot);
  }

  /** One group of nothing if there is no GROUP BY, else none. */
  private List<Group> nothing() {
    if (!query.keys().isEmpty()) {
      return List.of();
    }
    Object[] merged =
        query.aggregates().stream()
            .map(a -> a.value(PinotQuery.cellsOfNothing(a)))
            .toArray(Object[]::new);
    return List.of(new Group(new Object[0], merged));
  }

  private List<List<String>> ask(PinotQuery pinot, boolean exact, boolean byPinot, long wanted)
      throws Unsettled {
    long limit = byPinot ? Math.max(1, wanted) : mostGroups + 1L;
    List<List<String>> rows =
        stored.ask(pinot.groups(exact, byPinot && !query.order().isEmpty(), limit));
    if (!byPinot && rows != null && rows.size() > mostGroups) {
      throw tooMany();
    }
    return rows;
  }

  private RecountException tooMany() {
    return RecountException.of(
        ErrorCode.TOO_MANY_GROUPS,
        "Cannot answer the query: more than %s groups (serving.max-limit) would have "
            + "to be filtered or sorted; narrow WHERE, group by fewer columns, or raise "
            + "serving.max-limit",
        mostGroups);
  }

  private boolean isDoubtful(List<String> row) {
    int cell = keyCells();
    for (Aggregate aggregate : query.aggregates()) {
      int end = cell + aggregate.columns(false).size();
      if (aggregate.isDoubtful(row.subList(cell, end))) {
        return true;
      }
      cell = end;
    }
    return false;
  }

  private List<Group> groups(List<List<String>> rows, boolean exact, PinotQuery pinot)
      throws Unsettled {
    int keys = keyCells();
    List<Group> groups = new ArrayList<>(rows.size());
    for (List<String> row : rows) {
      groups.add(new Group(keys(row), new Object[query.aggregates().size()]));
    }
    int cell = keys;
    for (int i = 0; i < query.aggregates().size(); i++) {
      Aggregate aggregate = query.aggregates().get(i);
      int end = cell + aggregate.columns(exact).size();
      Value value = value(aggregate, cell, end, rows, pinot);
      for (int row = 0; row < rows.size(); row++) {
        groups.get(row).merged()[i] = value.of(rows.get(row));
      }
      cell = end;
    }
    return groups;
  }

  private Object[] keys(List<String> row) {
    List<List<String>> cells = GroupKey.cells(query.keys(), row);
    Object[] keys = new Object[cells.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = query.keys().get(i).value(cells.get(i));
    }
    return keys;
  }

  /** How many cells of a row are keys. */
  private int keyCells() {
    return GroupKey.columns(query.keys()).size();
  }

  /**
   * @param cell where the aggregate's columns begin in a row
   * @param end where they end
   */
  private Value value(
      Aggregate aggregate, int cell, int end, List<List<String>> rows, PinotQuery pinot)
      throws Unsettled {
    if (aggregate instanceof MeasureAggregate measure) {
      if (measure.isTextExtremum()) {
        return text(measure, cell, rows, pinot);
      }
      if (measure.isWholeExtremum() && rows.stream().anyMatch(r -> isRounded(r.get(cell)))) {
        return wholeNumber(measure, cell, end, pinot);
      }
    }
    return row -> aggregate.value(row.subList(cell, end));
  }

  /** The whole number itself, if a DOUBLE does not hold it. */
  private Value wholeNumber(MeasureAggregate aggregate, int cell, int end, PinotQuery pinot)
      throws Unsettled {
    int keys = keyCells();
    Map<List<String>, BigInteger> exact = wholeNumbers(aggregate, pinot);
    return row -> {
      if (!isRounded(row.get(cell))) {
        return aggregate.value(row.subList(cell, end));
      }
      BigInteger value = exact.get(row.subList(0, keys));
      return value == null ? null : aggregate.ofType(Literals.whole(value));
    };
  }

  private static boolean isRounded(String cell) {
    return !Cells.isInfinite(cell) && Cells.isBeyondDouble(cell);
  }

  private Map<List<String>, BigInteger> wholeNumbers(MeasureAggregate aggregate, PinotQuery pinot)
      throws Unsettled {
    List<List<String>> rows = all(pinot.wholeNumbers(aggregate, mostGroups + 1L));
    boolean least = aggregate.measure().kind() == MeasureKind.MIN;
    int keys = keyCells();
    Map<List<String>, BigInteger> found = new HashMap<>();
    for (List<String> row : rows) {
      found.merge(
          row.subList(0, keys),
          Cells.whole(row.get(keys)),
          least ? BigInteger::min : BigInteger::max);
    }
    return found;
  }

  private Value text(
      MeasureAggregate aggregate, int cell, List<List<String>> rows, PinotQuery pinot)
      throws Unsettled {
    int keys = keyCells();
    PinotQuery around = pinot.around(rows.stream().map(r -> r.subList(0, keys)).toList());
    TextExtremes texts =
        new TextExtremes(aggregate, all(around.texts(aggregate, mostGroups + 1L)), keys);
    return row -> texts.of(row.subList(0, keys), row.get(cell));
  }

  /** The rows of an answer that is not cut. */
  private List<List<String>> all(String sql) throws Unsettled {
    List<List<String>> rows = stored.ask(sql);
    if (rows == null) {
      return List.of();
    }
    if (rows.size() > mostGroups) {
      throw tooMany();
    }
    return rows;
  }
}
