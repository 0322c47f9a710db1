package dev.recount.serving.dialect;

import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Group;
import dev.recount.serving.answer.Rows;
import dev.recount.serving.bind.BoundQuery;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.expression.Formulas;
import dev.recount.serving.sql.AggregateCalls;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.SqlSelectKeyword;

/**
 * A SELECT over the rows that another gave, computed here: it counts, sums and groups the rows of
 * an answer, such as {@code SELECT COUNT(*) FROM (SELECT ... GROUP BY ...)}.
 */
public final class Rollup {
  private static final Set<String> FUNCTIONS = Set.of("count", "sum", "min", "max", "avg");

  private final Select select;
  private final PinotNames names;

  Rollup(Select select, PinotNames names) {
    this.select = select;
    this.names = names;
  }

  /**
   * What it gives of these rows.
   *
   * @throws dev.recount.error.RecountException QUERY_UNSUPPORTED, QUERY_COLUMN_UNKNOWN
   */
  public Values of(Values values) {
    return new Run(values).result();
  }

  private final class Run {
    private final Values values;
    private final boolean isGrouped = select.distinct() || select.isAggregated();
    private final List<SqlNode> items = new ArrayList<>();
    private final List<String> itemNames = new ArrayList<>();
    private final List<SqlNode> keyNodes;
    private final List<Expression> keys;
    private final List<RowAggregate> aggregates = new ArrayList<>();

    Run(Values values) {
      this.values = values;
      for (SqlNode item : select.items()) {
        if (Select.isStar(item)) {
          values.columns().forEach(c -> add(column(c.name(), item), c.name()));
        } else {
          add(Select.expression(item), names.of(item));
        }
      }
      if (select.distinct() && select.isAggregated()) {
        throw QueryErrors.unsupported("DISTINCT beside GROUP BY or aggregates; leave DISTINCT out");
      }
      keyNodes = select.distinct() ? items : select.groupBy().stream().map(this::meant).toList();
      keys = keyNodes.stream().map(this::ofRow).toList();
    }

    private void add(SqlNode item, String name) {
      items.add(item);
      itemNames.add(name);
    }

    private static SqlIdentifier column(String name, SqlNode where) {
      return new SqlIdentifier(name, where.getParserPosition());
    }

    Values result() {
      Expression where = select.where() == null ? null : ofRow(select.where());
      List<Object[]> rows =
          values.rows().stream()
              .map(List::toArray)
              .filter(r -> where == null || Boolean.TRUE.equals(where.value(r, r)))
              .toList();
      List<BoundQuery.Output> outputs = new ArrayList<>();
      for (int i = 0; i < items.size(); i++) {
        outputs.add(new BoundQuery.Output(itemNames.get(i), bound(items.get(i))));
      }
      Expression having = select.having() == null ? null : bound(meant(select.having()));
      List<BoundQuery.Order> order = select.orderBy().stream().map(this::order).toList();
      List<Group> groups =
          isGrouped ? groups(rows) : rows.stream().map(r -> new Group(r, r)).toList();
      long limit = select.limit() == null ? Long.MAX_VALUE : select.limit();
      return new Values(
          outputs.stream().map(o -> new Answer.Column(o.name(), o.expression().type())).toList(),
          Rows.of(query(outputs, having, order), groups, limit));
    }

    private BoundQuery query(
        List<BoundQuery.Output> outputs, Expression having, List<BoundQuery.Order> order) {
      return new BoundQuery(
          null,
          "",
          false,
          null,
          "",
          false,
          List.of(),
          List.of(),
          List.of(),
          outputs,
          having,
          order,
          select.limit(),
          select.offset(),
          List.of());
    }

    private List<Group> groups(List<Object[]> rows) {
      Map<List<Object>, List<Object[]>> groups = new LinkedHashMap<>();
      if (keys.isEmpty()) {
        groups.put(List.of(), rows);
      }
      for (Object[] row : keys.isEmpty() ? List.<Object[]>of() : rows) {
        List<Object> key = Arrays.asList(keys.stream().map(k -> k.value(row, row)).toArray());
        groups.computeIfAbsent(key, k -> new ArrayList<>()).add(row);
      }
      return groups.entrySet().stream()
          .map(
              e ->
                  new Group(
                      e.getKey().toArray(),
                      aggregates.stream().map(a -> a.value(e.getValue())).toArray()))
          .toList();
    }

