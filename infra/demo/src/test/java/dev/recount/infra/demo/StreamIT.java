package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
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

  private static final AccessLog FIRST = new AccessLog(41, 700);
  private static final AccessLog SECOND = new AccessLog(42, 300);

  private final Gateway gateway = new Gateway(WholeStack.config());

  private void awaitAnswer(StreamReader reader, Map<String, Long> expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(reader.groups()).isEqualTo(expected));
    assertThat(gateway.groups(BY_STATUS, "merged")).isEqualTo(expected);
  }

  /** What is counted of all that has arrived by now. */
  private Map<String, Long> counted() {
    Instant now = Clock.systemUTC().instant();
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                Instant.parse(
                        gateway
                            .anew(BY_STATUS, "merged")
                            .body()
                            .at("/provenance/speed/complete_until")
                            .asText())
                    .isAfter(now));
    return gateway.groups(BY_STATUS, "merged");
  }

  @Test
  void subscriber_holdsTheAnswer_throughEventsARunAndACutConnection() throws IOException {
    StreamReader reader = StreamReader.open(WholeStack.config(), "traffic", QUESTION, null);
    Map<String, Long> before = counted();
    awaitAnswer(reader, before);
    WholeStack.ingest("stream-1.log", FIRST);
    Map<String, Long> counted = FIRST.byStatusWith(before);
    awaitAnswer(reader, counted);

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
    WholeStack.ingest("stream-2.log", SECOND);
    StreamReader again = StreamReader.open(WholeStack.config(), "traffic", QUESTION, reader);
    awaitAnswer(again, SECOND.byStatusWith(counted));
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
