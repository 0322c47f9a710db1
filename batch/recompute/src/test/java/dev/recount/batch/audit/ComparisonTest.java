package dev.recount.batch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.ColumnType;
import dev.recount.core.view.Dimension;
import dev.recount.core.view.Measure;
import dev.recount.core.view.MeasureKind;
import dev.recount.core.view.ViewPlan;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  private static final ViewPlan PLAN =
      new ViewPlan(
          "hits",
          1,
          "page_view",
          "SELECT",
          Map.of(),
          List.of(new Dimension("browser", ColumnType.STRING, true)),
          List.of(
              new Measure("views", MeasureKind.COUNT, ColumnType.LONG, List.of()),
              new Measure("mean", MeasureKind.AVERAGE, ColumnType.DOUBLE, List.of())));

  @Test
  void equalGroups_rounding_andNulls_doNotDiffer() {
    Map<List<Object>, List<Object>> served = new HashMap<>();
    served.put(key("Firefox"), List.of(3L, 0.1 + 0.2));
    served.put(key(null), Arrays.asList(1L, null));
    Map<List<Object>, List<Object>> recounted = new HashMap<>();
    recounted.put(key("Firefox"), List.of(3L, 0.3));
    recounted.put(key(null), Arrays.asList(1L, null));

    assertThat(Comparison.of(PLAN, served, recounted).differing()).isZero();
  }

  @Test
  void otherValue_missingGroup_andExtraGroup_differ() {
    Map<List<Object>, List<Object>> served =
        Map.of(key("Firefox"), List.of(3L, 1.0), key("Opera"), List.of(1L, 1.0));
    Map<List<Object>, List<Object>> recounted =
        Map.of(key("Firefox"), List.of(4L, 1.0), key("Safari"), List.of(1L, 1.0));

    Comparison comparison = Comparison.of(PLAN, served, recounted);

    assertThat(comparison.differing()).isEqualTo(3);
    assertThat(comparison.shown())
        .contains("[Firefox]: views served 3, recount from raw 4")
        .contains("[Opera]: served [1, 1.0], recount from raw null");
  }

  @Test
  void copiesThatSpeedCounted_areDrift_andNothingElseIs() {
    Map<List<Object>, List<Object>> recounted =
        Map.of(
            key("some"), List.of(3L, 1.0),
            key("lost"), List.of(3L, 1.0),
            key("tooMany"), List.of(3L, 1.0),
            key("plain"), List.of(3L, 1.0),
            key("same"), List.of(3L, 1.0));
    Map<List<Object>, List<Object>> withCopies =
        Map.of(
            key("some"), List.of(5L, 2.0),
            key("only"), List.of(2L, 1.0),
            key("lost"), List.of(5L, 1.0),
            key("tooMany"), List.of(5L, 1.0),
            key("plain"), List.of(3L, 1.0),
            key("same"), List.of(5L, 1.0));
    Map<List<Object>, List<Object>> served =
        Map.of(
            key("some"), List.of(4L, 1.5),
            key("only"), List.of(1L, 1.0),
            key("lost"), List.of(2L, 1.0),
            key("tooMany"), List.of(6L, 1.0),
            key("plain"), List.of(4L, 1.0),
            key("same"), List.of(3L, 1.0));

    Comparison comparison = Comparison.ofDistinct(PLAN, served, recounted, withCopies);
    assertThat(comparison.groups()).isEqualTo(6);
    assertThat(comparison.drift()).as("'some' and 'only'").isEqualTo(2);
    assertThat(comparison.differing()).as("'lost', 'tooMany' and 'plain'").isEqualTo(3);
    assertThat(comparison.shown()).noneMatch(d -> d.startsWith("[some]") || d.startsWith("[only]"));
  }

  private static List<Object> key(String browser) {
    return Arrays.asList((Object) browser);
  }
}