    /** A position in the SELECT list, or an alias, as what it stands for. */
    private SqlNode meant(SqlNode node) {
      if (node instanceof SqlNumericLiteral place && place.isInteger()) {
        int index = SqlNodes.place(place);
        if (index < 1 || index > items.size()) {
          throw QueryErrors.unsupported(
              place, "there is no such position in the SELECT list of " + items.size());
        }
        return items.get(index - 1);
      }
      if (node instanceof SqlIdentifier identifier && identifier.isSimple()) {
        int index = itemNames.indexOf(identifier.getSimple());
        return index < 0 ? node : items.get(index);
      }
      return node;
    }

    private BoundQuery.Order order(SqlNode node) {
      boolean isNulls =
          node.getKind() == SqlKind.NULLS_FIRST || node.getKind() == SqlKind.NULLS_LAST;
      if (isNulls || node.getKind() == SqlKind.DESCENDING) {
        BoundQuery.Order inner = order(((SqlCall) node).operand(0));
        return isNulls
            ? new BoundQuery.Order(
                inner.expression(), inner.isDescending(), node.getKind() == SqlKind.NULLS_FIRST)
            : new BoundQuery.Order(inner.expression(), true, false);
      }
      return new BoundQuery.Order(bound(meant(node)), false, true);
    }

    /** An expression over one row. */
    private Expression ofRow(SqlNode node) {
      if (Literals.isLiteral(node)) {
        return new Expression.Constant(Literals.of(node));
      }
      if (node instanceof SqlIdentifier identifier) {
        return column(identifier);
      }
      if (node instanceof SqlCall call && !Merges.isAggregate(call)) {
        return Formulas.call(call, this::ofRow);
      }
      throw QueryErrors.unsupported(node, "expressions of this kind are not supported here");
    }

    private Expression column(SqlIdentifier identifier) {
      String name = SqlNodes.column(identifier);
      List<String> known = values.columns().stream().map(Answer.Column::name).toList();
      int index = known.indexOf(name);
      if (index < 0) {
        throw QueryErrors.unknownColumn(name, "(subquery)", known);
      }
      return new Expression.Key(index, values.columns().get(index).type());
    }

    /** An expression over a group, or over a row if there are no groups. */
    private Expression bound(SqlNode node) {
      if (!isGrouped) {
        return ofRow(node);
      }
      for (int i = 0; i < keyNodes.size(); i++) {
        if (SqlNodes.isSame(keyNodes.get(i), node)) {
          return new Expression.Key(i, keys.get(i).type());
        }
      }
      if (Literals.isLiteral(node)) {
        return new Expression.Constant(Literals.of(node));
      }
      if (node instanceof SqlCall call) {
        return Merges.isAggregate(call) ? merged(call) : Formulas.call(call, this::bound);
      }
      throw QueryErrors.unsupported(node, "add it to GROUP BY, or leave it out");
    }

    private Expression merged(SqlCall call) {
      String function = AggregateCalls.name(call);
      if (!FUNCTIONS.contains(function) || call.operandCount() != 1) {
        throw QueryErrors.unsupported(
            call, "over the rows of a subquery there are COUNT, SUM, MIN, MAX and AVG");
      }
      SqlNode argument = call.operand(0);
      boolean isStar = argument instanceof SqlIdentifier identifier && identifier.isStar();
      RowAggregate aggregate =
          new RowAggregate(
              RowAggregate.Function.valueOf(function.toUpperCase(Locale.ROOT)),
              isStar ? null : ofRow(argument),
              isDistinct(call));
      requireNumber(call, function, aggregate);
      aggregates.add(aggregate);
      return new Expression.Merged(aggregates.size() - 1, aggregate.type());
    }

    private void requireNumber(SqlCall call, String function, RowAggregate aggregate) {
      boolean isOfNumbers = function.equals("sum") || function.equals("avg");
      boolean isNothing = aggregate.of() == null && !function.equals("count");
      if (isNothing || isOfNumbers && !aggregate.of().isNumber()) {
        throw QueryErrors.unsupported(call, "it needs a number");
      }
    }

    private static boolean isDistinct(SqlCall call) {
      SqlLiteral quantifier = call.getFunctionQuantifier();
      return quantifier != null && quantifier.getValue() == SqlSelectKeyword.DISTINCT;
    }
  }
}
