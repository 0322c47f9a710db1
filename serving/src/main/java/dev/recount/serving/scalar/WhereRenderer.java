package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.Nesting;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import dev.recount.serving.text.TextMatch;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
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
  private static final String ALWAYS = Conditions.ALWAYS;
  private static final String NEVER = Conditions.NEVER;

  private final ScalarRenderer scalars;
  private final TextRenderer texts;
  private final boolean isComputed;
  private boolean searchesText;

  public WhereRenderer(Columns columns, ScalarRenderer scalars) {
    this(columns, scalars, false);
  }

  private WhereRenderer(Columns columns, ScalarRenderer scalars, boolean isComputed) {
    this.scalars = scalars;
    this.texts = new TextRenderer(columns, scalars);
    this.isComputed = isComputed;
  }

  /** Of conditions that Pinot computes of each row, as in CASE, where it knows no NOT IN. */
  static WhereRenderer ofComputed(Columns columns, ScalarRenderer scalars) {
    return new WhereRenderer(columns, scalars, true);
  }

  /**
   * @return a condition for Pinot; empty if every row passes
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
      } else if (Comparisons.isComparison(call.getKind())) {
        call.getOperandList().forEach(o -> dimensions.addAll(dimensionsOf(o)));
      } else if (call.getKind() == SqlKind.IS_NOT_NULL
          || call.getKind() == SqlKind.IN
          || call.getKind() == SqlKind.NOT_IN
          || call.getKind() == SqlKind.BETWEEN
          || call.getKind() == SqlKind.LIKE
          || SqlNodes.isCall(call, TextRenderer.REGEXP_LIKE)
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
    return switch (call.getKind()) {
      case AND -> linked(call, !negated, negated);
      case OR -> linked(call, negated, negated);
      case NOT -> condition(call.operand(0), !negated);
      case IS_NULL -> isNull(call.operand(0), negated);
      case IS_NOT_NULL -> isNull(call.operand(0), !negated);
      case IN -> in(call, negated);
      case NOT_IN -> in(call, !negated);
      case BETWEEN -> between(call, call.getOperator().getName().startsWith("NOT") != negated);
      case LIKE -> texts.like(call, ((SqlLikeOperator) call.getOperator()).isNegated() != negated);
      default -> function(call, negated);
    };
  }

  private String function(SqlCall call, boolean negated) {
    if (SqlNodes.isCall(call, TextMatch.FUNCTION)) {
      searchesText = true;
      return texts.match(call, negated);
    }
    return SqlNodes.isCall(call, TextRenderer.REGEXP_LIKE) && call.operandCount() == 2
        ? texts.regular(call, negated)
        : comparison(call, negated);
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
    return Conditions.guarded(scalar.sql() + " = '" + !negated + "'");
  }

  private String linked(SqlCall call, boolean all, boolean negated) {
    List<String> parts = Nesting.links(call).stream().map(o -> condition(o, negated)).toList();
    return all ? Conditions.all(parts) : Conditions.any(parts);
  }

  private String isNull(SqlNode operand, boolean negated) {
    if (Constants.isConstant(operand)) {
      return (Constants.value(operand) == null) == negated ? NEVER : ALWAYS;
    }
    Scalar scalar = scalars.render(operand);
    return negated ? Conditions.isNotNull(scalar) : Conditions.isNull(scalar);
  }

  private String comparison(SqlCall call, boolean negated) {
    if (!Comparisons.isComparison(call.getKind())) {
      throw QueryErrors.unsupported(call, "conditions of this kind are not supported in WHERE");
    }
    SqlKind kind = negated ? call.getKind().negateNullSafe() : call.getKind();
    return Constants.isConstant(call.operand(0))
        ? comparison(call, call.operand(1), kind.reverse(), call.operand(0))
        : comparison(call, call.operand(0), kind, call.operand(1));
  }

  /** At most the right side is a value. */
  private String comparison(SqlNode node, SqlNode leftNode, SqlKind kind, SqlNode rightNode) {
    Scalar left = scalars.render(leftNode);
    if (Constants.isConstant(rightNode)) {
      Object value = Constants.value(rightNode);
      return value == null
          ? NEVER
          : Conditions.guarded(Comparisons.withValue(node, left, kind, value), left);
    }
    Scalar right = scalars.render(rightNode);
    return Conditions.guarded(Comparisons.withEachOther(node, left, kind, right), left, right);
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
          return Conditions.guarded(negated ? NEVER : ALWAYS, left);
        } else if (!condition.equals(NEVER)) {
          others.add(condition);
        }
      }
    }
    return among(left, values, others, negated);
  }

  private String among(Scalar left, Set<String> values, List<String> others, boolean negated) {
    List<String> parts = new ArrayList<>();
    if (negated && isComputed) {
      values.forEach(value -> parts.add(left.compared() + " <> " + value));
    } else if (!values.isEmpty()) {
      parts.add(
          left.compared() + (negated ? " NOT IN (" : " IN (") + String.join(", ", values) + ")");
    }
    others.forEach(o -> parts.add(negated ? "NOT " + o : o));
    return Conditions.guarded(negated ? Conditions.all(parts) : Conditions.any(parts), left);
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
    List<String> bounds = List.of(low, high);
    return negated ? Conditions.any(bounds) : Conditions.all(bounds);
  }

  private String bound(SqlNode node, SqlNode value, SqlKind kind, SqlNode bound) {
    if (Constants.isConstant(value) && Constants.isConstant(bound)) {
      return Boolean.TRUE.equals(Constants.compared(node, value, kind, bound)) ? ALWAYS : NEVER;
    }
    return Constants.isConstant(value)
        ? comparison(node, bound, kind.reverse(), value)
        : comparison(node, value, kind, bound);
  }
}
