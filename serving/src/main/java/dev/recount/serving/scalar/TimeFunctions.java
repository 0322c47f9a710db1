package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;

/** Writes functions of moments the way Pinot reads them. */
final class TimeFunctions {
  /** The units that a moment is cut to, and the functions that give the number of each. */
  static final Set<String> UNITS =
      Set.of("second", "minute", "hour", "day", "week", "month", "quarter", "year");

  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(31);

  private TimeFunctions() {}

  static Scalar truncated(SqlCall call, SqlNode unit, Scalar moment) {
    String name =
        (unit instanceof SqlLiteral literal
                ? String.valueOf(Literals.value(literal))
                : unit.toString())
            .toLowerCase(Locale.ROOT);
    if (!UNITS.contains(name)) {
      throw QueryErrors.unsupported(
          call, "the unit must be one of " + UNITS.stream().sorted().toList());
    }
    requireTime(call, moment);
    return new Scalar(
        "DATETRUNC('" + name.toUpperCase(Locale.ROOT) + "', " + moment.sql() + ")",
        moment.type(),
        moment.dimensions(),
        null);
  }

  static Scalar part(SqlCall call, String part, Scalar moment) {
    String name = part.toLowerCase(Locale.ROOT);
    if (!UNITS.contains(name)) {
      throw QueryErrors.unsupported(
          call, "the part must be one of " + UNITS.stream().sorted().toList());
    }
    requireTime(call, moment);
    return new Scalar(
        name.toUpperCase(Locale.ROOT) + "(" + moment.sql() + ")",
        ColumnType.LONG,
        moment.dimensions(),
        null,
        MOST,
        Scalar.Form.LONG,
        List.of());
  }

  private static void requireTime(SqlCall call, Scalar argument) {
    boolean isMoment =
        argument.type() == ColumnType.TIMESTAMP || argument.type() == ColumnType.LONG;
    if (!isMoment || argument.form() != Scalar.Form.LONG || argument.dimensions().isEmpty()) {
      throw QueryErrors.unsupported(call, "it needs a TIMESTAMP, found " + argument.type());
    }
  }
}
