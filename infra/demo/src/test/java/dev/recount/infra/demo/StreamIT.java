package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What subscribers hold is what is answered, whatever arrives, is recounted, or is cut off. */
@ExtendWith(WholeStack.class)
class StreamIT {
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final String BY_STATUS =
      "SELECT status, MEASURE(requests) FROM traffic GROUP BY status";
  private static final String QUESTION = "select=requests&by=status";

  private final Gateway gateway = new Gateway(WholeStack.config());

  private void awaitAnswer(StreamReader reader, Map<String, Long> before) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(reader.groups())
                    .isNotEqualTo(before)
                    .isEqualTo(gateway.groups(BY_STATUS, "merged")));
  }

  @Test
  void subscriber_holdsTheAnswer_throughEventsARunAndACutConnection() throws IOException {
    StreamReader reader = StreamReader.open(WholeStack.config(), "traffic", QUESTION, null);
    awaitAnswer(reader, Map.of("no status", 0L));
    Map<String, Long> before = reader.groups();
    WholeStack.ingest("stream-1.log", new AccessLog(41, 700));
    awaitAnswer(reader, before);

    Map<String, Long> counted = reader.groups();
    String run = reader.run();
    run("batch", "run", "traffic");
    await().atMost(PATIENCE).until(() -> !reader.run().equals(run));
    assertThat(reader.groups()).isEqualTo(counted);
    assertThat(reader.names())
        .as("a recount of the same events corrects nothing")
        .startsWith("answer")
        .contains("change")
        .doesNotContain("correction", "problem");

    reader.cutOff();
    WholeStack.ingest("stream-2.log", new AccessLog(42, 300));
    StreamReader again = StreamReader.open(WholeStack.config(), "traffic", QUESTION, reader);
    awaitAnswer(again, counted);
    assertThat(again.names()).as("only what it missed").doesNotContain("answer");
    again.cutOff();
  }

  @Test
  void questionThatCannotBeAsked_isRefusedAtOnce() {
    assertThat(gateway.get("/v1/views/nothing/stream").status()).isEqualTo(404);
    assertThat(gateway.get("/v1/views/traffic/stream?by=nothing").status()).isEqualTo(400);
    assertThat(gateway.get("/v1/views/traffic/stream?colour=red").status()).isEqualTo(400);
    assertThat(gateway.get("/v1/views/traffic/stream?mode=red").status()).isEqualTo(400);
  }
}
