package dev.recount.core.view;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A view version as all layers see it: what the planner read from the analysed SQL. Kept as JSON in
 * the catalog.
 *
 * @param event the one event type it counts
 * @param sql the text of the SELECT, without the header
 * @param header the {@code -- @key value} lines that may be there once
 * @param indexes the {@code -- @index} lines
 * @param join the state that it looks up for each event; null if it reads the event alone
 * @param rowCounts the measures that count every event of a group, as {@code count(*)} does; null
 *     of a plan from before this was known
 */
public record ViewPlan(
    String view,
    int version,
    String event,
    String sql,
    Map<String, String> header,
    List<ViewIndex> indexes,
    List<Dimension> dimensions,
    List<Measure> measures,
    ViewJoin join,
    List<String> rowCounts) {
  /** The header line that names the measure that {@code COUNT(*)} in a query means. */
  public static final String COUNT = "count";

  public ViewPlan {
    header = Map.copyOf(header);
    indexes = indexes == null ? List.of() : List.copyOf(indexes);
    dimensions = List.copyOf(dimensions);
    measures = List.copyOf(measures);
    rowCounts = rowCounts == null ? null : List.copyOf(rowCounts);
  }

  /** A view of which it is not known which measures count every event. */
  public ViewPlan(
      String view,
      int version,
      String event,
      String sql,
      Map<String, String> header,
      List<ViewIndex> indexes,
      List<Dimension> dimensions,
      List<Measure> measures,
      ViewJoin join) {
    this(view, version, event, sql, header, indexes, dimensions, measures, join, null);
  }

  /** A view that reads its event alone and asks for no index. */
  public ViewPlan(
      String view,
      int version,
      String event,
      String sql,
      Map<String, String> header,
      List<Dimension> dimensions,
      List<Measure> measures) {
    this(view, version, event, sql, header, List.of(), dimensions, measures, null);
  }

  /** The events that it reads: the one that it counts, then the one whose state it looks up. */
  @JsonIgnore
  public List<String> events() {
    return join == null ? List.of(event) : List.of(event, join.state());
  }

  /** The physical table: {@code <view>_v<version>}. */
  @JsonIgnore
  public String table() {
    return table(view, version);
  }

  /** The physical table of a view's version. */
  public static String table(String view, int version) {
    return view + "_v" + version;
  }

  /** The name by which this version alone can be asked: {@code <view>@<version>}. */
  @JsonIgnore
  public String versionName() {
    return versionName(view, version);
  }

  /** The same of any view. */
  public static String versionName(String view, int version) {
    return view + "@" + version;
  }

  /** As people read it: a version is named if it is not the first. */
  @JsonIgnore
  public String shownName() {
    return version == 1 ? view : versionName();
  }

  /** The field of the event whose every value counts once ({@code -- @distinct FIELD}). */
  @JsonIgnore
  public Optional<String> distinct() {
    return Optional.ofNullable(header.get("distinct"));
  }

  /** The dimension that is the view's time ({@code -- @time COLUMN}). */
  @JsonIgnore
  public Optional<String> time() {
    return Optional.ofNullable(header.get("time"));
  }

  /**
   * The measure that {@code COUNT(*)} in a query means: the only one that counts every event, else
   * the one that {@code -- @count MEASURE} names.
   */
  @JsonIgnore
  public Optional<String> rowCount() {
    return rowCounts != null && rowCounts.size() == 1
        ? Optional.of(rowCounts.get(0))
        : Optional.ofNullable(header.get(COUNT));
  }

  /** How the dimensions are in Pinot and in the lake, in order. */
  @JsonIgnore
  public Stream<DimensionColumn> dimensionColumns() {
    return dimensions.stream().flatMap(d -> d.columns().stream());
  }

  @JsonIgnore
  public Stream<StoredColumn> storedParts() {
    return measures.stream().flatMap(m -> m.parts().stream());
  }

  public Optional<Measure> measure(String name) {
    return measures.stream().filter(m -> m.name().equals(name)).findFirst();
  }

  public Optional<Dimension> dimension(String name) {
    return dimensions.stream().filter(d -> d.name().equals(name)).findFirst();
  }

  /** Whether a column, or the value of a measure, has an index of this kind that was asked for. */
  public boolean hasIndex(String column, IndexKind kind) {
    return indexes.contains(new ViewIndex(column, kind));
  }

  /** The stored column that holds the text of a column: a dimension's own, or a measure's part. */
  public Optional<String> textColumn(String column) {
    if (dimension(column).isPresent()) {
      return dimension(column).filter(d -> d.type() == ColumnType.STRING).map(Dimension::name);
    }
    return measure(column).stream()
        .flatMap(m -> m.parts().stream())
        .filter(p -> p.type() == ColumnType.STRING)
        .map(StoredColumn::name)
        .findFirst();
  }

  public ViewPlan withHeader(Map<String, String> newHeader) {
    return new ViewPlan(
        view, version, event, sql, newHeader, indexes, dimensions, measures, join, rowCounts);
  }

  public ViewPlan withVersion(int newVersion) {
    return new ViewPlan(
        view, newVersion, event, sql, header, indexes, dimensions, measures, join, rowCounts);
  }
}
