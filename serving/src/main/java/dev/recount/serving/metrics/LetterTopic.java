package dev.recount.serving.metrics;

import dev.recount.core.config.RecountConfig;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** How many records the topic of dead letters has ever taken. Its client is opened when asked. */
final class LetterTopic implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final RecountConfig config;
  private Admin admin;

  LetterTopic(RecountConfig config) {
    this.config = config;
  }

  synchronized long written() {
    if (admin == null) {
      admin = KafkaClients.of(config).admin(TIMEOUT);
    }
    try {
      List<TopicPartition> partitions =
          KafkaAnswer.await(
                  admin.describeTopics(List.of(Topics.DEAD_LETTERS)).allTopicNames(), TIMEOUT)
              .get(Topics.DEAD_LETTERS)
              .partitions()
              .stream()
              .map(partition -> new TopicPartition(Topics.DEAD_LETTERS, partition.partition()))
              .toList();
      Map<TopicPartition, OffsetSpec> ends =
          partitions.stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
      return KafkaAnswer.await(admin.listOffsets(ends).all(), TIMEOUT).values().stream()
          .mapToLong(end -> end.offset())
          .sum();
    } catch (UnknownTopicOrPartitionException e) {
      return 0; // Nothing has been applied yet.
    }
  }

  @Override
  public synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }
}
