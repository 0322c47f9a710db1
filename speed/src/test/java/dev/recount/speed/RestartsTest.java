package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RestartsTest {
  private static final RecountException REASON =
      new RecountException(ErrorCode.INTERNAL, "Cannot go on");

  @Test
  void failures_makePauses_thatEnd() {
    Restarts restarts = new Restarts("page_view");
    assertThat(restarts.isDue()).as("at first").isTrue();
    for (int i = 0; i < 10; i++) {
      restarts.failed(REASON);
    }
    assertThat(restarts.isDue()).as("within the longest pause").isFalse();
    restarts.worked();
    restarts.failed(REASON);
    assertThat(restarts.error()).contains(REASON);
    await().atMost(Duration.ofSeconds(5)).until(restarts::isDue);
  }

  /** A host's clock that is set back would make a pause as long as it was set back. */
  @ParameterizedTest
  @ValueSource(classes = {Restarts.class, CurrentDefinition.class})
  void pauses_areMeasuredByNoHostsClock(Class<?> type) {
    assertThat(Stream.of(type.getDeclaredConstructors()))
        .noneMatch(made -> Arrays.asList(made.getParameterTypes()).contains(Clock.class));
  }
}
