package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static dev.recount.infra.demo.WholeStack.runProcess;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A web server's log goes in at one end; exact answers come out at the other, by the commands as a
 * user starts them. Runs before the other tests of the stack, which is empty at first.
 */
@ExtendWith(WholeStack.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class EndToEndIT {
  private static final String BY_STATUS =
      "SELECT status, MEASURE(requests) FROM traffic GROUP BY status";
  private static final AccessLog FIRST = new AccessLog(1, 3_000);
  private static final AccessLog SECOND = new AccessLog(2, 5_000);
  private static final AccessLog THIRD = new AccessLog(3, 2_000);
  private static Gateway gateway;

  @BeforeAll
  static void connect() {
    gateway = new Gateway(WholeStack.config());
  }

  private static void awaitAnswer(Map<String, Long> expected) {
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(() -> assertThat(gateway.groups(BY_STATUS, "merged")).isEqualTo(expected));
  }

  @Test
  @Order(1)
  void beforeAnyBatchRun_allAnswersComeFromSpeed() throws IOException {
    String file = WholeStack.write("first.log", FIRST.text()).toString();
    assertThat(runProcess("ingest", "page_view", "--format", "combined", file))
        .contains("accepted " + FIRST.lines() + ", rejected 1");
    awaitAnswer(FIRST.byStatus());
    assertThat(gateway.groups(BY_STATUS, "speed")).isEqualTo(FIRST.byStatus());
    assertThat(gateway.groups(BY_STATUS, "batch")).isEmpty();
    assertThat(gateway.sql(BY_STATUS, "merged").body().at("/provenance/batch").isNull()).isTrue();
  }

  @Test
  @Order(2)
  void afterABatchRun_allAnswersComeFromBatch() {
    runProcess("batch", "run");
    assertThat(gateway.groups(BY_STATUS, "merged")).isEqualTo(FIRST.byStatus());
    assertThat(gateway.groups(BY_STATUS, "batch")).isEqualTo(FIRST.byStatus());
    assertThat(gateway.groups(BY_STATUS, "speed")).isEmpty();
    JsonNode run = gateway.get("/v1/runs").body().at("/runs/0");
    Path logs = WholeStack.config().home().logs().resolve("runs");
    assertThat(logs.resolve(run.path("run_id").asText() + ".log"))
        .content()
        .contains("compute: ", "publish: ");
  }

  @Test
  @Order(3)
  void moreEvents_areBatchAndSpeedTogether_andAnotherRunChangesNoAnswer() throws IOException {
    WholeStack.ingest("second.log", SECOND);
    awaitAnswer(FIRST.byStatusWith(SECOND));
    assertThat(gateway.groups(BY_STATUS, "batch")).isEqualTo(FIRST.byStatus());
    assertThat(gateway.groups(BY_STATUS, "speed")).isEqualTo(SECOND.byStatus());
    run("batch", "run");
    assertThat(gateway.groups(BY_STATUS, "batch")).isEqualTo(FIRST.byStatusWith(SECOND));
    assertThat(gateway.groups(BY_STATUS, "merged")).isEqualTo(FIRST.byStatusWith(SECOND));
  }

  @Test
  @Order(4)
  void audit_findsEveryGroupEqualToTheRecountFromRaw() {
    runProcess("audit");
    run("audit", "archive");
  }

  @Test
  @Order(5)
  void auditOfWhatBatchAbsorbed_findsWhatSpeedHadServedEqualToo_andLooksAtItOnce() {
    JsonNode first = json(run("audit", "--absorbed", "traffic", "--format", "json"));
    assertThat(first.at("/views/0/served").asLong()).isEqualTo(FIRST.lines() + SECOND.lines());
    assertThat(first.at("/views/0/recounted").asLong()).isEqualTo(FIRST.lines() + SECOND.lines());
    assertThat(first.at("/views/0/left_out")).isEmpty();
    JsonNode next = json(run("audit", "--absorbed", "traffic", "--format", "json"));
    assertThat(next.at("/views/0/from")).isEqualTo(first.at("/views/0/until"));
    assertThat(next.at("/views/0/groups").asLong()).isZero();
    assertThat(run("audit", "--due")).contains("No audit is due");

    JsonNode audits = gateway.get("/v1/audits?view=traffic").body().path("audits");
    assertThat(audits.findValuesAsText("kind")).startsWith("ABSORBED", "ABSORBED", "FULL");
    assertThat(audits.findValuesAsText("status"))
        .startsWith("SKIPPED", "EQUAL", "EQUAL")
        .containsOnlyOnce("SKIPPED")
        .containsOnly("SKIPPED", "EQUAL");
    assertThat(gateway.groups(BY_STATUS, "deltas")).isEqualTo(FIRST.byStatusWith(SECOND));
  }

  /** What a command printed, without the lines of progress before it. */
  private static JsonNode json(String output) {
    return Json.read(output.substring(output.indexOf('{')), JsonNode.class);
  }

  @Test
  @Order(5)
  void queryCommand_printsCsv() {
    assertThat(
            runProcess("query", "SELECT MEASURE(requests) AS n FROM visitors", "--format", "csv"))
        .contains("n\n" + (FIRST.lines() + SECOND.lines()) + "\n");
  }

  /** Those that stop or replace something, that need a run or wait long, are not typed here. */
  @Test
  @Order(7)
  void commandsOfTheOperatorsPage_work() throws IOException {
    List<String> left =
        List.of("up", "down", "apply", "status", "catalog", "batch run", "batch run --no-wait");
    List<String> other =
        List.of(
            "query cancel ID",
            "schedule cancel",
            "schedule history --run",
            "archive compact",
            "batch rollback traffic --to");
    List<String> typed = new ArrayList<>();
    for (List<String> words : OperatingPage.commands()) {
      String command = String.join(" ", words);
      boolean isErased = command.startsWith("archive erase ") && !command.endsWith("--dry-run");
      if (!left.contains(command)
          && !left.contains(words.get(0))
          && !command.equals("audit")
          && !isErased
          && !command.startsWith("version diff traffic")
          && other.stream().noneMatch(o -> command.equals(o) || command.startsWith(o + " 2"))) {
        run(words.toArray(String[]::new));
        typed.add(command);
      }
    }
    assertThat(typed)
        .contains("schedule list", "schedule trigger traffic", "batch run --due")
        .contains("batch run --mode incremental", "archive files page_view")
        .contains("audit --absorbed traffic", "batch runs traffic", "query list")
        .hasSizeGreaterThan(15);
    assertThat(WholeStack.recount("query", "cancel", "0").output())
        .contains("NOT_FOUND: Cannot cancel the query '0': ");
    assertThat(gateway.groups(BY_STATUS, "merged")).isEqualTo(FIRST.byStatusWith(SECOND));
  }

  @Test
  @Order(8)
  void erasedEvents_areCountedNoMore_andMergedFilesHoldTheRest() throws IOException {
    String line =
        "203.0.113.77 - - [01/May/2024:12:00:00 +0000] \"GET /leaving HTTP/1.1\" 418 5 \"-\" \"-\"\n";
    String file = WholeStack.write("leaving.log", line).toString();
    assertThat(run("ingest", "page_view", "--format", "combined", file)).contains("accepted 1,");
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(
            () -> assertThat(gateway.groups(BY_STATUS, "merged")).containsEntry("418", 1L));
    String[] erase = {"archive", "erase", "page_view", "--where", "ip_address = '203.0.113.77'"};
    run(
        Stream.concat(Stream.of(erase), Stream.of("--yes", "--grace", "0s"))
            .toArray(String[]::new));
    assertThat(WholeStack.recount("audit").output()).contains("its next full run is pending");
    run("batch", "run", "--due");
    run("archive", "compact", "page_view", "--grace", "0s");

    assertThat(gateway.groups(BY_STATUS, "merged")).isEqualTo(FIRST.byStatusWith(SECOND));
    run("audit");
    run("audit", "archive");
    assertThat(run("archive", "erasures")).contains("page_view").doesNotContain("203.0.113.77");
  }

  @Test
  @Order(9)
  void aSchedule_isFollowedFromItsApplyOn_andTheAnswersComeFromItsRuns() throws IOException {
    Path shipped = Recount.root().resolve("schemas");
    Path folder = WholeStack.config().home().path().resolve("scheduled");
    WholeStack.copySchemas(shipped, folder, "events/page_view.avsc");
    Path view = Files.createDirectories(folder.resolve("views")).resolve("traffic.sql");
    String text = Files.readString(shipped.resolve("views/traffic.sql"));
    Files.writeString(view, text.replaceAll("@schedule .*", "@schedule 0/20 * * * * ?"));
    assertThat(run("apply", "--schemas", folder.toString())).contains("@schedule '0 0 * * * ?' to");
    WholeStack.stack().start(WholeStack.SCHEDULER);
    try {
      WholeStack.ingest("third.log", THIRD);
      await()
          .atMost(Duration.ofMinutes(5))
          .untilAsserted(
              () ->
                  assertThat(gateway.groups(BY_STATUS, "batch"))
                      .isEqualTo(FIRST.byStatusWith(SECOND, THIRD)));
      assertThat(run("schedule", "pause", "traffic")).contains("'traffic' is paused");
      await()
          .atMost(Duration.ofMinutes(5))
          .until(() -> schedule().path("running").isNull() && schedule().path("pending").isNull());
      assertThat(schedule().path("state").asText()).isEqualTo("paused");
      JsonNode newest = gateway.get("/v1/runs?view=traffic&status=SUCCEEDED").body().at("/runs/0");
      assertThat(newest.path("origin").asText()).isIn("schedule", "missed");
      assertThat(newest.path("events_read").asLong()).isPositive();
      assertThat(gateway.sql(BY_STATUS, "merged").body().at("/provenance/batch/run_id").asText())
          .isEqualTo(newest.path("run_id").asText());
      assertThat(run("schedule", "history", "traffic"))
          .containsPattern(newest.path("run_id").asText() + " +SUCCEEDED +(schedule|missed) +full");
      assertThat(WholeStack.recount("schedule", "trigger", "trafic").output())
          .contains("VIEW_UNKNOWN: ", "did you mean 'traffic'?");
      run("audit");
    } finally {
      WholeStack.stack().stop(WholeStack.SCHEDULER);
      run("apply");
    }
  }

  private static JsonNode schedule() {
    return gateway.get("/v1/schedules/traffic").body();
  }
}
