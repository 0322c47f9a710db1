package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.text.TextMatch;
import java.util.Locale;
import java.util.Optional;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlLikeOperator;

/** Writes the conditions on texts the way Pinot reads them: LIKE, REGEXP_LIKE and TEXT_MATCH. */
final class TextRenderer {
  static final String REGEXP_LIKE = "regexp_like";

  private final Columns columns;
  private final ScalarRenderer scalars;

  TextRenderer(Columns columns, ScalarRenderer scalars) {
    this.columns = columns;
    this.scalars = scalars;
  }

  /** TEXT_MATCH. */
  String match(SqlCall call, boolean negated) {
    TextMatch match = TextMatch.of(call);
    if (!(match.text() instanceof SqlIdentifier name)) {
      throw TextMatch.form(call);
    }
    Scalar column = Scalar.of(columns.textColumn(call, name));
    return Conditions.guarded(
        "%s(%s, %s)"
            .formatted(TextMatch.FUNCTION, column.sql(), Quoted.text(match.query().pinot(negated))),
        column);
  }

  /** REGEXP_LIKE. */
  String regular(SqlCall call, boolean negated) {
    return matches(call, Patterns.regular(call, value(call.operand(1))), negated);
  }

  /** LIKE and ILIKE. */
  String like(SqlCall call, boolean negated) {
    String name = ((SqlLikeOperator) call.getOperator()).getName().toUpperCase(Locale.ROOT);
    if (name.contains("SIMILAR")) {
      throw QueryErrors.unsupported(call, "write LIKE, or REGEXP_LIKE(column, 'pattern')");
    }
    Object escape = call.operandCount() > 2 ? value(call.operand(2)) : "\\";
    Object pattern = value(call.operand(1));
    if (pattern == null || escape == null) {
      return Conditions.NEVER;
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
      return Conditions.NEVER;
    }
    String text = pattern.get().ofLowerCase() ? "LOWER(" + value.sql() + ")" : value.sql();
    String test = "REGEXP_LIKE(" + text + ", " + Quoted.text(pattern.get().regular()) + ")";
    return Conditions.guarded(negated ? "NOT " + test : test, value);
  }

  private static Object value(SqlNode node) {
    if (!Constants.isConstant(node)) {
      throw QueryErrors.unsupported(node, "it must be a value, such as 'x%'");
    }
    return Constants.value(node);
  }
}
