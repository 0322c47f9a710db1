package dev.recount.planner.table;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.core.view.ColumnType;
import dev.recount.core.view.DimensionColumn;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.core.view.WideSum;
import java.util.List;
import java.util.stream.Stream;

/**
 * The star-tree of a view's batch segments, asked for by {@code -- @star-tree COLUMN, ...}: sums in
 * advance for queries that filter and group by no other dimensions than these.
 */
public final class StarTree {
  public static final String KEY = "star-tree";

  /** Pinot's own default. */
  private static final int MOST_LEAF_ROWS = 10_000;

  private StarTree() {}

  /** The dimensions, in the order in which the tree splits by them; none if there is no tree. */
  public static List<String> dimensions(ViewPlan plan) {
    String value = plan.header().get(KEY);
    return value == null ? List.of() : List.of(value.strip().split("\\s*,\\s*"));
  }

  /** What it holds: Pinot's function and the column of a part, such as {@code SUM__requests}. */
  public static List<String> pairs(ViewPlan plan) {
    return plan.storedParts().flatMap(StarTree::pairs).distinct().toList();
  }

  private static Stream<String> pairs(StoredColumn part) {
    if (part.name().endsWith(WideSum.SUFFIX)) {
      return Stream.of(); // It is asked for only where sums must be exact, which a tree's are not.
    }
    String name = "__" + part.name();
    return switch (part.merge()) {
      // The gateway asks for the least value too, to see whether a sum of either sign is exact.
      case SUM ->
          part.type() == ColumnType.DOUBLE
              ? Stream.of("SUM" + name)
              : Stream.of("SUM" + name, "MIN" + name);
      case MIN, MAX ->
          part.type() == ColumnType.STRING ? Stream.of() : Stream.of(part.merge() + name);
      case HLL_UNION -> Stream.of("DISTINCTCOUNTHLL" + name);
      case TDIGEST_MERGE -> Stream.of("PERCENTILETDIGEST" + name);
      default -> Stream.of();
    };
  }

  /** Adds it to the index settings of a table, if the view asks for one. */
  static void add(ObjectNode index, ViewPlan plan) {
    List<String> dimensions = dimensions(plan);
    if (dimensions.isEmpty()) {
      return;
    }
    index.put("enableDynamicStarTreeCreation", true);
    ObjectNode tree = index.putArray("starTreeIndexConfigs").addObject();
    ArrayNode order = tree.putArray("dimensionsSplitOrder");
    dimensions.stream()
        .flatMap(name -> plan.dimension(name).orElseThrow().columns().stream())
        .filter(DimensionColumn::isKey)
        .forEach(column -> order.add(column.name()));
    ArrayNode held = tree.putArray("functionColumnPairs");
    pairs(plan).forEach(held::add);
    tree.put("maxLeafRecords", MOST_LEAF_ROWS);
  }
}
