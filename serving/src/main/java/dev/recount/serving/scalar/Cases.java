package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.StoredText;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlCase;
import org.apache.calcite.sql.util.SqlBasicVisitor;

/**
 * Writes CASE over the dimensions of a row, whose results are values: its conditions hold exactly
 * where SQL's say TRUE, so a NULL falls through to ELSE, and the result is never NULL.
 */
public final class Cases {
  private static final String EVERY_ROW =
      Quoted.name(StoredColumn.CHUNK) + " >= " + StoredColumn.NO_CHUNK;

  private static final Pattern QUOTED = Pattern.compile("'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"");
  private static final Pattern PATTERN = Pattern.compile("\\b(?:REGEXP_LIKE|LIKE|TEXT_MATCH)\\b");
  private static final Pattern NOT = Pattern.compile("\\bNOT\\b");

  private final Columns columns;
  private final ScalarRenderer scalars;

  private Cases(Columns columns, ScalarRenderer scalars) {
    this.columns = columns;
    this.scalars = scalars;
  }

  /** The CASE as Pinot reads it. */
  public static Scalar render(Columns columns, SqlCase call, ScalarRenderer scalars) {
    return new Cases(columns, scalars).render(call);
  }

  private Scalar render(SqlCase call) {
    List<SqlNode> results = new ArrayList<>(call.getThenOperands().getList());
    results.add(call.getElseOperand());
    ColumnType type = type(call, results);
    StringBuilder sql = new StringBuilder("CASE");
    for (int i = 0; i < call.getWhenOperands().size(); i++) {
      String condition = condition(call, call.getWhenOperands().get(i));
      sql.append(" WHEN ")
          .append(condition.isEmpty() ? EVERY_ROW : condition)
          .append(" THEN ")
          .append(literal(results.get(i)));
    }
    sql.append(" ELSE ").append(literal(call.getElseOperand())).append(" END");
    return new Scalar(sql.toString(), type, dimensions(call), null);
  }

  /** A condition that Pinot can compute of a row: it has neither NOT nor LIKE there. */
  private String condition(SqlCase call, SqlNode when) {
    String condition = WhereRenderer.ofComputed(columns, scalars).render(when);
    String words = QUOTED.matcher(condition).replaceAll("''");
    if (PATTERN.matcher(words).find()) {
      throw QueryErrors.unsupported(
          call,
          "LIKE, REGEXP_LIKE and TEXT_MATCH find rows in WHERE, but not in CASE; ask once for each"
              + " of its branches, with the pattern in WHERE, or put the CASE into the view");
    }
    if (NOT.matcher(words).find()) {
      throw QueryErrors.unsupported(
          call,
          "in CASE this condition takes a NOT, which Pinot has in WHERE alone; write it in other"
              + " words (x > 2 * y for x / y > 2), or put the CASE into the view");
    }
    return condition;
  }

  private static ColumnType type(SqlCase call, List<SqlNode> results) {
    ColumnType type = null;
    for (SqlNode result : results) {
      Object value = Constants.isConstant(result) ? Constants.value(result) : null;
      ColumnType of =
          value instanceof String
              ? ColumnType.STRING
              : value instanceof Boolean
                  ? ColumnType.BOOLEAN
                  : value instanceof Long ? ColumnType.LONG : null;
      if (of == null || type != null && of != type) {
        throw QueryErrors.unsupported(
            call,
            "over the columns of a row its results, that of ELSE too, must be texts, whole numbers"
                + " or conditions, all alike");
      }
      type = of;
    }
    return type;
  }

  private static String literal(SqlNode node) {
    Object value = Constants.value(node);
    return value instanceof Long
        ? String.valueOf(value)
        : Quoted.text(value instanceof String text ? StoredText.of(text) : value);
  }

  /** What it reads; that one of them is NULL does not make it NULL. */
  private Set<Dimension> dimensions(SqlCase call) {
    Set<Dimension> read = new LinkedHashSet<>();
    call.accept(
        new SqlBasicVisitor<Void>() {
          @Override
          public Void visit(SqlIdentifier identifier) {
            Dimension dimension = columns.dimension(identifier);
            read.add(new Dimension(dimension.name(), dimension.type(), false));
            return null;
          }
        });
    return read;
  }
}
