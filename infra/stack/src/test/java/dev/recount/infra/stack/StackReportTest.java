package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.StatusReport;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StackReportTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final StatusReport LAYERS =
      new StatusReport(
          NOW,
          10_000,
          List.of("speed is stalled"),
          List.of(
              new StatusReport.Service(
                  "archive", 7, NOW, 12, Json.read("{\"a\": 1}", JsonNode.class))),
          List.of(new StatusReport.Event("page_view", NOW, 34L, 56L)),
          List.of(
              new StatusReport.View(
                  "traffic", 1, true, "page_view", "traffic_v1", "r", NOW, 78L, "q")),
          List.of(
              run("r2", "RUNNING", "compute", null),
              run("r1", "FAILED", "publish", "Pinot is away"),
              run("r", "SUCCEEDED", "tidy", null)),
          List.of(audit(1), audit(2)));

  private static StatusReport.Audit audit(int version) {
    return new StatusReport.Audit(
        "traffic", version, "ABSORBED", "EQUAL", NOW, NOW, NOW, 12L, 0L, null, List.of(), null);
  }

  private static RunReport run(String id, String status, String step, String error) {
    Instant finished = status.equals("RUNNING") ? null : NOW;
    return new RunReport(
        id,
        "full",
        status,
        "hand",
        0,
        "h",
        1L,
        NOW.minusSeconds(3),
        finished,
        NOW,
        90L,
        1L,
        List.of(),
        step,
        1000L,
        2500L,
        "events",
        null,
        null,
        Map.of(),
        1.0,
        2L,
        3L,
        4L,
        null,
        error,
        null,
        null);
  }

  private final StackReport report = new StackReport("home", null, List.of(), LAYERS);

  @Test
  void json_hasTheNamesThatScriptsRead() {
    JsonNode json = Json.read(report.json(), JsonNode.class);
    assertThat(json.at("/home").asText()).isEqualTo("home");
    assertThat(json.has("disk")).isFalse();
    assertThat(json.at("/problems/0").asText()).isEqualTo("speed is stalled");
    assertThat(json.at("/services/0/name").asText()).isEqualTo("archive");
    assertThat(json.at("/services/0/silent_ms").asLong()).isEqualTo(12);
    assertThat(json.at("/services/0/detail/a").asLong()).isEqualTo(1);
    assertThat(json.at("/events/0/name").asText()).isEqualTo("page_view");
    assertThat(json.at("/events/0/freshness_ms").asLong()).isEqualTo(34);
    assertThat(json.at("/events/0/archive_lag").asLong()).isEqualTo(56);
    assertThat(json.at("/views/0/name").asText()).isEqualTo("traffic");
    assertThat(json.at("/views/0/active").asBoolean()).isTrue();
    assertThat(json.at("/views/0/event").asText()).isEqualTo("page_view");
    assertThat(json.at("/views/0/cut").asText()).isEqualTo(NOW.toString());
    assertThat(json.at("/views/0/rows").asLong()).isEqualTo(78);
    assertThat(json.at("/views/0/rolled_back_to").asText()).isEqualTo("q");
    assertThat(json.at("/last_runs/2/id").asText()).isEqualTo("r");
    assertThat(json.at("/last_runs/2/events_read").asLong()).isEqualTo(90);
    assertThat(json.at("/last_audits/0/name").asText()).isEqualTo("traffic");
    assertThat(json.at("/last_audits/0/groups").asLong()).isEqualTo(12);
  }

  /** As the serving process tells it to the command. */
  @Test
  void layers_areReadAsTheyWereWritten() {
    assertThat(Json.read(Json.write(LAYERS), StatusReport.class)).isEqualTo(LAYERS);
  }

  @Test
  void table_hasEventsViewsRunsAndAudits() {
    assertThat(report.table())
        .containsPattern("page_view +0\\.0 s +56 records")
        .containsPattern("traffic +1 +yes +" + NOW + " +78\n  rolled back to run q\n")
        .containsPattern("r +SUCCEEDED +" + NOW.minusSeconds(3) + " +3\\.0 s +90")
        .containsPattern("r2 +RUNNING .* 3\\.0 s +90\n  compute: 1,000 of 2,500 events\n")
        .containsPattern("r1 +FAILED .*\n  Pinot is away\n")
        .containsPattern("traffic +ABSORBED +EQUAL +" + NOW + " +12 +0 +-")
        .containsPattern("traffic@2 +ABSORBED +EQUAL +" + NOW + " +12 +0 +-");
  }

  private static StackReport report(String disk, Health health, String... problems) {
    return new StackReport(
        "home",
        disk,
        List.of(
            new ProcessStatus("kafka", 1L, Health.UP, Map.of(), null),
            new ProcessStatus("speed", 2L, health, Map.of(), null)),
        new StatusReport(
            NOW, 1, List.of(problems), List.of(), List.of(), List.of(), List.of(), List.of()));
  }

  @Test
  void table_saysWhatDied_whyAndWhatComesNext() {
    Restarts again = new Restarts(2, NOW, "exit code 137", null);
    Restarts waiting = new Restarts(9, NOW, "exit code 1, last said: no", NOW.plusSeconds(300));
    StackReport died =
        new StackReport(
            "home",
            null,
            List.of(
                new ProcessStatus("kafka", 1L, Health.UP, Map.of("kafka", 9), again),
                new ProcessStatus("speed", null, Health.DOWN, Map.of(), waiting),
                new ProcessStatus("watch", null, Health.DOWN, Map.of(), null)),
            LAYERS);
    assertThat(died.table())
        .containsPattern("kafka +up +1 +2 +kafka 9")
        .containsPattern("speed +down +- +9")
        .contains("kafka ended at " + NOW + ": exit code 137\n")
        .contains(
            "speed ended at "
                + NOW
                + ": exit code 1, last said: no; it is started again at 2026-01-02T03:09:05Z\n")
        .contains("The watch ended: what dies now is not started again; 'recount up' restarts it.");
    JsonNode processes = Json.read(died.json(), JsonNode.class).at("/processes");
    assertThat(processes.at("/0/restarts/count").asInt()).isEqualTo(2);
    assertThat(processes.at("/0/restarts").has("next")).isFalse();
    assertThat(processes.at("/1/restarts/why").asText()).isEqualTo("exit code 1, last said: no");
    assertThat(processes.at("/2").has("restarts")).isFalse();
  }

  @Test
  void table_saysThatServicesAreNotKnown_whileTheCatalogIsAway() {
    assertThat(catalogThatIs(Health.UNHEALTHY).table()).contains("The catalog does not answer");
    assertThat(catalogThatIs(Health.UP).table()).doesNotContain("The catalog does not answer");
  }

  private static StackReport catalogThatIs(Health health) {
    return new StackReport(
        "home",
        null,
        List.of(
            new ProcessStatus("catalog", 1L, health, Map.of(), null),
            new ProcessStatus("kafka", 2L, Health.UP, Map.of(), null)),
        LAYERS);
  }

  @Test
  void isWell_onlyWhereNothingIsAmiss() {
    assertThat(report(null, Health.UP).isWell()).isTrue();
    assertThat(report(null, Health.STARTING).isWell()).isTrue();
    assertThat(report(null, Health.DOWN).isWell()).isFalse();
    assertThat(report(null, Health.UNHEALTHY).isWell()).isFalse();
    assertThat(report(null, Health.UP, "speed of 'e' has been stalled").isWell()).isFalse();
    assertThat(report("full", Health.UP).isWell()).isFalse();
  }
}
