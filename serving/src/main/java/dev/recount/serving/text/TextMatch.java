package dev.recount.serving.text;

import dev.recount.serving.sql.QueryErrors;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlNode;

/** A {@code TEXT_MATCH(text, 'query')}. */
public record TextMatch(SqlNode text, TextQuery query) {
  public static final String FUNCTION = "TEXT_MATCH";

  public static TextMatch of(SqlCall call) {
    if (call.operandCount() == 2 && call.operand(1) instanceof SqlCharStringLiteral query) {
      return new TextMatch(call.operand(0), TextQuery.parse(query.getValueAs(String.class)));
    }
    throw form(call);
  }

  public static RuntimeException form(SqlCall call) {
    return QueryErrors.unsupported(
        call, "write TEXT_MATCH(column, 'query'), the query in Lucene's syntax, in quotes");
  }
}
