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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanReportTest {
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
    CheckedSchemas checked = new CheckedSchemas(Map.of(), List.of(plan), List.of());
    return PlanReport.of(
        checked,
        Optional.of(new Difference(Map.of(), Map.of("pages", state), List.of("old"))),
        Duration.ofMinutes(30));
  }

  @Test
  void table_hasAllThatAViewBecomes() {
    String table =
        report(plan(HEADER + SQL), new ViewState(State.CHANGED, List.of("@time a to b"))).table();
    assertThat(table)
        .contains(
            "view  pages ", " changed, over page_view, Pinot pages_v1_OFFLINE + pages_v1_REAL")
        .contains("  change: @time a to b")
        .contains("  time hour, batch scheduled 0 0 * * * ?")
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
                report(plan(HEADER + SQL), new ViewState(State.NEW, List.of())).json(),
                JsonNode.class)
            .at("/views/0");
    assertThat(view.path("state").asText()).isEqualTo("new");
    assertThat(view.path("schedule").asText()).isEqualTo("0 0 * * * ?");
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
        .containsExactly("an expression, its WHERE, or the order of its columns");
  }

  private static ViewChanges changes(ViewPlan running, String text) {
    return ViewChanges.between(running, plan(text), COMPILER);
  }

  @Test
  void table_saysWhatIsDistinct() {
    ViewPlan distinct = plan("-- @distinct session_id\n" + SQL);
    CheckedSchemas checked = new CheckedSchemas(Map.of(), List.of(distinct, plan(SQL)), List.of());
    String table = PlanReport.of(checked, Optional.empty(), Duration.ofMinutes(30)).table();
    assertThat(table.lines().filter(line -> line.contains("distinct")))
        .containsExactly("  distinct by session_id: batch over all history, speed within PT30M");
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
    CheckedSchemas checked = CheckedSchemas.read(folder, COMPILER, 1 << 20);
    assertThat(checked.problems()).isEmpty();
    PlanReport report = PlanReport.of(checked, Optional.empty(), Duration.ofMinutes(30));
    assertThat(report.table())
        .contains(
            "joins follow, state by (follower, followee) as of arrival, on followee = t.author");
    assertThat(report.json()).contains("\"join\":{\"state\":\"follow\"");
  }
}
