package dev.recount.serving.dialect;

import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.sql.MeasureNames;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.sql.SqlText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlBasicVisitor;

/** Translates a SELECT over one view, of which it is now known what its columns are. */
final class ViewQuery {
  private static final Set<MeasureKind> NEVER_NULL =
      Set.of(MeasureKind.COUNT, MeasureKind.THETA, MeasureKind.HLL);
  private static final SqlParserPos HERE = SqlParserPos.ZERO;

  private final Select select;
  private final ViewPlan plan;
  private final PinotNames names;
  private final MeasureNames measures;
  private final Merges merges;
  private final Clocks clocks;

  private ViewQuery(Select select, ViewPlan plan, Instant now, PinotNames names) {
    this.select = select;
    this.plan = plan;
    this.names = names;
    this.measures = new MeasureNames(plan);
    this.merges = new Merges(plan);
    this.clocks = new Clocks(now);
  }

  /**
   * The query in Recount's words.
   *
   * @param warnings what was left out of the text
   * @throws dev.recount.error.RecountException QUERY_UNSUPPORTED
   */
  static SqlText of(
      String text,
      Select select,
      ViewPlan plan,
      Instant now,
      PinotNames names,
      List<String> warnings) {
    Units units = new Units(names(plan));
    QuotedNumbers numbers = new QuotedNumbers(plan);
    Select named =
        select.mapped(node -> node.accept(new Unqualified()).accept(units).accept(numbers));
    return new ViewQuery(named, plan, now, names).translated(text, warnings);
  }

  private SqlText translated(String text, List<String> warnings) {
    List<SqlNode> ofRows = new ArrayList<>();
    List<SqlNode> ofGroups = new ArrayList<>();
    for (SqlNode condition : select.conditions()) {
      if (isAlways(condition)) {
        continue;
      }
      boolean isOfGroup = isOwnRows() && namesMeasure(condition);
      (isOfGroup ? ofGroups : ofRows).add(condition);
    }
    boolean isGrouped = isOwnRows() && (!ofGroups.isEmpty() || computes());
    SqlNode having = translated(select.having());
    for (SqlNode condition : ofGroups) {
      having = Select.both(having, measures.in(condition.accept(clocks)));
    }
    return new SqlText(
        text,
        plan.view(),
        select.distinct(),
        new SqlNodeList(items(isGrouped), HERE),
        translated(ofRows.stream().reduce(Select::both).orElse(null)),
        isGrouped ? ownKeys() : translated(select.groupBy()),
        having,
        order(isGrouped),
        select.limit(),
        select.offset(),
        warnings);
  }

  /** Whether it asks for the view's own rows: one for each combination of all dimensions. */
  private boolean isOwnRows() {
    return !select.distinct() && !select.isAggregated();
  }

  /** Whether an item is computed of the dimensions of a row. */
  private boolean computes() {
    return select.items().stream().anyMatch(this::isComputedKey);
  }

  private boolean isComputedKey(SqlNode item) {
    SqlNode expression = Select.expression(item);
    return expression instanceof SqlCall && !namesMeasure(expression) && namesColumn(expression);
  }

  /** {@code IS NOT NULL} of a measure that never is, which Grafana asks for. */
  private boolean isAlways(SqlNode condition) {
    return condition.getKind() == SqlKind.IS_NOT_NULL
        && ((SqlCall) condition).operand(0) instanceof SqlIdentifier identifier
        && plan.measure(SqlNodes.column(identifier))
            .map(Measure::kind)
            .filter(NEVER_NULL::contains)
            .isPresent();
  }

  private boolean namesMeasure(SqlNode node) {
    return names(node, name -> plan.measure(name).isPresent());
  }

  private boolean namesColumn(SqlNode node) {
    return names(node, name -> plan.dimension(name).isPresent());
  }

  private static boolean names(SqlNode node, Predicate<String> which) {
    boolean[] found = {false};
    node.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlIdentifier identifier) {
            found[0] |= which.test(SqlNodes.column(identifier));
            return null;
          }
        });
    return found[0];
  }

  private List<SqlNode> items(boolean isGrouped) {
    List<SqlNode> items = new ArrayList<>();
    for (SqlNode item : select.items()) {
      if (Select.isStar(item) && isGrouped) {
        for (String name : names(plan)) {
          items.add(Select.named(measures.in(new SqlIdentifier(name, HERE)), name));
        }
      } else if (Select.isStar(item)) {
        items.add(item);
      } else {
        SqlNode translated = translated(Select.expression(item));
        items.add(Select.named(isGrouped ? measures.in(translated) : translated, names.of(item)));
      }
    }
    return items;
  }

  private static List<String> names(ViewPlan plan) {
    return Stream.concat(
            plan.dimensions().stream().map(Dimension::name),
            plan.measures().stream().map(Measure::name))
        .toList();
  }

  /** All dimensions, and what is computed of them. */
  private List<SqlNode> ownKeys() {
    List<SqlNode> keys = new ArrayList<>();
    plan.dimensions().forEach(d -> keys.add(new SqlIdentifier(d.name(), HERE)));
    select.items().stream()
        .filter(this::isComputedKey)
        .map(i -> translated(Select.expression(i)))
        .forEach(keys::add);
    return keys;
  }

  private List<SqlNode> order(boolean isGrouped) {
    List<SqlNode> order = translated(select.orderBy());
    return isGrouped
        ? order.stream().map(n -> measures.in(n, Set.copyOf(select.aliases()))).toList()
        : order;
  }

  private List<SqlNode> translated(List<SqlNode> nodes) {
    return nodes.stream().map(this::translated).toList();
  }

  private SqlNode translated(SqlNode node) {
    return node == null ? null : node.accept(merges).accept(clocks);
  }
}
