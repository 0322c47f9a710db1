package dev.recount.serving.sql;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;

/**
 * A call of {@code date_trunc}: a moment that is cut to a unit, by the clocks of a zone.
 *
 * @param moment what is cut
 */
public record Truncation(CalendarUnit unit, SqlNode moment, ZoneId zone) {
  private static final Set<String> NAMES = Set.of("date_trunc", "datetrunc");
  private static final String MILLISECONDS = "MILLISECONDS";

  /** Whether a node is such a call. */
  public static boolean is(SqlNode node) {
    return node instanceof SqlCall call
        && NAMES.contains(AggregateCalls.name(call))
        && call.operandCount() >= 2
        && call.operandCount() <= 4;
  }

  /**
   * {@code date_trunc('DAY', x)}, or as Pinot has it {@code date_trunc('DAY', x, 'MILLISECONDS',
   * 'Europe/Berlin')}.
   *
   * @throws dev.recount.error.RecountException QUERY_UNSUPPORTED
   */
  public static Truncation of(SqlCall call) {
    List<SqlNode> operands = call.getOperandList();
    CalendarUnit unit =
        CalendarUnit.named(text(operands.get(0)))
            .orElseThrow(
                () ->
                    QueryErrors.unsupported(
                        call, "the unit must be one of " + CalendarUnit.labels()));
    if (operands.size() > 2 && !text(operands.get(2)).equalsIgnoreCase(MILLISECONDS)) {
      throw QueryErrors.unsupported(call, "moments are of 'MILLISECONDS'");
    }
    ZoneId zone = operands.size() > 3 ? zone(call, text(operands.get(3))) : ZoneOffset.UTC;
    return new Truncation(unit, operands.get(1), zone);
  }

  private static String text(SqlNode node) {
    return node instanceof SqlLiteral literal
        ? String.valueOf(Literals.value(literal))
        : String.valueOf(node);
  }

  private static ZoneId zone(SqlCall call, String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw QueryErrors.unsupported(
          call, "there is no time zone '" + name + "'; write one such as 'Europe/Berlin'");
    }
  }

  public boolean isUtc() {
    return zone.getRules().equals(ZoneOffset.UTC.getRules());
  }
}
