package dev.recount.serving.gateway;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.IndexKind;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.Merge;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewIndex;
import dev.recount.core.view.ViewPlan;
import java.util.List;
import java.util.Map;

/** View plans as the planner makes them. */
public final class Plans {
  private Plans() {}

  /** Hour, method and status; a measure of each kind. */
  public static ViewPlan traffic(String view) {
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
                    new StoredColumn("bytes__count", ColumnType.LONG, Merge.SUM),
                    new StoredColumn("bytes__carry", ColumnType.LONG, Merge.SUM))),
            new Measure(
                "min_bytes",
                MeasureKind.MIN,
                ColumnType.LONG,
                List.of(
                    new StoredColumn("min_bytes", ColumnType.LONG, Merge.MIN),
                    new StoredColumn("min_bytes__found", ColumnType.LONG, Merge.MAX))),
            new Measure(
                "max_bytes",
                MeasureKind.MAX,
                ColumnType.LONG,
                List.of(
                    new StoredColumn("max_bytes", ColumnType.LONG, Merge.MAX),
                    new StoredColumn("max_bytes__found", ColumnType.LONG, Merge.MAX))),
            new Measure(
                "avg_bytes",
                MeasureKind.AVERAGE,
                ColumnType.DOUBLE,
                List.of(
                    new StoredColumn("avg_bytes__sum", ColumnType.LONG, Merge.SUM),
                    new StoredColumn("avg_bytes__count", ColumnType.LONG, Merge.SUM),
                    new StoredColumn("avg_bytes__carry", ColumnType.LONG, Merge.SUM)))));
  }

  /** Method and how many requests, nothing more: for very many groups. */
  static ViewPlan counts(String view) {
    return new ViewPlan(
        view,
        1,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(new Dimension("method", ColumnType.STRING, true)),
        List.of(count("requests")));
  }

  /** What each user can do, as last said; text can be searched in it. */
  public static ViewPlan skills(String view) {
    return new ViewPlan(
        view,
        1,
        "profile_edit",
        "SELECT ...",
        Map.of(),
        List.of(new ViewIndex("skills", IndexKind.TEXT)),
        List.of(new Dimension("name", ColumnType.STRING, false)),
        List.of(
            new Measure(
                "skills",
                MeasureKind.MAX_BY,
                ColumnType.STRING,
                List.of(
                    new StoredColumn("skills", ColumnType.STRING, Merge.LAST_WITH_TIME),
                    new StoredColumn("skills__rank", ColumnType.LONG, Merge.MAX))),
            count("edits")),
        null);
  }

  /** {@link #traffic}, its hour being its time. */
  public static ViewPlan timed(String view) {
    ViewPlan plan = traffic(view);
    return new ViewPlan(
        view,
        plan.version(),
        plan.event(),
        plan.sql(),
        Map.of("time", "hour"),
        plan.indexes(),
        plan.dimensions(),
        plan.measures(),
        plan.join());
  }

  /** People by name and what they say of themselves, in which text can be searched. */
  static ViewPlan people(String view) {
    return new ViewPlan(
        view,
        1,
        "profile",
        "SELECT ...",
        Map.of(),
        List.of(new ViewIndex("bio", IndexKind.TEXT)),
        List.of(
            new Dimension("name", ColumnType.STRING, false),
            new Dimension("bio", ColumnType.STRING, true)),
        List.of(count("n")),
        null);
  }

  /** One of each kind of measure that {@link #traffic} has not. */
  public static ViewPlan others(String view) {
    return new ViewPlan(
        view,
        1,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(new Dimension("method", ColumnType.STRING, true)),
        List.of(
            of("n", MeasureKind.COUNT, ColumnType.LONG, ColumnType.LONG, Merge.SUM),
            of("large", MeasureKind.MAX, ColumnType.BOOLEAN, ColumnType.LONG, Merge.MAX),
            of("good", MeasureKind.MIN, ColumnType.BOOLEAN, ColumnType.LONG, Merge.MIN),
            of("day", MeasureKind.MAX, ColumnType.DATE, ColumnType.LONG, Merge.MAX),
            formula(
                "share",
                "(CAST(\"share__1\" AS DOUBLE) / CAST(\"share__2\" AS DOUBLE))",
                count("share__1"),
                count("share__2")),
            formula(
                "spread",
                "sqrt(recount_variance(\"spread__1\", \"spread__2\", \"spread__3\", 1))",
                count("spread__1"),
                sum("spread__2"),
                sum("spread__3")),
            of("times", MeasureKind.HLL, ColumnType.LONG, ColumnType.BYTES, Merge.HLL_UNION),
            of(
                "latency",
                MeasureKind.TDIGEST,
                ColumnType.DOUBLE,
                ColumnType.BYTES,
                Merge.TDIGEST_MERGE)));
  }

  /** A value at the latest and one at the earliest moment. */
  static ViewPlan ranked(String view) {
    return new ViewPlan(
        view,
        1,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(new Dimension("method", ColumnType.STRING, true)),
        List.of(
            of("n", MeasureKind.COUNT, ColumnType.LONG, ColumnType.LONG, Merge.SUM),
            new Measure(
                "last_page",
                MeasureKind.MAX_BY,
                ColumnType.STRING,
                List.of(
                    new StoredColumn("last_page", ColumnType.STRING, Merge.LAST_WITH_TIME),
                    new StoredColumn("last_page__rank", ColumnType.LONG, Merge.MAX))),
            new Measure(
                "first_time",
                MeasureKind.MIN_BY,
                ColumnType.TIMESTAMP,
                List.of(
                    new StoredColumn("first_time", ColumnType.LONG, Merge.FIRST_WITH_TIME),
                    new StoredColumn("first_time__rank", ColumnType.LONG, Merge.MIN)))));
  }

  /** Distinct visitors by hour, browser and status. */
  public static ViewPlan visitors(String view) {
    return new ViewPlan(
        view,
        1,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(
            new Dimension("hour", ColumnType.TIMESTAMP, false),
            new Dimension("browser", ColumnType.STRING, true),
            new Dimension("status", ColumnType.INT, true)),
        List.of(
            of("n", MeasureKind.COUNT, ColumnType.LONG, ColumnType.LONG, Merge.SUM),
            of("visitors", MeasureKind.THETA, ColumnType.LONG, ColumnType.BYTES, Merge.THETA_UNION),
            of("others", MeasureKind.THETA, ColumnType.LONG, ColumnType.BYTES, Merge.THETA_UNION)));
  }

  /** The least and the largest of strings. */
  public static ViewPlan texts(String view) {
    return new ViewPlan(
        view,
        1,
        "page_view",
        "SELECT ...",
        Map.of(),
        List.of(
            new Dimension("method", ColumnType.STRING, true),
            new Dimension("seen", ColumnType.TIMESTAMP, true)),
        List.of(
            of("n", MeasureKind.COUNT, ColumnType.LONG, ColumnType.LONG, Merge.SUM),
            of("least", MeasureKind.MIN, ColumnType.STRING, ColumnType.STRING, Merge.MIN),
            of("largest", MeasureKind.MAX, ColumnType.STRING, ColumnType.STRING, Merge.MAX)));
  }

  private static Measure of(
      String name, MeasureKind kind, ColumnType type, ColumnType stored, Merge merge) {
    return new Measure(name, kind, type, List.of(new StoredColumn(name, stored, merge)));
  }

  private static Measure count(String name) {
    return of(name, MeasureKind.COUNT, ColumnType.LONG, ColumnType.LONG, Merge.SUM);
  }

  private static Measure sum(String name) {
    return new Measure(
        name,
        MeasureKind.SUM,
        ColumnType.DOUBLE,
        List.of(
            new StoredColumn(name, ColumnType.DOUBLE, Merge.SUM),
            new StoredColumn(name + "__count", ColumnType.LONG, Merge.SUM)));
  }

  private static Measure formula(String name, String formula, Measure... inputs) {
    return new Measure(
        name,
        MeasureKind.FORMULA,
        ColumnType.DOUBLE,
        List.of(inputs).stream().flatMap(m -> m.parts().stream()).toList(),
        formula,
        List.of(inputs));
  }
}
