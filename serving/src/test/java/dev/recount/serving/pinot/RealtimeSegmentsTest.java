package dev.recount.serving.pinot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.serving.gateway.SlowPinot;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RealtimeSegmentsTest {
  private static final String COMPLETED = "t__0__0__x";
  private static final String CONSUMING = "t__0__1__x";

  private SlowPinot pinot;
  private RealtimeSegments segments;

  @BeforeEach
  void start() throws IOException {
    pinot = new SlowPinot();
    segments =
        new RealtimeSegments(
            new PinotRouting(new RecountConfig.Pinot(pinot.url(), pinot.url(), 1)),
            Clock.systemUTC());
    pinot.answer(
        "/tables/t/idealstate",
        body ->
            """
            {"REALTIME": {"t__0__0__x": {"s": "ONLINE"}, "t__0__1__x": {"s": "CONSUMING"}}}""");
  }

  @AfterEach
  void stop() {
    pinot.close();
  }

  private void metadata(String segment, String status, String rows) {
    pinot.answer(
        path(segment),
        body ->
            "{\"segment.realtime.status\": \"%s\", \"segment.total.docs\": \"%s\"}"
                .formatted(status, rows));
  }

  private static String path(String segment) {
    return "/segments/t_REALTIME/" + segment + "/metadata";
  }

  private void require(String... routed) throws Unsettled {
    segments.requireAll("t", Set.of(routed), Deadline.after(Duration.ofMinutes(1)));
  }

  @Test
  void aSegmentThatWasCompletedWithoutARecord_isNotMissing() throws Unsettled {
    metadata(COMPLETED, "DONE", "0");
    require(CONSUMING);
    require(COMPLETED, CONSUMING);
    require(CONSUMING);
    assertThat(pinot.asked(path(COMPLETED))).as("it stays empty").isEqualTo(1);
  }

  @Test
  void aSegmentWithRecords_orWhichIsNotComplete_isMissing() {
    metadata(COMPLETED, "DONE", "1");
    metadata(CONSUMING, "IN_PROGRESS", "0");
    assertThatExceptionOfType(Unsettled.class)
        .isThrownBy(() -> require(CONSUMING))
        .withMessageContaining("not served: [" + COMPLETED + "]");
    assertThatExceptionOfType(Unsettled.class)
        .isThrownBy(() -> require(COMPLETED))
        .withMessageContaining("not served: [" + CONSUMING + "]");
  }
}
