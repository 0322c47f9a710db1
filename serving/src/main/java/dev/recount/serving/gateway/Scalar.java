package dev.recount.serving.gateway;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import java.util.Set;

/**
 * An expression over dimensions that Pinot computes for each stored row.
 *
 * @param sql as Pinot reads it
 * @param dimensions those it reads
 * @param column the dimension where the expression is nothing but one; else null
 */
record Scalar(String sql, ColumnType type, Set<Dimension> dimensions, Dimension column) {}
