package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.Nesting;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.text.TextMatch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlLikeOperator;

/**
 * Writes WHERE the way Pinot reads it. A NULL is stored as a code, so every comparison that the
 * code could pass by accident excludes it, and negations are pushed down to the comparisons first:
 * a condition then holds exactly where SQL's three-valued logic says TRUE.
 */
public final class WhereRenderer {
  private static final String ALWAYS = Comparisons.ALWAYS;
  private static final String NEVER = Comparisons.NEVER;

  /** More conditions in one chain would nest too deep for the broker that reads it. */
  private static final int LONGEST_CHAIN = 50;

  private static final Map<SqlKind, SqlKind> NEGATION =
      Map.of(
          SqlKind.EQUALS, SqlKind.NOT_EQUALS,
          SqlKind.NOT_EQUALS, SqlKind.EQUALS,
          SqlKind.LESS_THAN, SqlKind.GREATER_THAN_OR_EQUAL,
          SqlKind.GREATER_THAN_OR_EQUAL, SqlKind.LESS_THAN,
          SqlKind.GREATER_THAN, SqlKind.LESS_THAN_OR_EQUAL,
          SqlKind.LESS_THAN_OR_EQUAL, SqlKind.GREATER_THAN);

  private static final String REGEXP_LIKE = "regexp_like";

  private final ScalarRenderer scalars;
  private boolean searchesText;

  public WhereRenderer(ScalarRenderer scalars) {
    this.scalars = scalars;
  }

  /**
   * @return a condition for Pinot; empty where every row passes
   */
  public String render(SqlNode where) {
    if (where == null) {
      return "";
    }
    String condition = condition(where, false);
    if (condition.equals(NEVER)) {
      return "\"_chunk\" < -1";
    }
    return condition.equals(ALWAYS) ? "" : condition;
  }

  /** The dimensions that are surely not NULL in the rows that pass. */
  public Set<Dimension> neverNull(SqlNode where) {
    Set<Dimension> dimensions = new LinkedHashSet<>();
    if (where instanceof SqlIdentifier) {
      dimensions.addAll(dimensionsOf(where));
    } else if (where instanceof SqlCall call) {
      if (call.getKind() == SqlKind.AND) {
        call.getOperandList().forEach(o -> dimensions.addAll(neverNull(o)));
      } else if (NEGATION.containsKey(call.getKind())) {
        call.getOperandList().forEach(o -> dimensions.addAll(dimensionsOf(o)));
      } else if (call.getKind() == SqlKind.IS_NOT_NULL
          || call.getKind() == SqlKind.IN
          || call.getKind() == SqlKind.NOT_IN
          || call.getKind() == SqlKind.BETWEEN
          || call.getKind() == SqlKind.LIKE
          || SqlNodes.isCall(call, REGEXP_LIKE)
          || SqlNodes.isCall(call, TextMatch.FUNCTION)) {
        dimensions.addAll(dimensionsOf(call.operand(0)));
      }
    }
    return dimensions;
  }

  private Set<Dimension> dimensionsOf(SqlNode node) {
    return Constants.isConstant(node) ? Set.of() : scalars.render(node).dimensions();
  }

  private String condition(SqlNode node, boolean negated) {
    if (Constants.isConstant(node)) {
      return constant(node, negated);
    }
    if (node instanceof SqlIdentifier identifier) {
      return flag(identifier, negated);
    }
    if (!(node instanceof SqlCall call)) {
      throw QueryErrors.unsupported(node, "it is not a condition");
    }
    switch (call.getKind()) {
      case AND:
        return negated ? any(call, true) : all(call, false);
      case OR:
        return negated ? all(call, true) : any(call, false);
      case NOT:
        return condition(call.operand(0), !negated);
      case IS_NULL:
        return isNull(call.operand(0), negated);
      case IS_NOT_NULL:
        return isNull(call.operand(0), !negated);
      case IN:
        return in(call, negated);
      case NOT_IN:
        return in(call, !negated);
      case BETWEEN:
        return between(call, call.getOperator().getName().startsWith("NOT") != negated);
      case LIKE:
        return like(call, ((SqlLikeOperator) call.getOperator()).isNegated() != negated);
      default:
        return SqlNodes.isCall(call, TextMatch.FUNCTION)
            ? textMatch(call, negated)
            : comparison(call, negated);
    }
  }

  private String textMatch(SqlCall call, boolean negated) {
    searchesText = true;
    TextMatch match = TextMatch.of(call);
    if (!(match.text() instanceof SqlIdentifier name)) {
      throw TextMatch.form(call);
    }
    Scalar column = scalars.textColumn(call, name);
    return guarded(
        TextMatch.FUNCTION
            + "("
            + column.sql()
            + ", "
            + Quoted.text(match.query().pinot(negated))
            + ")",
        column);
  }

  /** Whether what was rendered searches text. */
  public boolean searchesText() {
    return searchesText;
  }

