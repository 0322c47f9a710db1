package dev.recount.apply;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.apply.Difference.State;
import dev.recount.apply.Difference.ViewState;
import dev.recount.core.Json;
import dev.recount.core.view.ViewFile;
import dev.recount.core.view.ViewPlan;
import dev.recount.planner.compile.ViewCompiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanReportTest {
  private static final Duration HELD = Duration.ofDays(7);
  private static final Instant NOW = Instant.parse("2026-03-28T10:30:00Z");
  private static final ViewCompiler COMPILER = new ViewCompiler(TestSpark.SESSION);
  private static final String HEADER =
      "-- @description Pages.\n-- @time hour\n-- @schedule 0 0 * * * ?\n-- @index page_url text\n"
          + "-- @index status range\n";
  private static final String SQL =
      "SELECT date_trunc('HOUR', event_time) AS hour, page_url, status, count(*) AS n,"
          + " avg(bytes) AS mean, hll_agg(ip_address) AS addresses FROM page_view GROUP BY ALL";

  private static ViewPlan plan(String text) {
    return COMPILER.plan(ViewFile.parse("pages", text), TestSpark.PAGE_VIEW);
  }

  private static PlanReport report(ViewPlan plan, ViewState state) {
    CheckedSchemas checked = new CheckedSchemas(Map.of(), List.of(plan), List.of(), List.of());
    return PlanReport.of(
        checked,
        Optional.of(
            new Difference(Map.of(), Map.of("pages", state), List.of("old"), List.of("too often"))),
        Duration.ofMinutes(30),
        NOW);
  }

  @Test
  void table_hasAllThatAViewBecomes() {
    String table =
        report(plan(HEADER + SQL), new ViewState(State.CHANGED, 1, List.of("@time a to b")))
            .table();
    assertThat(table)
        .contains(
            "view  pages ", " changed, over page_view, Pinot pages_v1_OFFLINE + pages_v1_REAL")
        .contains("  change: @time a to b")
        .contains(
            "  time hour, batch scheduled 0 0 * * * ? (UTC), full; next 2026-03-28T11:00:00Z, 2026-")
        .containsPattern("  page_url +STRING +dimension")
        .containsPattern("  n +LONG +measure, exact; stored as n LONG by SUM")
        .containsPattern(
            "  mean +DOUBLE +measure, exact by parts; stored as mean__sum LONG by SUM,")
        .containsPattern("  addresses +LONG +measure, sketch, within 1.6 % \\(1 sigma\\)")
        .containsPattern("  index inverted +page_url\n")
        .containsPattern("  index range +status\n")
        .containsPattern("  index text +page_url\n")
        .contains("keeps running: [old]");
  }

  @Test
  void json_hasTheSame() {
    JsonNode view =
        Json.read(
                report(plan(HEADER + SQL), new ViewState(State.NEW, 1, List.of())).json(),
                JsonNode.class)
            .at("/views/0");
    assertThat(view.path("state").asText()).isEqualTo("new");
    assertThat(view.path("schedule").asText()).isEqualTo("0 0 * * * ?");
    assertThat(view.path("mode").asText()).isEqualTo("full");
    assertThat(view.at("/next_runs/2").asText()).isEqualTo("2026-03-28T13:00:00Z");
    assertThat(view.at("/indexes/text/0").asText()).isEqualTo("page_url");
    assertThat(view.at("/columns/5/relative_standard_error").asDouble()).isBetween(0.016, 0.017);
  }

  @Test
  void headersAndIndexes_areAdjusted_andWhatIsCountedIsNot() {
    ViewPlan running = plan(HEADER + SQL);
    assertThat(changes(running, HEADER + SQL.replace("SELECT ", "select   ")).all()).isEmpty();
    assertThat(changes(running, "-- @index hour bloom\n-- @time hour\n" + SQL))
        .isEqualTo(
            new ViewChanges(
                List.of(
                    "@description 'Pages.' to (none)",
                    "@schedule '0 0 * * * ?' to (none)",
                    "@index hour bloom added",
                    "@index page_url text left out",
                    "@index status range left out"),
                List.of()));
    assertThat(changes(running, HEADER + SQL.replace("count(*) AS n", "count(*) AS m")).rewrites())
        .containsExactly("measure m added", "measure n left out");
    assertThat(changes(running, HEADER + SQL.replace("count(*)", "sum(bytes)")).rewrites())
        .containsExactly("measure n (COUNT LONG to SUM LONG)");
    assertThat(changes(running, HEADER + SQL.replace("GROUP", "WHERE status > 1 GROUP")).rewrites())
        .containsExactly("an expression, its WHERE, or the order of its columns changed");
  }

  @Test
  void schedule_isAdjustable_andWhatIsWrongWithItIsAProblem(@TempDir Path folder)
      throws IOException {
    String scheduled = "-- @schedule 0 0 * * * ?\n-- @zone Asia/Tokyo\n";
    ViewPlan running = plan(scheduled + "-- @mode incremental\n" + SQL);
    assertThat(changes(running, scheduled + "-- @audit 0 0 5 * * ?\n" + SQL))
        .isEqualTo(
            new ViewChanges(
                List.of("@audit (none) to '0 0 5 * * ?'", "@mode 'incremental' to (none)"),
                List.of()));
    Files.createDirectories(folder.resolve("events"));
    Files.createDirectories(folder.resolve("views"));
    Files.copy(
        TestSpark.SCHEMAS.resolve("events/page_view.avsc"),
        folder.resolve("events/page_view.avsc"));
    Files.writeString(folder.resolve("views/once.sql"), "-- @schedule 0 0 0 1 1 ? 2025\n" + SQL);
    assertThat(CheckedSchemas.read(folder, COMPILER, 1 << 20, NOW).problems())
        .singleElement()
        .satisfies(e -> assertThat(e).hasMessageContaining("'0 0 0 1 1 ? 2025' never fires again"));
  }

  @Test
  void warnings_nameViewsThatAreDueMoreOftenThanARunTakes() {
    List<Long> tookMs = List.of(30_000L, 95_000L, 90_000L);
    List<ViewPlan> views =
        List.of(
            plan("-- @schedule 0 * * * * ?\n" + SQL), plan("-- @schedule 0 0/2 * * * ?\n" + SQL));
    assertThat(ScheduleWarnings.of(views, tookMs, HELD, NOW))
        .singleElement()
        .asString()
        .contains("'pages' is scheduled every 60 s, but a run usually takes 90 s");
    assertThat(ScheduleWarnings.of(views, List.of(), HELD, NOW)).isEmpty();
  }

  @Test
  void warnings_nameViewsWhoseDeltasGoBeforeTheirAudit() {
    List<ViewPlan> views =
        List.of(
            plan("-- @audit 0 0 4 * * ?\n" + SQL),
            plan("-- @audit 0 0 4,5 * * ?\n" + SQL),
            plan("-- @audit 0 0 * * * ?\n" + SQL));
    assertThat(ScheduleWarnings.of(views, List.of(), HELD, NOW)).isEmpty();
    assertThat(ScheduleWarnings.of(views, List.of(), Duration.ofHours(6), NOW))
        .hasSize(2)
        .allMatch(warning -> warning.contains("for 21600 s at most (audit.hold, speed.retention)"))
        .anyMatch(warning -> warning.contains("'pages' is audited every 86400 s"))
        .anyMatch(warning -> warning.contains("'pages' is audited every 82800 s"));
  }

  private static ViewChanges changes(ViewPlan running, String text) {
    return ViewChanges.between(running, plan(text), COMPILER);
  }

  @Test
  void table_saysWhatIsDistinct() {
    ViewPlan distinct = plan("-- @distinct session_id\n" + SQL);
    CheckedSchemas checked =
        new CheckedSchemas(Map.of(), List.of(distinct, plan(SQL)), List.of(), List.of());
    String table = PlanReport.of(checked, Optional.empty(), Duration.ofMinutes(30), NOW).table();
    assertThat(table.lines().filter(line -> line.contains("distinct")))
        .containsExactly(
            "  distinct by session_id: batch over all history, speed within 30 minutes");
  }

  @Test
  void report_saysWhatIsJoined(@TempDir Path folder) throws IOException {
    Files.createDirectories(folder.resolve("events"));
    Files.createDirectories(folder.resolve("views"));
    Path examples = TestSpark.SCHEMAS.resolve("examples");
    for (String file :
        List.of("events/tweet.avsc", "events/follow.avsc", "views/home_timelines.sql")) {
      Files.copy(examples.resolve(file), folder.resolve(file));
    }
    CheckedSchemas checked = CheckedSchemas.read(folder, COMPILER, 1 << 20, NOW);
    assertThat(checked.problems()).isEmpty();
    PlanReport report = PlanReport.of(checked, Optional.empty(), Duration.ofMinutes(30), NOW);
    assertThat(report.table())
        .contains(
            "joins follow, state by (follower, followee) as of arrival, on followee = t.author");
    assertThat(report.json()).contains("\"join\":{\"state\":\"follow\"");
  }
}
