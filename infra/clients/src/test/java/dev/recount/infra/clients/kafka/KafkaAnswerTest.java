package dev.recount.infra.clients.kafka;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.junit.jupiter.api.Test;

class KafkaAnswerTest {
  private static KafkaFutureImpl<String> failed(Exception cause) {
    KafkaFutureImpl<String> future = new KafkaFutureImpl<>();
    future.completeExceptionally(cause);
    return future;
  }

  @Test
  void noAnswer_isSaidInTheSameWords_whoeverNoticesItFirst() {
    KafkaFutureImpl<String> byClient =
        failed(
            new TimeoutException("Call(callName=deleteRecords, deadlineMs=1, tries=1) timed out"));
    assertThatThrownBy(() -> KafkaAnswer.await(byClient, Duration.ofMinutes(1)))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("no answer within 1 minute");
    assertThatThrownBy(() -> KafkaAnswer.await(new KafkaFutureImpl<>(), Duration.ofMillis(1)))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("no answer within 1 ms");
  }

  @Test
  void refusal_isThrownAsItIs() {
    TopicAuthorizationException refusal = new TopicAuthorizationException("not yours");
    assertThatThrownBy(() -> KafkaAnswer.await(failed(refusal), Duration.ofMinutes(1)))
        .isSameAs(refusal);
  }
}
