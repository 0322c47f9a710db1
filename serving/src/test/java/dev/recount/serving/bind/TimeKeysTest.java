package dev.recount.serving.bind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.view.ViewPlan;
import dev.recount.serving.answer.PinotQuery;
import dev.recount.serving.gateway.Plans;
import dev.recount.serving.sql.CalendarUnit;
import dev.recount.serving.sql.SqlText;
import dev.recount.serving.sql.Zoned;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class TimeKeysTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

  private static ViewPlan plan(String sql) {
    ViewPlan plan = Plans.timed("traffic");
    return new ViewPlan(
        plan.view(),
        plan.version(),
        plan.event(),
        sql,
        plan.header(),
        plan.indexes(),
        plan.dimensions(),
        plan.measures(),
        plan.join());
  }

  private static BoundQuery inBerlin(String sql, ViewPlan plan) {
    return Binder.bind(Zoned.in(SqlText.parse(sql), BERLIN), plan);
  }

  @Test
  void unitAndBounds_areThoseOfTheQuery_andTheViewsOwnUnitIsFoundInItsText() {
    ViewPlan plan = plan("SELECT date_trunc('HOUR', event_time) AS hour, method FROM page_view");
    BoundQuery query =
        inBerlin(
            "SELECT method, date_trunc('DAY', hour) AS d, MEASURE(requests) FROM traffic WHERE hour"
                + " >= '2015-05-17' AND hour <= 1431993600000 AND method = 'GET' GROUP BY method,"
                + " d",
            plan);
    assertThat(query.times())
        .containsExactly(
            new TimeKey(
                1,
                "hour",
                CalendarUnit.DAY,
                BERLIN,
                CalendarUnit.HOUR,
                Instant.parse("2015-05-17T00:00:00Z"),
                Instant.parse("2015-05-19T00:00:00.001Z")));
    assertThat(query.warnings()).isEmpty();
    assertThat(new PinotQuery(query, "t", "").groups(false, false, 1))
        .contains("DATETRUNC('DAY', \"hour\", 'MILLISECONDS', 'Europe/Berlin')");
    assertThat(Binder.bind(SqlText.parse("SELECT * FROM traffic"), plan).times())
        .extracting(TimeKey::unit)
        .containsExactly(CalendarUnit.HOUR);
  }

  @Test
  void viewThatDoesNotSayItsUnit_isWarnedOf() {
    BoundQuery query =
        inBerlin(
            "SELECT date_trunc('DAY', hour) AS d, MEASURE(requests) FROM traffic GROUP BY d",
            plan("SELECT event_time AS hour FROM page_view"));
    assertThat(query.warnings())
        .singleElement()
        .asString()
        .contains("'hour'", "a day of Europe/Berlin");
  }

  @Test
  void partOfAMoment_isRefusedBesideAZone() {
    assertThatThrownBy(
            () ->
                inBerlin(
                    "SELECT extract(HOUR FROM hour) AS h, MEASURE(requests) FROM traffic GROUP BY"
                        + " h",
                    Plans.timed("traffic")))
        .hasMessageContaining("those of UTC");
  }
}
