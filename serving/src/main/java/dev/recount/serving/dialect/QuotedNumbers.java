package dev.recount.serving.dialect;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.sql.SqlNodes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Numbers that stand in quotes beside a column of numbers: tools that do not know its type write
 * them so, and Pinot takes them for numbers.
 */
final class QuotedNumbers extends SqlShuttle {
  private static final Set<SqlKind> COMPARISONS =
      Set.of(
          SqlKind.EQUALS,
          SqlKind.NOT_EQUALS,
          SqlKind.LESS_THAN,
          SqlKind.LESS_THAN_OR_EQUAL,
          SqlKind.GREATER_THAN,
          SqlKind.GREATER_THAN_OR_EQUAL,
          SqlKind.BETWEEN,
          SqlKind.IN,
          SqlKind.NOT_IN);

  private static final Set<ColumnType> NUMBERS =
      Set.of(ColumnType.INT, ColumnType.LONG, ColumnType.DOUBLE);

  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,30}(\\.\\d{1,30})?");

  private final ViewPlan plan;

  QuotedNumbers(ViewPlan plan) {
    this.plan = plan;
  }

  @Override
  public SqlNode visit(SqlCall call) {
    SqlNode visited = super.visit(call);
    if (!(visited instanceof SqlCall comparison)
        || !COMPARISONS.contains(comparison.getKind())
        || comparison.getOperandList().stream().noneMatch(this::isNumber)) {
      return visited;
    }
    List<SqlNode> operands = new ArrayList<>();
    comparison.getOperandList().forEach(operand -> operands.add(unquoted(operand)));
    return comparison.getOperator().createCall(comparison.getParserPosition(), operands);
  }

  private boolean isNumber(SqlNode node) {
    return node instanceof SqlIdentifier identifier
        && plan.dimension(SqlNodes.column(identifier))
            .map(Dimension::type)
            .filter(NUMBERS::contains)
            .isPresent();
  }

  private static SqlNode unquoted(SqlNode node) {
    if (node instanceof SqlNodeList list) {
      return new SqlNodeList(
          list.getList().stream().map(QuotedNumbers::unquoted).toList(), list.getParserPosition());
    }
    if (node instanceof SqlCharStringLiteral text) {
      String value = text.getValueAs(String.class);
      return NUMBER.matcher(value).matches()
          ? SqlLiteral.createExactNumeric(value, node.getParserPosition())
          : node;
    }
    return node;
  }
}
