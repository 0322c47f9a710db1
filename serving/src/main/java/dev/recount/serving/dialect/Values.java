package dev.recount.serving.dialect;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.expression.Expression;
import dev.recount.serving.sql.QueryErrors;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlNode;

/**
 * Rows that are in memory.
 *
 * @param columns their names and types
 */
public record Values(List<Answer.Column> columns, List<List<Object>> rows) {
  /** The one row that a SELECT without FROM asks for, as tools do to see whether one answers. */
  static Values of(Select select, PinotNames names, Instant now) {
    if (select.where() != null || select.isAggregated() || select.hasStar()) {
      throw QueryErrors.unsupported("it has no FROM; write SELECT ... FROM <view>");
    }
    Clocks clocks = new Clocks(now);
    List<Answer.Column> columns = new ArrayList<>();
    List<Object> row = new ArrayList<>();
    for (SqlNode item : select.items()) {
      SqlNode expression = Select.expression(item).accept(clocks);
      if (!Constants.isConstant(expression)) {
        throw QueryErrors.unsupported(expression, "it is of no view; write SELECT ... FROM <view>");
      }
      Object value = Constants.value(expression);
      ColumnType type = new Expression.Constant(value).type();
      columns.add(new Answer.Column(names.of(item), type));
      row.add(value);
    }
    return new Values(columns, List.of(row));
  }
}
