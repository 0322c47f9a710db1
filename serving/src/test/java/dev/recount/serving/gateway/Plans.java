package dev.recount.serving.gateway;

import dev.recount.contract.view.ColumnType;
import dev.recount.contract.view.Dimension;
import dev.recount.contract.view.Measure;
import dev.recount.contract.view.MeasureKind;
import dev.recount.contract.view.Merge;
import dev.recount.contract.view.StoredColumn;
import dev.recount.contract.view.ViewPlan;
import java.util.List;
import java.util.Map;

/** View plans as the planner makes them. */
final class Plans {
  private Plans() {}

  /** Hour, method and status; a measure of each kind. */
  static ViewPlan traffic(String view) {
    return new ViewPlan(
        view,
        1,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(
            new Dimension("hour", ColumnType.TIMESTAMP, false),
            new Dimension("method", ColumnType.STRING, true),
            new Dimension("status", ColumnType.INT, true)),
        List.of(
            new Measure(
                "requests",
                MeasureKind.COUNT,
                ColumnType.LONG,
                List.of(new StoredColumn("requests", ColumnType.LONG, Merge.SUM))),
            new Measure(
                "bytes",
                MeasureKind.SUM,
                ColumnType.LONG,
                List.of(
                    new StoredColumn("bytes", ColumnType.LONG, Merge.SUM),
                    new StoredColumn("bytes__count", ColumnType.LONG, Merge.SUM))),
            new Measure(
                "min_bytes",
                MeasureKind.MIN,
                ColumnType.LONG,
                List.of(new StoredColumn("min_bytes", ColumnType.LONG, Merge.MIN))),
            new Measure(
                "max_bytes",
                MeasureKind.MAX,
                ColumnType.LONG,
                List.of(new StoredColumn("max_bytes", ColumnType.LONG, Merge.MAX))),
            new Measure(
                "avg_bytes",
                MeasureKind.AVERAGE,
                ColumnType.DOUBLE,
                List.of(
                    new StoredColumn("avg_bytes__sum", ColumnType.LONG, Merge.SUM),
                    new StoredColumn("avg_bytes__count", ColumnType.LONG, Merge.SUM)))));
  }
}
