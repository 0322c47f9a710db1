package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static dev.recount.infra.demo.WholeStack.runProcess;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
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
  private static Gateway gateway;

  @BeforeAll
  static void connect() {
    gateway = new Gateway(WholeStack.config());
  }

  private static void awaitAnswer(Map<String, Long> expected) {
    await()
        .atMost(Duration.ofSeconds(30))
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
  void queryCommand_printsCsv() {
    assertThat(
            runProcess("query", "SELECT MEASURE(requests) AS n FROM visitors", "--format", "csv"))
        .contains("n\n" + (FIRST.lines() + SECOND.lines()) + "\n");
  }
}
