package dev.recount.serving.answer;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.expression.Values;
import dev.recount.serving.sql.QueryErrors;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Makes the rows of an answer from groups: formulas, HAVING, ORDER BY, OFFSET and LIMIT. */
public final class Rows {
  private Rows() {}

  /** No more than {@code limit} rows. */
  public static List<List<Object>> of(BoundQuery query, List<Group> groups, long limit) {
    List<Group> kept = new ArrayList<>();
    for (Group group : groups) {
      if (query.having() == null || holds(query.having(), group)) {
        kept.add(group);
      }
    }
    sort(query.order(), kept);
    return kept.stream().skip(query.offset()).limit(limit).map(g -> row(query, g)).toList();
  }

  private static boolean holds(Expression having, Group group) {
    Object value = having.value(group.keys(), group.merged());
    if (value != null && !(value instanceof Boolean)) {
      throw QueryErrors.unsupported("HAVING must be a condition, found the value '%s'", value);
    }
    return Boolean.TRUE.equals(value);
  }

  private static List<Object> row(BoundQuery query, Group group) {
    Object[] row = new Object[query.outputs().size()];
    for (int i = 0; i < row.length; i++) {
      Expression expression = query.outputs().get(i).expression();
      Object value = expression.value(group.keys(), group.merged());
      boolean widen = expression.type() == ColumnType.DOUBLE && value instanceof Number;
      row[i] = widen ? (Object) ((Number) value).doubleValue() : value;
    }
    return Arrays.asList(row);
  }

  private record Sortable(Group group, Object[] keys) {}

  private static void sort(List<BoundQuery.Order> order, List<Group> groups) {
    if (order.isEmpty()) {
      return;
    }
    List<Sortable> sortable = new ArrayList<>(groups.size());
    for (Group group : groups) {
      Object[] keys =
          order.stream().map(o -> o.expression().value(group.keys(), group.merged())).toArray();
      sortable.add(new Sortable(group, keys));
    }
    Comparator<Sortable> comparator = null;
    for (int i = 0; i < order.size(); i++) {
      Comparator<Sortable> next = byKey(i, order.get(i));
      comparator = comparator == null ? next : comparator.thenComparing(next);
    }
    sortable.sort(comparator);
    groups.clear();
    sortable.forEach(s -> groups.add(s.group()));
  }

  /** As Pinot does, which may have left out the groups of later keys: strings in Java's order. */
  private static int compareKeys(Object left, Object right) {
    return left instanceof String a && right instanceof String b
        ? a.compareTo(b)
        : Values.compare(left, right);
  }

  /** A year beyond 9999 has a sign, and one before 0 a minus: no order of texts. */
  private static int compareDays(Object left, Object right) {
    return LocalDate.parse((String) left).compareTo(LocalDate.parse((String) right));
  }

  private static Comparator<Sortable> byKey(int index, BoundQuery.Order order) {
    Comparator<Object> values =
        order.expression().type() == ColumnType.DATE
            ? Rows::compareDays
            : order.expression() instanceof Expression.Key ? Rows::compareKeys : Values::compare;
    if (order.isDescending()) {
      values = values.reversed();
    }
    Comparator<Object> withNull =
        order.isNullFirst() ? Comparator.nullsFirst(values) : Comparator.nullsLast(values);
    return (a, b) -> withNull.compare(a.keys()[index], b.keys()[index]);
  }
}
