package dev.recount.batch.segment;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.StoredColumn;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.sketch.SketchFunctions;
import java.util.stream.Stream;

/** The one row that only moves Pinot's time boundary: all NULL, and nothing to add up. */
public final class Sentinel {
  private Sentinel() {}

  public static Object[] row(ViewPlan plan) {
    return Stream.concat(
            plan.dimensions().stream().flatMap(d -> d.storedNull().stream()),
            plan.storedParts().map(Sentinel::nothing))
        .toArray();
  }

  private static Object nothing(StoredColumn part) {
    return part.type() == ColumnType.BYTES ? SketchFunctions.empty(part.merge()) : part.neutral();
  }
}
