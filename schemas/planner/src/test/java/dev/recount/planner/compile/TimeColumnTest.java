package dev.recount.planner.compile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.view.TimeRange;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.EventRows;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the expression of a view's time tells of its groups. */
class TimeColumnTest {
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final EventSchema EVENT =
      EventSchema.parse(
          """
          {"type": "record", "name": "e", "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "d"},
            {"name": "seen", "type": {"type": "long", "logicalType": "timestamp-millis"}, "doc": "d"}]}""",
          "e");

  private static TimeColumn time(String from, String expression) {
    ViewPlan plan =
        COMPILER.plan(
            ViewFile.parse(
                "v",
                "-- @time t\nSELECT %s AS t, count(*) AS n FROM %s GROUP BY ALL"
                    .formatted(expression, from)),
            EVENT);
    return COMPILER.time(plan, EventRows.type(EVENT), EVENT.eventTimeField()).orElseThrow();
  }

  private static TimeRange range(String from, String before) {
    return new TimeRange(
        Instant.parse(from + "Z").toEpochMilli(), Instant.parse(before + "Z").toEpochMilli());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "date_trunc('HOUR', at)   | 2024-05-01T10:00:00 | 2024-05-01T13:00:00",
        "date_trunc('day', at)    | 2024-05-01T00:00:00 | 2024-05-02T00:00:00",
        "date_trunc('WEEK', at)   | 2024-04-29T00:00:00 | 2024-05-06T00:00:00",
        "date_trunc('MONTH', at)  | 2024-05-01T00:00:00 | 2024-06-01T00:00:00",
        "date_trunc('YEAR', at)   | 2024-01-01T00:00:00 | 2025-01-01T00:00:00",
        "date_trunc('HOUR', seen) | 2024-05-01T10:00:00 | 2024-05-01T13:00:00",
        "at                       | 2024-05-01T10:30:00 | 2024-05-01T12:07:00",
        "date_trunc('DAY', from_utc_timestamp(at, 'Europe/Berlin')) | 2024-05-01T00:00:00"
            + " | 2024-05-02T00:00:00",
        "timestamp_seconds(unix_seconds(at) div 600 * 600) | 2024-05-01T10:30:00"
            + " | 2024-05-01T12:10:00",
      })
  void range_isWidenedToWholeGroups(String expression, String from, String before) {
    TimeColumn time = time("e", expression);
    TimeRange widened = time.widened(range("2024-05-01T10:30:00", "2024-05-01T12:07:00"));
    assertThat(widened).isEqualTo(range(from, before));
    assertThat(time.widened(widened)).isEqualTo(widened);
  }

  @Test
  void timeThatIsTheEvents_tellsWhenTheEventsHappened() {
    TimeRange hours = range("2024-05-01T10:00:00", "2024-05-01T13:00:00");
    assertThat(time("e", "date_trunc('HOUR', at)").eventTimes(hours)).contains(hours);
    assertThat(time("e", "at").eventTimes(hours)).contains(hours);
    assertThat(time("(SELECT at AS u FROM e) AS x", "date_trunc('HOUR', x.u)").eventTimes(hours))
        .contains(hours);
    assertThat(
            time("e", "date_trunc('HOUR', from_utc_timestamp(at, 'Asia/Tokyo'))").eventTimes(hours))
        .contains(range("2024-04-30T16:00:00", "2024-05-02T07:00:00"));
    assertThat(
            time("e", "to_utc_timestamp(date_trunc('HOUR', at), 'Asia/Tokyo')").eventTimes(hours))
        .hasValueSatisfying(
            times -> {
              assertThat(times.fromMs())
                  .isLessThanOrEqualTo(Instant.parse("2024-05-01T19:00:00Z").toEpochMilli());
              assertThat(times.beforeMs())
                  .isGreaterThanOrEqualTo(Instant.parse("2024-05-01T22:00:00Z").toEpochMilli());
            });
  }

  @Test
  void timeThatIsSomethingElse_tellsNothing() {
    TimeRange hours = range("2024-05-01T10:00:00", "2024-05-01T13:00:00");
    assertThat(time("e", "date_trunc('HOUR', seen)").eventTimes(hours)).isEmpty();
    assertThat(time("e", "CASE WHEN seen < at THEN seen ELSE at END").eventTimes(hours)).isEmpty();
    assertThat(
            time("(SELECT seen AS at FROM e) AS x", "date_trunc('HOUR', x.at)").eventTimes(hours))
        .as("another field under the name of the event time")
        .isEmpty();
  }
}
