package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class FailuresTest {
  private static RecountException unavailable(Throwable cause) {
    return new RecountException(ErrorCode.KAFKA_UNAVAILABLE, "Cannot write", cause);
  }

  @Test
  void whatABrokerMayHaveWithAnyTopic_isNoViewsFault() {
    assertThat(
            new Throwable[] {
              new TimeoutException("expired"),
              new NotLeaderOrFollowerException("moved"),
              new NotEnoughReplicasException("few"),
              new ClusterAuthorizationException("nobody may"),
              new InvalidProducerEpochException("old"),
              new KafkaException("Producer is closed forcefully."),
              new IllegalStateException(new TimeoutException("expired")),
              unavailable(null)
            })
        .allMatch(Failures::isOfBroker);
  }

  @Test
  void whatOneTopicRefuses_orAViewThrows_isTheViewsFault() {
    assertThat(
            new Throwable[] {
              new RecordTooLargeException("large"),
              new TopicAuthorizationException("deltas.v"),
              new PolicyViolationException("no"),
              unavailable(new RecordTooLargeException("large")),
              new IllegalStateException("a defect"),
              new StackOverflowError(),
              new RecountException(ErrorCode.MEMORY_EXHAUSTED, "Cannot hold the groups")
            })
        .noneMatch(Failures::isOfBroker);
  }

  @Test
  void reason_isShort_andNamesWhatIsNoErrorOfRecount() {
    assertThat(ViewFailure.of(new IllegalStateException("x".repeat(5_000))).reason())
        .startsWith("java.lang.IllegalStateException: xxx")
        .hasSizeLessThan(1_100);
    assertThat(ViewFailure.of(unavailable(null)).reason()).isEqualTo("Cannot write");
  }
}
