package dev.recount.serving.gateway;

import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlCharStringLiteral;
import org.apache.calcite.sql.SqlIdentifier;

/** A {@code TEXT_MATCH(column, 'query')} in WHERE. */
record TextMatch(SqlIdentifier column, TextQuery query) {
  static final String FUNCTION = "TEXT_MATCH";

  static TextMatch of(SqlCall call) {
    if (call.operandCount() == 2
        && call.operand(0) instanceof SqlIdentifier column
        && call.operand(1) instanceof SqlCharStringLiteral text) {
      return new TextMatch(column, TextQuery.parse(text.getValueAs(String.class)));
    }
    throw QueryErrors.unsupported(
        call, "write TEXT_MATCH(column, 'query'), the query in Lucene's syntax, in quotes");
  }
}
