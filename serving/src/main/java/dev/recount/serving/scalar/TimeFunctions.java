package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.sql.CalendarUnit;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import dev.recount.serving.sql.Truncation;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;

/** Writes functions of moments the way Pinot reads them. */
final class TimeFunctions {
  /** The functions that give the number of each unit. */
  static final Set<String> UNITS = Set.copyOf(CalendarUnit.labels());

  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(31);

  private TimeFunctions() {}

  static Scalar truncated(SqlCall call, Truncation cut, Scalar moment) {
    requireTime(call, moment);
    String zone = cut.isUtc() ? "" : ", 'MILLISECONDS', " + Quoted.text(cut.zone().getId());
    return new Scalar(
        "DATETRUNC('" + cut.unit().name() + "', " + moment.sql() + zone + ")",
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
