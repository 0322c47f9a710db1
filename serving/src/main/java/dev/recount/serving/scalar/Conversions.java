package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.serving.expression.Constants;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.Quoted;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlDataTypeSpec;
import org.apache.calcite.sql.SqlNode;

/**
 * Writes what turns moments into numbers and texts. Buckets are rounded down, before 1970 too,
 * where Pinot's own functions round towards 1970.
 */
final class Conversions {
  /** Pinot's functions of one moment that count units since 1970. */
  static final Map<String, String> EPOCHS =
      Map.of(
          "toepochseconds", "SECONDS",
          "toepochminutes", "MINUTES",
          "toepochhours", "HOURS",
          "toepochdays", "DAYS");

  static final String CONVERT = "datetimeconvert";

  private static final Pattern PATTERN =
      Pattern.compile("(?i)1:[A-Z]+:SIMPLE_DATE_FORMAT:[A-Za-z0-9 \\-_/:.,'()]{1,60}");

  private static final Set<String> MOMENTS = Set.of("TIMESTAMP");
  private static final Set<String> WHOLE = Set.of("BIGINT", "LONG", "INTEGER", "INT");
  private static final Set<String> TEXTS = Set.of("VARCHAR", "STRING", "CHAR");
  private static final Set<String> DOUBLES = Set.of("DOUBLE", "FLOAT");

  private Conversions() {}

  /** {@code DATETIMECONVERT(column, input format, output format, granularity)}. */
  static Scalar converted(SqlCall call, Scalar time) {
    String input = text(call, 1);
    String output = text(call, 2);
    TimeUnits granularity = TimeUnits.of(call, text(call, 3));
    TimeUnits in = TimeUnits.of(call, input);
    requireTime(call, time, in);
    if (PATTERN.matcher(output).matches()) {
      return new Scalar(
          "DATETIMECONVERT(%s, '1:MILLISECONDS:EPOCH', %s, '%s:MILLISECONDS')"
              .formatted(ofMs(time, in), Quoted.text(output), granularity.ms()),
          ColumnType.STRING,
          time.dimensions(),
          null);
    }
    TimeUnits out = TimeUnits.of(call, output);
    boolean isMoment = output.toUpperCase(Locale.ROOT).contains("TIMESTAMP");
    if (isMoment && out.ms() != 1) {
      throw QueryErrors.unsupported(call, "a TIMESTAMP is of milliseconds");
    }
    String bucket = bucket(ofMs(time, in), granularity.ms());
    String sql = out.ms() == 1 ? bucket : "FLOOR(" + bucket + " / " + out.ms() + ")";
    return whole(sql, isMoment ? ColumnType.TIMESTAMP : ColumnType.LONG, time);
  }

  /** How many of a unit a moment is after 1970. */
  static Scalar epoch(SqlCall call, String function, Scalar time) {
    requireTime(call, time, new TimeUnits(1));
    long ms = TimeUnits.MS.get(EPOCHS.get(function));
    return whole("FLOOR(" + time.sql() + " / " + ms + ")", ColumnType.LONG, time);
  }

  /** Pinot's {@code ROUND(moment, milliseconds)}, which rounds down to a multiple. */
  static Scalar rounded(SqlCall call, Scalar time) {
    Object size = Constants.isConstant(call.operand(1)) ? Constants.value(call.operand(1)) : null;
    if (!(size instanceof Long ms) || ms < 1) {
      throw QueryErrors.unsupported(
          call, "it rounds a moment to a number of milliseconds, such as 300000");
    }
    requireTime(call, time, new TimeUnits(1));
    return whole(bucket(time.sql(), ms), ColumnType.LONG, time);
  }

  private static String ofMs(Scalar time, TimeUnits in) {
    return in.ms() == 1 ? time.sql() : "(" + time.sql() + " * " + in.ms() + ")";
  }

  private static String bucket(String ms, long size) {
    return size == 1 ? ms : "(FLOOR(" + ms + " / " + size + ") * " + size + ")";
  }

  /** Computed as a DOUBLE, which holds the milliseconds of 285,000 years. */
  private static Scalar whole(String sql, ColumnType type, Scalar of) {
    return new Scalar("CAST(" + sql + " AS LONG)", type, of.dimensions(), null);
  }

  private static void requireTime(SqlCall call, Scalar time, TimeUnits unit) {
    boolean isMoment = time.type() == ColumnType.TIMESTAMP && unit.ms() == 1;
    boolean isTime = isMoment || time.type() == ColumnType.LONG || time.type() == ColumnType.INT;
    if (!isTime || time.form() != Scalar.Form.LONG || time.dimensions().isEmpty()) {
      throw QueryErrors.unsupported(
          call,
          "it needs a TIMESTAMP, which is of the format '1:MILLISECONDS:EPOCH', or a whole number, "
              + "found "
              + time.type());
    }
  }

  private static String text(SqlCall call, int index) {
    SqlNode node = call.operand(index);
    Object value = Constants.isConstant(node) ? Constants.value(node) : null;
    if (!(value instanceof String text)) {
      throw QueryErrors.unsupported(
          call, "write DATETIMECONVERT(column, '1:MILLISECONDS:EPOCH', '...', '1:HOURS')");
    }
    return text;
  }

  /** A CAST between what is stored alike. */
  static Scalar cast(SqlCall call, Scalar value) {
    String type =
        ((SqlDataTypeSpec) call.operand(1)).getTypeName().toString().toUpperCase(Locale.ROOT);
    ColumnType to =
        MOMENTS.contains(type)
            ? ColumnType.TIMESTAMP
            : WHOLE.contains(type)
                ? ColumnType.LONG
                : TEXTS.contains(type)
                    ? ColumnType.STRING
                    : DOUBLES.contains(type) ? ColumnType.DOUBLE : null;
    boolean isSame = value.type() == to || value.isWhole() && to == ColumnType.LONG;
    if (isSame) {
      return value;
    }
    boolean isAlike =
        to == ColumnType.LONG && value.type() == ColumnType.TIMESTAMP
            || to == ColumnType.TIMESTAMP && value.isWhole();
    if (!isAlike || value.form() == Scalar.Form.BIG_DECIMAL) {
      throw QueryErrors.unsupported(
          call,
          "a "
              + value.type()
              + " is not cast here; casts go between TIMESTAMP and BIGINT, or to the type that it"
              + " has");
    }
    return new Scalar(value.asWhole(), to, value.dimensions(), null);
  }
}
