package dev.recount.serving.dialect;

import dev.recount.serving.sql.Literals;
import dev.recount.serving.sql.QueryErrors;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.util.SqlShuttle;

/**
 * Reads {@code now()} and {@code ago('PT1H')} as the milliseconds that they are, and leaves out the
 * CAST of a value to a TIMESTAMP, which it is beside one.
 */
final class Clocks extends SqlShuttle {
  private static final Set<String> NOW = Set.of("now", "current_timestamp");

  private final Instant now;

  Clocks(Instant now) {
    this.now = now;
  }

  @Override
  public SqlNode visit(SqlCall call) {
    String name = call.getOperator().getName().toLowerCase(Locale.ROOT);
    if (NOW.contains(name) && call.operandCount() == 0) {
      return milliseconds(call, now.toEpochMilli());
    }
    if (name.equals("ago") && call.operandCount() == 1) {
      return milliseconds(call, before(call));
    }
    boolean isMoment =
        call.getKind() == SqlKind.CAST
            && Literals.isLiteral(call.operand(0))
            && "TIMESTAMP".equalsIgnoreCase(String.valueOf(call.<SqlNode>operand(1)));
    return isMoment ? call.operand(0) : super.visit(call);
  }

  private long before(SqlCall call) {
    SqlNode period = call.operand(0);
    if (!(period instanceof SqlCharStringLiteral text)) {
      throw unreadable(call, null);
    }
    String said = String.valueOf(Literals.value(text)).toUpperCase(Locale.ROOT);
    try {
      boolean isTime = said.contains("T") || said.endsWith("D");
      ZonedDateTime moment = now.atZone(ZoneOffset.UTC);
      return (isTime ? moment.minus(Duration.parse(said)) : moment.minus(Period.parse(said)))
          .toInstant()
          .toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw unreadable(call, e);
    }
  }

  private static RuntimeException unreadable(SqlCall call, Exception cause) {
    RuntimeException problem =
        QueryErrors.unsupported(call, "it needs a period such as 'PT1H' (an hour) or 'P7D'");
    if (cause != null) {
      problem.addSuppressed(cause);
    }
    return problem;
  }

  private static SqlNode milliseconds(SqlCall call, long moment) {
    return SqlLiteral.createExactNumeric(String.valueOf(moment), call.getParserPosition());
  }
}