  private static String constant(SqlNode node, boolean negated) {
    Object value = Constants.value(node);
    if (value == null) {
      return NEVER;
    }
    if (!(value instanceof Boolean)) {
      throw QueryErrors.unsupported(node, "it is not a condition");
    }
    return value.equals(!negated) ? ALWAYS : NEVER;
  }

  private String flag(SqlIdentifier identifier, boolean negated) {
    Scalar scalar = scalars.render(identifier);
    if (scalar.type() != ColumnType.BOOLEAN) {
      throw QueryErrors.unsupported(identifier, "it is not a condition but a " + scalar.type());
    }
    return guarded(scalar.sql() + " = '" + !negated + "'");
  }

  private String all(SqlCall call, boolean negated) {
    List<String> parts = parts(call, negated);
    if (parts.contains(NEVER)) {
      return NEVER;
    }
    parts.removeIf(ALWAYS::equals);
    return parts.isEmpty() ? ALWAYS : chain(parts, " AND ");
  }

  private String any(SqlCall call, boolean negated) {
    List<String> parts = parts(call, negated);
    if (parts.contains(ALWAYS)) {
      return ALWAYS;
    }
    parts.removeIf(NEVER::equals);
    return parts.isEmpty() ? NEVER : chain(parts, " OR ");
  }

  private List<String> parts(SqlCall call, boolean negated) {
    List<String> parts = new ArrayList<>();
    Nesting.links(call).forEach(o -> parts.add(condition(o, negated)));
    return parts;
  }

