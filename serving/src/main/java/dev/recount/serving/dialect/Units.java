package dev.recount.serving.dialect;

import java.util.Collection;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.util.SqlShuttle;

/** Reads what the parser takes for a unit of time, such as HOUR, as the column of that name. */
final class Units extends SqlShuttle {
  private final Collection<String> columns;

  Units(Collection<String> columns) {
    this.columns = columns;
  }

  @Override
  public SqlNode visit(SqlIntervalQualifier unit) {
    return columns.stream()
        .filter(c -> c.equalsIgnoreCase(unit.toString()))
        .findFirst()
        .<SqlNode>map(c -> new SqlIdentifier(c, unit.getParserPosition()))
        .orElse(unit);
  }
}
