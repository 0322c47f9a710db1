package dev.recount.serving.bind;

import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.merge.Aggregate;
import dev.recount.serving.merge.GroupKey;
import dev.recount.serving.merge.ThetaSet;
import dev.recount.serving.scalar.Cases;
import dev.recount.serving.scalar.Columns;
import dev.recount.serving.scalar.Scalar;
import dev.recount.serving.scalar.ScalarRenderer;
import dev.recount.serving.scalar.WhereRenderer;
import dev.recount.serving.sql.AggregateCalls;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.sql.SqlText;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlBasicCall;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.SqlNumericLiteral;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlBasicVisitor;

/**
 * Binds a query to a view: what Pinot groups by and merges, and what the gateway computes from
 * that. A query without GROUP BY and aggregates means the view's own rows, one for each combination
 * of all dimensions.
 */
public final class Binder {
  private final SqlText query;
  private final ViewPlan plan;
  private final Columns columns;
  private final ScalarRenderer scalars;
  private final NeverNull neverNull;
  private final String where;
  private final boolean searchesText;

  private Binder(SqlText query, ViewPlan plan) {
    this.query = query;
    this.plan = plan;
    this.columns = new Columns(plan);
    this.scalars = new ScalarRenderer(columns, (call, all) -> Cases.render(columns, call, all));
    WhereRenderer conditions = new WhereRenderer(columns, scalars);
    this.where = conditions.render(query.where());
    this.searchesText = conditions.searchesText();
    this.neverNull = new NeverNull(conditions.neverNull(query.where()));
  }

  public static BoundQuery bind(SqlText query, ViewPlan plan) {
    return new Binder(query, plan).bind();
  }

  private BoundQuery bind() {
    List<SelectItem> items = selectItems();
    boolean aggregated = !query.groupBy().isEmpty() || hasAggregate(items);
    boolean ownRows = !aggregated && !query.distinct();
    List<SqlNode> keyNodes = keyNodes(items, aggregated);
    List<GroupKey> keys = keyNodes.stream().map(this::key).toList();
    ExpressionBinder binder =
        new ExpressionBinder(columns, scalars, keyNodes, keys, ownRows, neverNull);

    List<BoundQuery.Output> outputs = new ArrayList<>();
    for (SelectItem item : items) {
      outputs.add(new BoundQuery.Output(item.name(), binder.bind(item.node())));
    }
    Expression having = query.having() == null ? null : binder.bind(resolve(query.having(), items));
    String candidates = HavingSearch.candidates(having, binder.aggregates(), plan);
    List<BoundQuery.Order> order = new ArrayList<>();
    for (SqlNode node : query.orderBy()) {
      order.add(order(node, items, binder));
    }
    List<TimeKey> times = TimeKeys.of(keyNodes, plan, query.where());
    return new BoundQuery(
        plan,
        where,
        mentionsArrival(),
        plan.time().map(time -> TimeKeys.from(time, plan, query.where())).orElse(null),
        candidates,
        searchesText || !candidates.isEmpty(),
        keys,
        times,
        binder.aggregates(),
        outputs,
        having,
        order,
        query.limit(),
        query.offset(),
        warnings(binder.aggregates(), times));
  }

  private List<String> warnings(List<Aggregate> aggregates, List<TimeKey> times) {
    List<String> warnings = new ArrayList<>(query.warnings());
    times.stream()
        .filter(time -> !time.isUtc() && time.stored() == null)
        .map(
            time ->
                "the view does not say by which unit it keeps '%s' (date_trunc): a %s of %s may hold"
                        .formatted(time.column(), time.unit().label(), time.zone())
                    + " parts of others")
        .forEach(warnings::add);
    if (aggregates.stream().anyMatch(a -> a instanceof ThetaSet set && set.isPartOfUnion())) {
      warnings.add(
          "the error of an intersection or a difference of sketches is one of the union of its"
              + " sets");
    }
    return warnings;
  }

  /** A column of the SELECT list, stars and aliases resolved. */
  private record SelectItem(String name, SqlNode node, boolean isAliased) {}

  private List<SelectItem> selectItems() {
    List<SelectItem> items = new ArrayList<>();
    for (SqlNode node : query.select()) {
      if (node instanceof SqlIdentifier identifier && identifier.isStar()) {
        columns.names().forEach(n -> items.add(new SelectItem(n, identifierOf(n, node), false)));
      } else if (node.getKind() == SqlKind.AS) {
        SqlBasicCall as = (SqlBasicCall) node;
        String alias = ((SqlIdentifier) as.operand(1)).getSimple();
        items.add(new SelectItem(alias, as.operand(0), true));
      } else {
        items.add(new SelectItem(nameOf(node), node, false));
      }
    }
    return items;
  }

