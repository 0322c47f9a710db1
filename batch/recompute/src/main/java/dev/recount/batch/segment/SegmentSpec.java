package dev.recount.batch.segment;

import dev.recount.core.view.DimensionColumn;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a task needs to know to build segments of a view.
 *
 * @param columns the view's columns, in the order of a computed row
 * @param folder where finished segments go, a Hadoop path
 */
public record SegmentSpec(
    String table,
    String runId,
    String tableJson,
    String schemaJson,
    ArrayList<String> columns,
    long arrivedMs,
    String folder)
    implements Serializable {

  public static SegmentSpec of(
      ViewPlan plan,
      String runId,
      String tableJson,
      String schemaJson,
      long arrivedMs,
      String folder) {
    return new SegmentSpec(
        plan.table(), runId, tableJson, schemaJson, columnsOf(plan), arrivedMs, folder);
  }

  private static ArrayList<String> columnsOf(ViewPlan plan) {
    List<String> names =
        Stream.concat(
                plan.dimensionColumns().map(DimensionColumn::name),
                plan.storedParts().map(StoredColumn::name))
            .toList();
    return new ArrayList<>(names);
  }

  public SegmentSpec withArrived(long otherArrivedMs) {
    return new SegmentSpec(table, runId, tableJson, schemaJson, columns, otherArrivedMs, folder);
  }
}
