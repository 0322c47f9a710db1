package dev.recount.serving.bind;

import dev.recount.core.view.Dimension;
import dev.recount.serving.scalar.Scalar;
import dev.recount.serving.sql.QueryErrors;
import java.util.Set;
import org.apache.calcite.sql.SqlNode;

/**
 * The dimensions that WHERE keeps from being NULL. NULL is a code in Pinot, which functions would
 * take for a value.
 */
record NeverNull(Set<Dimension> dimensions) {
  /**
   * Refuses what cannot be grouped by or counted: a value alone, or what can be NULL in between.
   */
  void requireGroupable(SqlNode node, Scalar scalar) {
    if (scalar.dimensions().isEmpty()) {
      throw QueryErrors.unsupported(
          node, "it is the same value for all rows; leave it out, or name a column");
    }
    if (scalar.column() == null) {
      requireDefined(node, scalar);
    }
  }

  /** Refuses what can be NULL. */
  void requireDefined(SqlNode node, Scalar scalar) {
    for (Dimension dimension : scalar.dimensions()) {
      if (dimension.nullable() && !dimensions.contains(dimension)) {
        throw QueryErrors.unsupported(
            node,
            "'%s' can be NULL; add AND %s IS NOT NULL to WHERE"
                .formatted(dimension.name(), dimension.name()));
      }
    }
    if (!scalar.defined().isEmpty()) {
      throw QueryErrors.unsupported(
          node, "it can divide by zero, which is NULL; divide by a value, or in the view");
    }
  }
}
