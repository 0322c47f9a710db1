package dev.recount.serving.gateway;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import dev.recount.contract.view.StoredText;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.fun.SqlLikeOperator;

/**
 * Writes WHERE the way Pinot reads it. A NULL is stored as a code, so every comparison that the
 * code could pass by accident excludes it, and negations are pushed down to the comparisons first:
 * a condition then holds exactly where SQL's three-valued logic says TRUE.
 */
final class WhereRenderer {
  private static final String ALWAYS = "TRUE";
  private static final String NEVER = "FALSE";

  /** One character of a text in the form in which it is stored. */
  private static final String ONE_CHARACTER = "(?:\\x01[\\x01\\x02]|[^\\x01])";

  private static final Map<SqlKind, SqlKind> NEGATION =
      Map.of(
          SqlKind.EQUALS, SqlKind.NOT_EQUALS,
          SqlKind.NOT_EQUALS, SqlKind.EQUALS,
          SqlKind.LESS_THAN, SqlKind.GREATER_THAN_OR_EQUAL,
          SqlKind.GREATER_THAN_OR_EQUAL, SqlKind.LESS_THAN,
          SqlKind.GREATER_THAN, SqlKind.LESS_THAN_OR_EQUAL,
          SqlKind.LESS_THAN_OR_EQUAL, SqlKind.GREATER_THAN);

  private final ScalarRenderer scalars;
  private boolean searchesText;

  WhereRenderer(ScalarRenderer scalars) {
    this.scalars = scalars;
  }

