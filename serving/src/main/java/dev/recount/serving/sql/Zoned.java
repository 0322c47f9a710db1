package dev.recount.serving.sql;

import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;

/** Has a query cut moments by the clocks of a zone where it says none. */
public final class Zoned extends SqlShuttle {
  private final ZoneId zone;

  private Zoned(ZoneId zone) {
    this.zone = zone;
  }

  /**
   * The query by the clocks of a zone.
   *
   * @throws dev.recount.error.RecountException QUERY_UNSUPPORTED if it asks for the hour, or
   *     another part, of a moment
   */
  public static SqlText in(SqlText query, ZoneId zone) {
    Zoned zoned = new Zoned(zone);
    return new SqlText(
        query.text(),
        query.view(),
        query.distinct(),
        (SqlNodeList) query.select().accept(zoned),
        query.where() == null ? null : query.where().accept(zoned),
        zoned.all(query.groupBy()),
        query.having() == null ? null : query.having().accept(zoned),
        zoned.all(query.orderBy()),
        query.limit(),
        query.offset(),
        query.warnings());
  }

  private List<SqlNode> all(List<SqlNode> nodes) {
    return nodes.stream().map(n -> n.accept(this)).toList();
  }

  @Override
  public SqlNode visit(SqlCall call) {
    if (Truncation.is(call) && call.operandCount() < 4) {
      SqlParserPos here = call.getParserPosition();
      return call.getOperator()
          .createCall(
              here,
              call.operand(0),
              call.<SqlNode>operand(1).accept(this),
              SqlLiteral.createCharString("MILLISECONDS", here),
              SqlLiteral.createCharString(zone.getId(), here));
    }
    String name = call.getOperator().getName().toLowerCase(Locale.ROOT);
    boolean isPart = call.getKind() == SqlKind.EXTRACT || CalendarUnit.named(name).isPresent();
    if (isPart) {
      throw QueryErrors.unsupported(
          call, "parts of moments are those of UTC; leave 'timezone' out, or group by date_trunc");
    }
    return call.getKind() == SqlKind.AS ? as(call) : super.visit(call);
  }

  private SqlNode as(SqlCall call) {
    return call.getOperator()
        .createCall(
            call.getParserPosition(), call.<SqlNode>operand(0).accept(this), call.operand(1));
  }
}
