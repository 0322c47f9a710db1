package dev.recount.serving.dialect;

import dev.recount.serving.sql.SqlNodes;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelectKeyword;

/** The names of columns of an answer, as Pinot gives them. */
final class PinotNames {
  /** How a node was written. */
  private final Function<SqlNode, String> source;

  PinotNames(Function<SqlNode, String> source) {
    this.source = source;
  }

  /** The name of a column of the SELECT list, which is no star. */
  String of(SqlNode item) {
    if (item.getKind() == SqlKind.AS) {
      return ((SqlIdentifier) ((SqlCall) item).operand(1)).getSimple();
    }
    if (item instanceof SqlIdentifier identifier) {
      return SqlNodes.column(identifier);
    }
    if (SqlNodes.isCall(item, SqlNodes.MEASURE)
        && ((SqlCall) item).operandCount() == 1
        && ((SqlCall) item).operand(0) instanceof SqlIdentifier measure) {
      return SqlNodes.column(measure);
    }
    boolean isAggregate =
        item instanceof SqlCall call
            && Merges.isAggregate(call)
            && !SqlNodes.isCall(call, SqlNodes.MEASURE);
    return isAggregate ? aggregate((SqlCall) item) : source.apply(item);
  }

  /** {@code sum(requests)}, {@code count(*)}, {@code percentiletdigest(latency,95)}. */
  private String aggregate(SqlCall call) {
    SqlLiteral quantifier = call.getFunctionQuantifier();
    boolean isDistinct = quantifier != null && quantifier.getValue() == SqlSelectKeyword.DISTINCT;
    String name = call.getOperator().getName().toLowerCase(Locale.ROOT);
    return (isDistinct && name.equals("count") ? "distinctcount" : name)
        + call.getOperandList().stream()
            .map(this::argument)
            .collect(Collectors.joining(",", "(", ")"));
  }

  private String argument(SqlNode node) {
    if (node instanceof SqlIdentifier identifier) {
      return identifier.isStar() ? "*" : SqlNodes.column(identifier);
    }
    return source.apply(node);
  }
}
