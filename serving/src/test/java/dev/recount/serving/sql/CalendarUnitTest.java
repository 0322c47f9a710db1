package dev.recount.serving.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CalendarUnitTest {
  @ParameterizedTest
  @CsvSource({
    "DAY, Europe/Berlin, 2015-03-29T12:00:00Z, 2015-03-28T23:00:00Z, 2015-03-29T22:00:00Z",
    "DAY, Europe/Berlin, 2015-10-25T00:30:00Z, 2015-10-24T22:00:00Z, 2015-10-25T23:00:00Z",
    "HOUR, Europe/Berlin, 2015-10-25T01:59:59Z, 2015-10-25T01:00:00Z, 2015-10-25T02:00:00Z",
    "HOUR, Asia/Kolkata, 2015-10-25T01:59:59Z, 2015-10-25T01:30:00Z, 2015-10-25T02:30:00Z",
    "DAY, America/Sao_Paulo, 2015-10-18T05:00:00Z, 2015-10-18T03:00:00Z, 2015-10-19T02:00:00Z",
    "WEEK, UTC, 2015-05-17T23:59:59Z, 2015-05-11T00:00:00Z, 2015-05-18T00:00:00Z",
    "MONTH, America/New_York, 2015-03-31T03:59:59Z, 2015-03-01T05:00:00Z, 2015-04-01T04:00:00Z",
    "QUARTER, UTC, 2015-06-30T00:00:00Z, 2015-04-01T00:00:00Z, 2015-07-01T00:00:00Z",
    "YEAR, UTC, 1969-06-30T00:00:00Z, 1969-01-01T00:00:00Z, 1970-01-01T00:00:00Z",
  })
  void unit_beginsAndEndsByTheClocksOfTheZone(
      CalendarUnit unit, String zone, Instant moment, Instant start, Instant next) {
    assertThat(unit.start(moment, ZoneId.of(zone))).isEqualTo(start);
    assertThat(unit.next(start, ZoneId.of(zone))).isEqualTo(next);
  }
}