  private static String chain(List<String> parts, String operator) {
    if (parts.size() == 1) {
      return parts.get(0);
    }
    if (parts.size() <= LONGEST_CHAIN) {
      return "(" + String.join(operator, parts) + ")";
    }
    int pieces = Math.max(2, (parts.size() + LONGEST_CHAIN - 1) / LONGEST_CHAIN);
    int size = (parts.size() + pieces - 1) / pieces;
    List<String> chains = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += size) {
      chains.add(chain(parts.subList(i, Math.min(parts.size(), i + size)), operator));
    }
    return chain(chains, operator);
  }

  private String isNull(SqlNode operand, boolean negated) {
    if (Constants.isConstant(operand)) {
      return (Constants.value(operand) == null) == negated ? NEVER : ALWAYS;
    }
    Scalar scalar = scalars.render(operand);
    List<String> defined =
        Stream.concat(
                scalar.dimensions().stream().filter(Dimension::nullable).map(Stored::isNotNull),
                scalar.defined().stream())
            .toList();
    if (defined.isEmpty()) {
      return negated ? ALWAYS : NEVER;
    }
    String all = "(" + String.join(" AND ", defined) + ")";
    if (negated) {
      return all;
    }
    boolean isOfColumns = scalar.defined().isEmpty();
    return isOfColumns
        ? scalar.dimensions().stream()
            .filter(Dimension::nullable)
            .map(Stored::isNull)
            .collect(Collectors.joining(" OR ", "(", ")"))
        : "NOT " + all;
  }

  /** The condition, and no side of it is NULL. */
  private static String guarded(String condition, Scalar... sides) {
    if (condition.equals(NEVER)) {
      return NEVER;
    }
    Set<String> guards = new LinkedHashSet<>();
    if (!condition.equals(ALWAYS)) {
      guards.add(condition);
    }
    for (Scalar side : sides) {
      side.dimensions().stream()
          .filter(Dimension::nullable)
          .map(Stored::isNotNull)
          .sorted()
          .forEach(guards::add);
      guards.addAll(side.defined());
    }
    return switch (guards.size()) {
      case 0 -> ALWAYS;
      case 1 -> guards.iterator().next();
      default -> "(" + String.join(" AND ", guards) + ")";
    };
  }

  private String comparison(SqlCall call, boolean negated) {
    if (SqlNodes.isCall(call, REGEXP_LIKE) && call.operandCount() == 2) {
      return matches(call, Patterns.regular(call, value(call.operand(1))), negated);
    }
    if (!NEGATION.containsKey(call.getKind())) {
      throw QueryErrors.unsupported(call, "conditions of this kind are not supported in WHERE");
    }
    SqlKind kind = negated ? NEGATION.get(call.getKind()) : call.getKind();
    return Constants.isConstant(call.operand(0))
        ? comparison(call, call.operand(1), kind.reverse(), call.operand(0))
        : comparison(call, call.operand(0), kind, call.operand(1));
  }

  /** At most the right side is a value. */
  private String comparison(SqlNode node, SqlNode leftNode, SqlKind kind, SqlNode rightNode) {
    Scalar left = scalars.render(leftNode);
    if (Constants.isConstant(rightNode)) {
      Object value = Constants.value(rightNode);
      return value == null ? NEVER : guarded(Comparisons.withValue(node, left, kind, value), left);
    }
    Scalar right = scalars.render(rightNode);
    return guarded(Comparisons.withEachOther(node, left, kind, right), left, right);
  }

  private static Object value(SqlNode node) {
    if (!Constants.isConstant(node)) {
      throw QueryErrors.unsupported(node, "it must be a value, such as 'x%'");
    }
    return Constants.value(node);
  }

  private String in(SqlCall call, boolean negated) {
    if (!(call.operand(1) instanceof SqlNodeList list)) {
      throw QueryErrors.unsupported(call, "subqueries are not supported; list the values");
    }
    List<SqlNode> items = list.getList();
    boolean hasNull =
        items.stream().anyMatch(i -> Constants.isConstant(i) && Constants.value(i) == null);
    if (negated && hasNull) {
      return NEVER;
    }
    Scalar left = scalars.render(call.operand(0));
    Set<String> values = new LinkedHashSet<>();
    List<String> others = new ArrayList<>();
    String equal = Comparisons.equal(left);
    for (SqlNode item : items) {
      if (!Constants.isConstant(item)) {
        throw QueryErrors.unsupported(item, "IN takes values only");
      }
      Object value = Constants.value(item);
      if (value != null) {
        String condition = Comparisons.withValue(call, left, SqlKind.EQUALS, value);
        if (left.column() != null && condition.startsWith(equal)) {
          values.add(condition.substring(equal.length()));
        } else if (condition.equals(ALWAYS)) {
          return guarded(negated ? NEVER : ALWAYS, left);
        } else if (!condition.equals(NEVER)) {
          others.add(condition);
        }
      }
    }
    return among(left, values, others, negated);
  }

  private static String among(
      Scalar left, Set<String> values, List<String> others, boolean negated) {
    List<String> parts = new ArrayList<>();
    if (!values.isEmpty()) {
      parts.add(
          Comparisons.compared(left)
              + (negated ? " NOT IN (" : " IN (")
              + String.join(", ", values)
              + ")");
    }
    others.forEach(o -> parts.add(negated ? "NOT " + o : o));
    if (parts.isEmpty()) {
      return guarded(negated ? ALWAYS : NEVER, left);
    }
    return guarded(chain(parts, negated ? " AND " : " OR "), left);
  }

  private String between(SqlCall call, boolean negated) {
    SqlNode value = call.operand(0);
    String low =
        bound(
            call,
            value,
            negated ? SqlKind.LESS_THAN : SqlKind.GREATER_THAN_OR_EQUAL,
            call.operand(1));
    String high =
        bound(
            call,
            value,
            negated ? SqlKind.GREATER_THAN : SqlKind.LESS_THAN_OR_EQUAL,
            call.operand(2));
    if (negated
        ? low.equals(ALWAYS) || high.equals(ALWAYS)
        : low.equals(NEVER) || high.equals(NEVER)) {
      return negated ? ALWAYS : NEVER;
    }
    List<String> parts = new ArrayList<>(List.of(low, high));
    parts.removeIf(negated ? NEVER::equals : ALWAYS::equals);
    if (parts.isEmpty()) {
      return negated ? NEVER : ALWAYS;
    }
    return parts.size() == 1
        ? parts.get(0)
        : "(" + parts.get(0) + (negated ? " OR " : " AND ") + parts.get(1) + ")";
  }

  private String bound(SqlNode node, SqlNode value, SqlKind kind, SqlNode bound) {
    if (Constants.isConstant(value) && Constants.isConstant(bound)) {
      return Boolean.TRUE.equals(Constants.compared(node, value, kind, bound)) ? ALWAYS : NEVER;
    }
    return Constants.isConstant(value)
        ? comparison(node, bound, kind.reverse(), value)
        : comparison(node, value, kind, bound);
  }

  private String like(SqlCall call, boolean negated) {
    String name = ((SqlLikeOperator) call.getOperator()).getName().toUpperCase(Locale.ROOT);
    if (name.contains("SIMILAR")) {
      throw QueryErrors.unsupported(call, "write LIKE, or REGEXP_LIKE(column, 'pattern')");
    }
    Object escape = call.operandCount() > 2 ? value(call.operand(2)) : "\\";
    Object pattern = value(call.operand(1));
    if (pattern == null || escape == null) {
      return NEVER;
    }
    boolean anyCase = name.contains("ILIKE");
    return matches(call, Patterns.like(call, pattern, escape, anyCase), negated);
  }

  private String matches(SqlCall call, Optional<Patterns.Pattern> pattern, boolean negated) {
    Scalar value = scalars.render(call.operand(0));
    if (value.type() != ColumnType.STRING) {
      throw QueryErrors.unsupported(
          call, "a pattern is for texts, found " + value.type() + "; compare with = or <");
    }
    if (pattern.isEmpty()) {
      return NEVER;
    }
    String text = pattern.get().ofLowerCase() ? "LOWER(" + value.sql() + ")" : value.sql();
    String test = "REGEXP_LIKE(" + text + ", " + Quoted.text(pattern.get().regular()) + ")";
    return guarded(negated ? "NOT " + test : test, value);
  }
}
