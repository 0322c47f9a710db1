package dev.recount.infra.clients.kafka;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

/**
 * Whether a topic takes records. One that was just made has no leaders yet: there the first request
 * of a producer may be refused and its second taken, and from then on each repetition of the first
 * is refused as out of order (KAFKA-15591).
 */
public final class TopicLeaders {
  private static final Duration POLL = Duration.ofMillis(50);

  private TopicLeaders() {}

  /**
   * Waits until every partition of a topic has a leader that answers.
   *
   * @throws RecountException DEADLINE_EXCEEDED, or KAFKA_UNAVAILABLE if Kafka refuses to say
   */
  public static void await(Admin admin, String topic, Deadline deadline) {
    deadline.require("the leaders of topic '" + topic + "'", POLL, () -> answer(admin, topic));
  }

  private static boolean answer(Admin admin, String topic) {
    try {
      TopicDescription described =
          admin.describeTopics(List.of(topic)).topicNameValues().get(topic).get();
      Map<TopicPartition, OffsetSpec> ends =
          described.partitions().stream()
              .collect(
                  Collectors.toMap(
                      p -> new TopicPartition(topic, p.partition()), p -> OffsetSpec.latest()));
      admin.listOffsets(ends).all().get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return false;
      }
      throw unavailable(topic, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(topic, e);
    }
  }

  private static RecountException unavailable(String topic, Throwable cause) {
    return RecountException.of(
        ErrorCode.KAFKA_UNAVAILABLE,
        cause,
        "Cannot find the leaders of topic '%s': %s",
        topic,
        cause);
  }
}
