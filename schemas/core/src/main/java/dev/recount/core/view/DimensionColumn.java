package dev.recount.core.view;

/**
 * A column as it is in Pinot and in the lake: the values of a dimension, or a part of them.
 *
 * @param type STRING, LONG, INT or DOUBLE
 * @param isKey whether rows are told apart by it; what is not a key follows from the columns that
 *     are
 */
public record DimensionColumn(String name, ColumnType type, boolean isKey) {}
