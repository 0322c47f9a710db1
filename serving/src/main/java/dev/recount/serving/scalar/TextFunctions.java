package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.QueryErrors;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.fun.SqlTrimFunction;

/** Writes functions of texts the way Pinot reads them. */
final class TextFunctions {
  static final Set<String> NAMES = Set.of("lower", "upper", "trim", "length");

  private static final BigInteger LONGEST_TEXT = BigInteger.ONE.shiftLeft(31);

  /** What Pinot counts as two characters and SQL as one. */
  private static final String SUPPLEMENTARY = "[\\x{10000}-\\x{10FFFF}]";

  private TextFunctions() {}

  static Scalar of(SqlCall call, String name, Scalar argument) {
    if (argument.type() != ColumnType.STRING) {
      throw QueryErrors.unsupported(call, "it needs a STRING, found " + argument.type());
    }
    String text = argument.sql();
    String sql =
        switch (name) {
          case "trim" -> "TRIM(BOTH ' ' FROM " + text + ")";
          case "length" ->
              "LENGTH(REGEXPREPLACE(%s, '%s', '_'))"
                  .formatted(Stored.withoutEscapes(text), SUPPLEMENTARY);
          default -> name.toUpperCase(Locale.ROOT) + "(" + text + ")";
        };
    return name.equals("length")
        ? new Scalar(
            sql,
            ColumnType.LONG,
            argument.dimensions(),
            null,
            LONGEST_TEXT,
            Scalar.Form.LONG,
            argument.defined())
        : new Scalar(sql, ColumnType.STRING, argument.dimensions(), null);
  }

  /** What is trimmed: of blanks alone, as in SQL; Pinot's own takes all that is not printed. */
  static SqlNode trimmed(SqlCall call) {
    List<SqlNode> operands = call.getOperandList();
    boolean isPlain =
        operands.size() == 3
            && operands.get(0) instanceof SqlLiteral side
            && side.getValue() == SqlTrimFunction.Flag.BOTH
            && (operands.get(1) == null
                || Constants.isConstant(operands.get(1))
                    && " ".equals(Constants.value(operands.get(1))));
    if (!isPlain) {
      throw QueryErrors.unsupported(call, "write TRIM(column), which takes blanks from both ends");
    }
    return operands.get(2);
  }
}
