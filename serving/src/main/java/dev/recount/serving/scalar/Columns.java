package dev.recount.serving.scalar;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import dev.recount.serving.sql.QueryErrors;
import dev.recount.serving.sql.SqlNodes;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlIntervalQualifier;
import org.apache.calcite.sql.SqlNode;

/** The columns of a view that its rows have, by the names in a query. */
public record Columns(ViewPlan plan) {
  /** The dimension or {@code _arrived} of a name; a measure or an unknown name is an error. */
  public Dimension dimension(SqlIdentifier identifier) {
    String name = SqlNodes.column(identifier);
    if (name.equals(StoredColumn.ARRIVED)) {
      return new Dimension(name, ColumnType.LONG, false);
    }
    if (plan.measure(name).isPresent()) {
      throw QueryErrors.unsupported(
          identifier,
          "it is a measure, which has a value for a group, not for a row; write MEASURE("
              + name
              + ") in SELECT, HAVING or ORDER BY");
    }
    return plan.dimension(name)
        .orElseThrow(() -> QueryErrors.unknownColumn(name, plan.view(), names()));
  }

  /** A dimension that text can be searched in. */
  Dimension textColumn(SqlNode call, SqlIdentifier identifier) {
    String name = SqlNodes.column(identifier);
    if (plan.measure(name).isPresent()) {
      throw QueryErrors.unsupported(
          call,
          String.format(
              "'%s' is a measure, which has a value for a group, not for a row; write HAVING "
                  + "TEXT_MATCH(MEASURE(%s), '...')",
              name, name));
    }
    Dimension dimension = dimension(identifier);
    requireTextIndex(call, name);
    return dimension;
  }

  private void requireTextIndex(SqlNode call, String column) {
    if (!plan.hasIndex(column, IndexKind.TEXT)) {
      List<String> indexed =
          plan.indexes().stream()
              .filter(i -> i.kind() == IndexKind.TEXT)
              .map(ViewIndex::column)
              .toList();
      throw QueryErrors.unsupported(
          call,
          "'"
              + column
              + "' has no text index"
              + (indexed.isEmpty() ? "" : " (" + String.join(", ", indexed) + " has)")
              + "; add the line -- @index "
              + column
              + " text to the view and apply it, or write LIKE");
    }
  }

  /** All names that a query of the view can use. */
  public List<String> names() {
    return Stream.concat(
            plan.dimensions().stream().map(Dimension::name),
            plan.measures().stream().map(m -> m.name()))
        .toList();
  }

  /** A column named like a unit of time (hour, day) is read as the unit inside some functions. */
  SqlIdentifier columnNamedLike(SqlIntervalQualifier unit) {
    String name =
        names().stream()
            .filter(n -> n.equalsIgnoreCase(unit.toString()))
            .findFirst()
            .orElse(unit.toString().toLowerCase(Locale.ROOT));
    return new SqlIdentifier(name, unit.getParserPosition());
  }
}
