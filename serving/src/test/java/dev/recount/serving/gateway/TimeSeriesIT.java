package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.cut.Cut;
import dev.recount.core.view.ViewPlan;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Fill;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.sql.CalendarUnit;
import dev.recount.serving.sql.ViewRequest;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times by the clocks of a zone, and those of which there is nothing, on a real Pinot. */
@ExtendWith(PinotExtension.class)
class TimeSeriesIT {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Instant FIRST = Instant.parse("2014-12-30T00:00:00Z");
  private static final int HOURS = 24 * 420;

  private static TestingPinot pinot;
  private static final Map<Instant, Long> COUNTED = new TreeMap<>();

  /**
   * Some hours of more than a year, half of them in each layer. The crons' zone is not of times.
   */
  @BeforeAll
  static void fill(TestingPinot running) throws Exception {
    pinot = running;
    ViewPlan plan = hourly("zoned", Map.of("time", "hour", "zone", "America/New_York"));
    pinot.create(plan);
    Random random = new Random(11);
    List<Map<String, Object>> early = new ArrayList<>();
    List<Map<String, Object>> late = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      Instant hour = FIRST.plusSeconds(3_600L * random.nextInt(HOURS));
      boolean isNew = COUNTED.put(hour, 1L + i % 5) == null;
      if (!isNew) {
        COUNTED.remove(hour);
        early.removeIf(row -> row.get("hour").equals(hour.toEpochMilli()));
        late.removeIf(row -> row.get("hour").equals(hour.toEpochMilli()));
      } else {
        (i % 2 == 0 ? early : late)
            .add(
                TestingPinot.row(
                    plan, "hour", hour.toEpochMilli(), "method", "m", "requests", 1 + i % 5));
      }
    }
    Cut cut = new Cut(TestingPinot.BASE + 20_000, TestingPinot.GRAIN);
    pinot.publish(plan, "z1", cut, 1, List.of(early));
    pinot.delta(plan, TestingPinot.BASE + 30_000, 1, late);
    pinot.awaitRequests("zoned", COUNTED.values().stream().mapToLong(n -> n).sum());
  }

  private static ViewPlan hourly(String name, Map<String, String> header) {
    ViewPlan plan = Plans.traffic(name);
    return new ViewPlan(
        name,
        1,
        plan.event(),
        "SELECT date_trunc('HOUR', event_time) AS hour, method, status FROM page_view GROUP BY ALL",
        header,
        plan.indexes(),
        plan.dimensions(),
        plan.measures(),
        plan.join());
  }

  private static Answer ask(Options options, String... parameters) {
    Map<String, List<String>> request = new TreeMap<>();
    request.put("select", List.of("requests"));
    for (String parameter : parameters) {
      String[] parts = parameter.split("=", 2);
      request.put(parts[0], List.of(parts[1]));
    }
    return pinot.gateway().answer(Question.of("zoned", new ViewRequest(request)).with(options));
  }

  private static Map<Object, Object> byTime(Answer answer) {
    return answer.rows().stream()
        .collect(
            Collectors.toMap(row -> row.get(0), row -> row.get(1), (a, b) -> null, TreeMap::new));
  }

  @ParameterizedTest
  @CsvSource({
    "Europe/Berlin, hour",
    "Europe/Berlin, day",
    "Europe/Berlin, week",
    "Europe/Berlin, month",
    "America/New_York, day",
    "America/Sao_Paulo, day",
    "America/Sao_Paulo, quarter",
    "Pacific/Apia, day",
    "Asia/Tokyo, year",
    "UTC, day",
    "+03:00, day",
  })
  void times_areThoseOfTheZone_acrossItsChangesOfClocks(String zone, String grain) {
    Map<Object, Long> expected = new TreeMap<>();
    CalendarUnit unit = CalendarUnit.named(grain).orElseThrow();
    COUNTED.forEach((hour, n) -> expected.merge(unit.start(hour, ZoneId.of(zone)), n, Long::sum));
    Answer answer = ask(Options.NONE.in(ZoneId.of(zone)), "grain=" + grain, "limit=100000");
    assertThat(byTime(answer)).isEqualTo(expected);
    String sql =
        "SELECT date_trunc('%s', hour) AS t, MEASURE(requests) FROM zoned GROUP BY t LIMIT 100000"
            .formatted(grain);
    Question question = Question.sql(sql, Mode.MERGED).with(Options.NONE.in(ZoneId.of(zone)));
    assertThat(byTime(pinot.gateway().answer(question))).isEqualTo(expected);
  }

  @Test
  void zoneWhoseDaysBeginWithinAnHour_isRefused_notAnsweredWrongly() {
    for (String zone : List.of("Asia/Kolkata", "Australia/Adelaide")) {
      assertThatThrownBy(() -> ask(Options.NONE.in(ZoneId.of(zone)), "grain=day"))
          .isInstanceOfSatisfying(
              RecountException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_UNSUPPORTED))
          .hasMessageContaining("keeps 'hour' by the hour of UTC");
      Question inSql =
          Question.sql(
              "SELECT date_trunc('DAY', hour) AS d, MEASURE(requests) FROM zoned GROUP BY d",
              Mode.MERGED);
      assertThatThrownBy(() -> pinot.gateway().answer(inSql.with(Options.NONE.in(ZoneId.of(zone)))))
          .hasMessageContaining("keeps 'hour' by the hour of UTC");
    }
  }

  @Test
  void gaps_areFilled_betweenTheTimesAskedFor_overAChangeOfClocks() {
    for (Map.Entry<String, Integer> day :
        Map.of("2015-03-29", 23, "2015-10-25", 25, "2015-06-01", 24).entrySet()) {
      String next = java.time.LocalDate.parse(day.getKey()).plusDays(1).toString();
      Answer answer =
          ask(
              Options.NONE.in(BERLIN).filled(Fill.ZERO),
              "grain=hour",
              "from=" + day.getKey(),
              "to=" + next);
      assertThat(answer.rows()).hasSize(day.getValue());
      Instant hour = java.time.LocalDate.parse(day.getKey()).atStartOfDay(BERLIN).toInstant();
      for (List<Object> row : answer.rows()) {
        assertThat(row).isEqualTo(List.of(hour, COUNTED.getOrDefault(hour, 0L)));
        hour = hour.plusSeconds(3_600);
      }
    }
  }

  @Test
  void fillOfNull_andOrder_andLimit_holdForFilledRows() {
    String[] range = {"grain=day", "from=2013-12-30", "to=2014-01-02"};
    assertThat(ask(Options.NONE, range).rows()).isEmpty();
    Answer filled = ask(Options.NONE.filled(Fill.NULL), range);
    assertThat(filled.rows())
        .containsExactly(
            Arrays.asList(Instant.parse("2013-12-30T00:00:00Z"), null),
            Arrays.asList(Instant.parse("2013-12-31T00:00:00Z"), null),
            Arrays.asList(Instant.parse("2014-01-01T00:00:00Z"), null));
    Answer last =
        ask(
            Options.NONE.filled(Fill.ZERO).withShares(),
            "grain=day",
            "from=2013-12-30",
            "to=2014-01-02",
            "order=-hour",
            "limit=1",
            "offset=1");
    assertThat(last.rows())
        .containsExactly(List.of(Instant.parse("2013-12-31T00:00:00Z"), 0L, 0L, 0L));
    assertThatThrownBy(() -> ask(Options.NONE.filled(Fill.ZERO), "by=method"))
        .hasMessageContaining("group by one time");
    assertThatThrownBy(
            () ->
                ask(
                    Options.NONE.filled(Fill.ZERO),
                    "grain=second",
                    "from=1970-01-01",
                    "to=2200-01-01"))
        .hasMessageContaining("serving.max-limit");
  }
}