  private static SqlIdentifier identifierOf(String name, SqlNode where) {
    return new SqlIdentifier(name, where.getParserPosition());
  }

  private String nameOf(SqlNode node) {
    if (node instanceof SqlIdentifier identifier) {
      return SqlNodes.column(identifier);
    }
    if (SqlNodes.isCall(node, SqlNodes.MEASURE)
        && ((SqlCall) node).operandCount() == 1
        && ((SqlCall) node).operand(0) instanceof SqlIdentifier measure) {
      return nameOf(measure);
    }
    return query.source(node);
  }

  private boolean hasAggregate(List<SelectItem> items) {
    return items.stream().anyMatch(i -> AggregateCalls.isIn(i.node())) || query.having() != null;
  }

  private List<SqlNode> keyNodes(List<SelectItem> items, boolean aggregated) {
    if (query.distinct()) {
      if (aggregated) {
        throw QueryErrors.unsupported("DISTINCT beside GROUP BY or aggregates; leave DISTINCT out");
      }
      return items.stream().map(SelectItem::node).toList();
    }
    if (!aggregated) {
      return plan.dimensions().stream()
          .map(d -> (SqlNode) new SqlIdentifier(d.name(), SqlParserPos.ZERO))
          .toList();
    }
    return query.groupBy().stream().map(n -> groupByNode(n, items)).toList();
  }

  /** A position in the SELECT list, a column, an alias, or an expression. */
  private SqlNode groupByNode(SqlNode node, List<SelectItem> items) {
    if (node instanceof SqlNumericLiteral position) {
      return at(position, items);
    }
    boolean isColumn =
        node instanceof SqlIdentifier identifier
            && plan.dimension(SqlNodes.column(identifier)).isPresent();
    return isColumn ? node : resolve(node, items);
  }

  private static SqlNode at(SqlNumericLiteral position, List<SelectItem> items) {
    int index = position.isInteger() ? SqlNodes.place(position) : 0;
    if (index < 1 || index > items.size()) {
      throw QueryErrors.unsupported(
          position, "there is no such position in the SELECT list of " + items.size());
    }
    return items.get(index - 1).node();
  }

  /** Replaces aliases by what they stand for. */
  private SqlNode resolve(SqlNode node, List<SelectItem> items) {
    if (node instanceof SqlIdentifier identifier && identifier.isSimple()) {
      return items.stream()
          .filter(i -> i.isAliased() && i.name().equals(identifier.getSimple()))
          .map(SelectItem::node)
          .findFirst()
          .orElse(node);
    }
    if (node instanceof SqlNodeList list) {
      return new SqlNodeList(
          list.getList().stream().map(n -> n == null ? null : resolve(n, items)).toList(),
          node.getParserPosition());
    }
    if (node instanceof SqlBasicCall call && !SqlNodes.isCall(node, SqlNodes.MEASURE)) {
      List<SqlNode> operands =
          Stream.of(call.getOperandList().toArray(new SqlNode[0]))
              .map(n -> n == null ? null : resolve(n, items))
              .toList();
      return call.getOperator()
          .createCall(call.getFunctionQuantifier(), call.getParserPosition(), operands);
    }
    return node;
  }

  private GroupKey key(SqlNode node) {
    if (AggregateCalls.isIn(node)) {
      throw QueryErrors.unsupported(node, "an aggregate cannot be grouped by");
    }
    Scalar scalar = scalars.render(node);
    neverNull.requireGroupable(node, scalar);
    return new GroupKey(scalar);
  }

  private BoundQuery.Order order(SqlNode node, List<SelectItem> items, ExpressionBinder binder) {
    if (node.getKind() == SqlKind.NULLS_FIRST || node.getKind() == SqlKind.NULLS_LAST) {
      BoundQuery.Order inner = order(((SqlCall) node).operand(0), items, binder);
      return new BoundQuery.Order(
          inner.expression(), inner.isDescending(), node.getKind() == SqlKind.NULLS_FIRST);
    }
    if (node.getKind() == SqlKind.DESCENDING) {
      BoundQuery.Order inner = order(((SqlCall) node).operand(0), items, binder);
      return new BoundQuery.Order(inner.expression(), true, false);
    }
    SqlNode resolved =
        node instanceof SqlNumericLiteral position ? at(position, items) : resolve(node, items);
    return new BoundQuery.Order(binder.bind(resolved), false, true);
  }

  private boolean mentionsArrival() {
    if (query.where() == null) {
      return false;
    }
    boolean[] found = {false};
    query
        .where()
        .accept(
            new SqlBasicVisitor<Void>() {
              @Override
              public Void visit(SqlIdentifier identifier) {
                found[0] |= identifier.names.contains(StoredColumn.ARRIVED);
                return null;
              }
            });
    return found[0];
  }
}