  /**
   * @return a condition for Pinot; empty where every row passes
   */
  String render(SqlNode where) {
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
  Set<Dimension> neverNull(SqlNode where) {
    Set<Dimension> dimensions = new LinkedHashSet<>();
    if (where instanceof SqlCall call) {
      if (call.getKind() == SqlKind.AND) {
        call.getOperandList().forEach(o -> dimensions.addAll(neverNull(o)));
      } else if (NEGATION.containsKey(call.getKind())
          || call.getKind() == SqlKind.IS_NOT_NULL
          || call.getKind() == SqlKind.IN
          || call.getKind() == SqlKind.BETWEEN
          || call.getKind() == SqlKind.LIKE
          || ScalarRenderer.isCall(call, TextMatch.FUNCTION)) {
        dimensions.addAll(dimensionsOf(call.operand(0)));
      }
    }
    return dimensions;
  }

  private Set<Dimension> dimensionsOf(SqlNode node) {
    return Literals.isLiteral(node) ? Set.of() : scalars.render(node).dimensions();
  }

  private String condition(SqlNode node, boolean negated) {
    if (node instanceof SqlLiteral literal) {
      return constant(literal, negated);
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
        return ScalarRenderer.isCall(call, TextMatch.FUNCTION)
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
            + ScalarRenderer.text(match.query().pinot(negated))
            + ")",
        column.dimensions());
  }

  /** Whether what was rendered searches text. */
  boolean searchesText() {
    return searchesText;
  }

  private static String constant(SqlLiteral literal, boolean negated) {
    Object value = Literals.value(literal);
    if (value == null) {
      return NEVER;
    }
    if (!(value instanceof Boolean)) {
      throw QueryErrors.unsupported(literal, "it is not a condition");
    }
    return value.equals(!negated) ? ALWAYS : NEVER;
  }

  private String flag(SqlIdentifier identifier, boolean negated) {
    Scalar scalar = scalars.render(identifier);
    if (scalar.type() != ColumnType.BOOLEAN) {
      throw QueryErrors.unsupported(identifier, "it is not a condition but a " + scalar.type());
    }
    return scalar.sql() + " = '" + !negated + "'";
  }

  private String all(SqlCall call, boolean negated) {
    List<String> parts = new ArrayList<>();
    call.getOperandList().forEach(o -> parts.add(condition(o, negated)));
    if (parts.contains(NEVER)) {
      return NEVER;
    }
    parts.removeIf(ALWAYS::equals);
    return parts.isEmpty() ? ALWAYS : "(" + String.join(" AND ", parts) + ")";
  }

  private String any(SqlCall call, boolean negated) {
    List<String> parts = new ArrayList<>();
    call.getOperandList().forEach(o -> parts.add(condition(o, negated)));
    if (parts.contains(ALWAYS)) {
      return ALWAYS;
    }
    parts.removeIf(NEVER::equals);
    return parts.isEmpty() ? NEVER : "(" + String.join(" OR ", parts) + ")";
  }

  private String isNull(SqlNode operand, boolean negated) {
    List<Dimension> nullable = dimensionsOf(operand).stream().filter(Dimension::nullable).toList();
    if (nullable.isEmpty()) {
      return negated ? ALWAYS : NEVER;
    }
    return "("
        + nullable.stream()
            .map(d -> negated ? Stored.isNotNull(d) : Stored.isNull(d))
            .collect(Collectors.joining(negated ? " AND " : " OR "))
        + ")";
  }

  /** The condition, and none of the dimensions is NULL. */
  private static String guarded(String condition, Set<Dimension> dimensions) {
    String guards =
        dimensions.stream()
            .filter(Dimension::nullable)
            .map(d -> " AND " + Stored.isNotNull(d))
            .collect(Collectors.joining());
    return guards.isEmpty() ? condition : "(" + condition + guards + ")";
  }

  private String comparison(SqlCall call, boolean negated) {
    if (ScalarRenderer.isCall(call, "regexp_like") && call.operandCount() == 2) {
      Scalar value = scalars.render(call.operand(0));
      // Pinot takes no notice of the letter case unless the pattern does.
      return matches(value, "(?-i)" + Literals.of(call.operand(1)), negated);
    }
    if (!NEGATION.containsKey(call.getKind())) {
      throw QueryErrors.unsupported(call, "conditions of this kind are not supported in WHERE");
    }
    SqlKind kind = negated ? NEGATION.get(call.getKind()) : call.getKind();
    if (Literals.isLiteral(call.operand(0)) && !Literals.isLiteral(call.operand(1))) {
      return comparison(call.operand(1), kind.reverse(), call.operand(0));
    }
    return comparison(call.operand(0), kind, call.operand(1));
  }

  private String comparison(SqlNode leftNode, SqlKind kind, SqlNode rightNode) {
    Scalar left = scalars.render(leftNode);
    Set<Dimension> dimensions = new LinkedHashSet<>(left.dimensions());
    if (Literals.isLiteral(rightNode)) {
      Object value = Literals.of(rightNode);
      return value == null
          ? NEVER
          : guarded(
              ordered(left) + " " + kind.sql + " " + literal(rightNode, value, left), dimensions);
    }
    Scalar right = scalars.render(rightNode);
    dimensions.addAll(right.dimensions());
    boolean ofColumns =
        left.column() != null && right.column() != null && left.type() == right.type();
    return guarded(
        ofColumns
            ? ordered(left) + " " + kind.sql + " " + ordered(right)
            : left.sql() + " " + kind.sql + " " + right.sql(),
        dimensions);
  }

  /** What literals of its type, and columns, are compared with. */
  private static String ordered(Scalar scalar) {
    return scalar.column() == null ? scalar.sql() : Stored.column(scalar.column());
  }

  private String in(SqlCall call, boolean negated) {
    if (!(call.operand(1) instanceof SqlNodeList list)) {
      throw QueryErrors.unsupported(call, "subqueries are not supported; list the values");
    }
    Scalar left = scalars.render(call.operand(0));
    Set<String> values = new LinkedHashSet<>();
    for (SqlNode item : list) {
      if (!Literals.isLiteral(item)) {
        throw QueryErrors.unsupported(item, "IN takes values only");
      }
      Object value = Literals.of(item);
      if (value == null && negated) {
        return NEVER;
      }
      if (value != null) {
        values.add(literal(item, value, left));
      }
    }
    if (values.isEmpty()) {
      return NEVER;
    }
    String operator = negated ? " NOT IN (" : " IN (";
    return guarded(ordered(left) + operator + String.join(", ", values) + ")", left.dimensions());
  }

  private String between(SqlCall call, boolean negated) {
    SqlNode value = call.operand(0);
    String low =
        comparison(
            value, negated ? SqlKind.LESS_THAN : SqlKind.GREATER_THAN_OR_EQUAL, call.operand(1));
    String high =
        comparison(
            value, negated ? SqlKind.GREATER_THAN : SqlKind.LESS_THAN_OR_EQUAL, call.operand(2));
    return "(" + low + (negated ? " OR " : " AND ") + high + ")";
  }

  /** Pinot's LIKE ignores case, SQL's does not; its REGEXP_LIKE can be told. */
  private String like(SqlCall call, boolean negated) {
    if (!Literals.isLiteral(call.operand(1))
        || ((SqlLikeOperator) call.getOperator())
            .getName()
            .toUpperCase(Locale.ROOT)
            .contains("SIMILAR")
        || call.operandCount() > 2) {
      throw QueryErrors.unsupported(call, "LIKE takes a pattern in quotes and no ESCAPE");
    }
    Scalar value = scalars.render(call.operand(0));
    boolean anyCase = call.getOperator().getName().toUpperCase(Locale.ROOT).contains("ILIKE");
    return matches(
        value, likePattern(String.valueOf(Literals.of(call.operand(1))), anyCase), negated);
  }

  private static String matches(Scalar value, String pattern, boolean negated) {
    if (value.type() == ColumnType.DATE) {
      throw QueryErrors.unsupported(
          "a DATE has no pattern; compare it with dates, as in day >= '2015-05-17'");
    }
    String test = "REGEXP_LIKE(" + value.sql() + ", " + ScalarRenderer.text(pattern) + ")";
    return guarded(negated ? "NOT " + test : test, value.dimensions());
  }

  /** Of stored texts: see {@link StoredText}. */
  static String likePattern(String like, boolean anyCase) {
    StringBuilder pattern = new StringBuilder(anyCase ? "(?is)^" : "(?s-i)^");
    String stored = StoredText.of(like);
    for (int i = 0; i < stored.length(); i++) {
      char c = stored.charAt(i);
      if (c == '%') {
        pattern.append(".*");
      } else if (c == '_') {
        pattern.append(ONE_CHARACTER);
      } else if ("\\^$.|?*+()[]{}".indexOf(c) >= 0) {
        pattern.append('\\').append(c);
      } else {
        pattern.append(c);
      }
    }
    return pattern.append('$').toString();
  }

  /** A value as what it is compared with is stored. */
  private static String literal(SqlNode node, Object value, Scalar compared) {
    switch (compared.type()) {
      case DATE:
        return Times.parseDate(String.valueOf(value))
            .map(day -> String.valueOf(day.toEpochDay()))
            .orElseThrow(() -> notA("date like '2015-05-17'", value));
      case TIMESTAMP:
        return value instanceof Number n
            ? String.valueOf(n)
            : Times.parse(String.valueOf(value))
                .map(t -> String.valueOf(t.toEpochMilli()))
                .orElseThrow(() -> notA("moment like '2015-05-17 10:05:00' or ISO-8601", value));
      case INT:
      case LONG:
      case DOUBLE:
        if (!(value instanceof Number)) {
          throw notA("number", value);
        }
        return compared.column() == null
            ? String.valueOf(value)
            : Stored.literal(compared.column(), value);
      case BYTES:
        throw QueryErrors.unsupported(node, "sketches cannot be compared");
      default:
        return ScalarRenderer.text(StoredText.of(String.valueOf(value)));
    }
  }

  private static RecountException notA(String expected, Object found) {
    return new RecountException(
        ErrorCode.QUERY_UNSUPPORTED,
        "Cannot compare with '" + found + "': the column needs a " + expected);
  }
}
