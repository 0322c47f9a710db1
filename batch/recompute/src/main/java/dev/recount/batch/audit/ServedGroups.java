package dev.recount.batch.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the gateway answers for a view, as far as it arrived before a moment. */
final class ServedGroups {
  private final GatewayClient gateway;
  private final int maxGroups;

  ServedGroups(GatewayClient gateway, int maxGroups) {
    this.gateway = gateway;
    this.maxGroups = maxGroups;
  }

  /** Group to the values of its measures, both in the order of the plan. */
  Map<List<Object>, List<Object>> merged(ViewPlan plan, long beforeMs) {
    return groups(plan, gateway.rows(sql(plan, "_arrived < " + beforeMs), "merged"));
  }

  /** The same of what speed had served of arrivals, whether batch covers them by now or not. */
  Map<List<Object>, List<Object>> deltas(ViewPlan plan, long fromMs, long untilMs) {
    String where = "_arrived >= " + fromMs + " AND _arrived < " + untilMs;
    return groups(plan, gateway.rows(sql(plan, where), "deltas"));
  }

  private Map<List<Object>, List<Object>> groups(ViewPlan plan, JsonNode rows) {
    if (rows.size() >= maxGroups) {
      throw RecountException.of(
          ErrorCode.TOO_MANY_GROUPS,
          "Cannot audit view '%s': it has at least %s groups, as many as "
              + "serving.max-limit allows; raise it",
          plan.shownName(),
          rows.size());
    }
    int dimensions = plan.dimensions().size();
    Map<List<Object>, List<Object>> groups = new HashMap<>();
    for (JsonNode row : rows) {
      List<Object> key = new ArrayList<>();
      for (int i = 0; i < dimensions; i++) {
        key.add(Values.ofJson(plan.dimensions().get(i).type(), row.get(i)));
      }
      List<Object> measures = new ArrayList<>();
      for (int i = 0; i < plan.measures().size(); i++) {
        measures.add(Values.ofJson(plan.measures().get(i).type(), row.get(dimensions + i)));
      }
      groups.put(key, measures);
    }
    return groups;
  }

  private String sql(ViewPlan plan, String where) {
    List<String> dimensions = plan.dimensions().stream().map(d -> quoted(d.name())).toList();
    String columns =
        Stream.concat(dimensions.stream(), plan.measures().stream().map(ServedGroups::measure))
            .collect(Collectors.joining(", "));
    String groupBy = dimensions.isEmpty() ? "" : " GROUP BY " + String.join(", ", dimensions);
    return "SELECT "
        + columns
        + " FROM "
        + quoted(plan.versionName())
        + " WHERE "
        + where
        + groupBy
        + " LIMIT "
        + maxGroups;
  }

  /** The sum of the view's first count in a mode; 0 if the view has none. */
  long events(ViewPlan plan, long beforeMs, String mode) {
    return plan.measures().stream()
        .filter(m -> m.kind() == MeasureKind.COUNT)
        .findFirst()
        .map(
            m ->
                gateway
                    .rows(
                        "SELECT "
                            + measure(m.name())
                            + " FROM "
                            + quoted(plan.versionName())
                            + " WHERE _arrived < "
                            + beforeMs,
                        mode)
                    .path(0)
                    .path(0)
                    .asLong())
        .orElse(0L);
  }

  /** Of a distribution, the median. */
  private static String measure(Measure measure) {
    return measure.kind() == MeasureKind.TDIGEST
        ? "MEASURE(" + quoted(measure.name()) + ", 50)"
        : measure(measure.name());
  }

  private static String measure(String name) {
    return "MEASURE(" + quoted(name) + ")";
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }
}
