package dev.recount.serving.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.recount.core.view.ViewPlan;
import dev.recount.serving.bind.Binder;
import dev.recount.serving.gateway.Plans;
import dev.recount.serving.sql.SqlText;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class EstimatesTest {
  private static final Offset<Double> ROUNDING = within(1e-9);

  private static Map<String, Double> estimates(String select, ViewPlan plan) {
    Map<String, Double> estimates = new LinkedHashMap<>();
    SqlText text = SqlText.parse("SELECT " + select + " FROM " + plan.view());
    Estimates.of(Binder.bind(text, plan))
        .forEach(e -> estimates.put(e.column(), e.relativeStandardError()));
    return estimates;
  }

  @Test
  void everySketch_isNamedWithItsError() {
    Map<String, Double> found =
        estimates(
            "MEASURE(n) AS n, MEASURE(times) AS times, MEASURE(times) * 1.0 / MEASURE(n) AS share,"
                + " MEASURE(latency, 95) AS p95, MEASURE(times) / MEASURE(latency, 50) AS odd",
            Plans.others("others"));
    assertThat(found).containsOnlyKeys("times", "share", "p95", "odd");
    assertThat(found.get("times")).isCloseTo(1.04 / 64, ROUNDING);
    assertThat(found.get("share")).isCloseTo(1.04 / 64, ROUNDING);
    assertThat(found.get("p95")).isNull();
    assertThat(found.get("odd")).isNull();
  }

  @Test
  void setsAndUnions_haveTheErrorOfTheirSketch() {
    Map<String, Double> found =
        estimates("MEASURE(n) AS n, MEASURE(visitors) AS visitors", Plans.visitors("visits"));
    assertThat(found).containsOnlyKeys("visitors");
    assertThat(found.get("visitors")).isCloseTo(1.0 / 64, ROUNDING);
  }
}
