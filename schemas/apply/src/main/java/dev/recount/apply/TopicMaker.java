package dev.recount.apply;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.kafka.TopicLeaders;
import dev.recount.planner.compile.DeltaSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Makes the topics that are not there yet. */
final class TopicMaker implements AutoCloseable {
  private static final int DELTA_PARTITIONS = 2;
  private static final int DELTA_FILE_BYTES = 128 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final Duration POLL = Duration.ofMillis(50);

  /** A record's key and header, beside the event. */
  private static final int OVERHEAD_BYTES = 64 << 10;

  private static final String FOR_EVER = "-1";

  private final RecountConfig config;
  private final Consumer<String> say;
  private final Admin admin;

  TopicMaker(RecountConfig config, Consumer<String> say) {
    this.config = config;
    this.say = say;
    this.admin = KafkaClients.of(config).admin(PATIENCE);
  }

  /** An event with a key is state, of which the oldest record may be the one that counts. */
  void raw(EventSchema event) {
    String topic = Topics.raw(event.name());
    int largest = config.events().maxSizeBytes() + OVERHEAD_BYTES;
    boolean isState = !event.keyFields().isEmpty();
    Duration retention = isState ? null : config.events().retention();
    make(topic, config.events().partitions(), retention, largest);
    requireArrivalTimes(topic);
    if (isState) {
      keepForEver(topic);
    }
  }

  private void keepForEver(String topic) {
    String found = config(topic).orElseThrow().get(TopicConfig.RETENTION_MS_CONFIG).value();
    if (!found.equals(FOR_EVER)) {
      set(topic, TopicConfig.RETENTION_MS_CONFIG, FOR_EVER);
      say.accept("topic " + topic + ": kept for ever from now on, because its event has a key");
    }
  }

  /**
   * Views that join a state read it from its first record on.
   *
   * @throws RecountException LOG_TRUNCATED if the topic no longer holds it
   */
  void requireWhole(String state) {
    String topic = Topics.raw(state);
    awaitKnown(topic);
    int partitions =
        get(topic, admin.describeTopics(List.of(topic)).allTopicNames())
            .get(topic)
            .partitions()
            .size();
    Map<TopicPartition, OffsetSpec> first =
        IntStream.range(0, partitions)
            .mapToObj(p -> new TopicPartition(topic, p))
            .collect(Collectors.toMap(p -> p, p -> OffsetSpec.earliest()));
    boolean isWhole =
        get(topic, admin.listOffsets(first).all()).values().stream()
            .allMatch(found -> found.offset() == 0);
    if (!isWhole) {
      throw RecountException.of(
          ErrorCode.LOG_TRUNCATED,
          "Cannot join the state of '%s': the topic '%s' no longer holds its first "
              + "records, so older states are unknown; send the states again under a new event "
              + "with a key",
          state,
          topic);
    }
  }

  /** Deltas that Pinot has stored are deleted from the log, which frees whole files of it. */
  void deltas(String table) {
    String topic = Topics.deltas(table);
    make(topic, DELTA_PARTITIONS, config.speed().retention(), DeltaSize.LARGEST_BATCH_BYTES);
    awaitKnown(topic);
    String found = config(topic).orElseThrow().get(TopicConfig.SEGMENT_BYTES_CONFIG).value();
    if (Long.parseLong(found) > DELTA_FILE_BYTES) {
      set(topic, TopicConfig.SEGMENT_BYTES_CONFIG, String.valueOf(DELTA_FILE_BYTES));
    }
  }

  void deadLetters() {
    make(Topics.DEAD_LETTERS, 1, null, config.events().largestLetterBytes());
  }

  private void make(String name, int partitions, Duration retention, int largestBytes) {
    NewTopic topic =
        new NewTopic(name, Optional.of(partitions), Optional.empty())
            .configs(
                Map.of(
                    TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                    "LogAppendTime",
                    TopicConfig.RETENTION_MS_CONFIG,
                    retention == null ? FOR_EVER : String.valueOf(retention.toMillis()),
                    TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                    String.valueOf(largestBytes)));
    try {
      get(name, admin.createTopics(List.of(topic)).all());
      TopicLeaders.await(admin, name, Deadline.after(PATIENCE));
      say.accept("topic " + name + ": created, " + partitions + " partitions");
    } catch (TopicExistsException e) {
      say.accept("topic " + name + ": exists");
      raiseLargest(name, largestBytes);
    }
  }

  /** A topic may be older than the setting; it never takes less than it took. */
  private void raiseLargest(String topic, int largestBytes) {
    awaitKnown(topic);
    String found = config(topic).orElseThrow().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value();
    if (Long.parseLong(found) < largestBytes) {
      set(topic, TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(largestBytes));
      say.accept(
          "topic " + topic + ": now takes records of " + largestBytes + " bytes, before " + found);
    }
  }

  private void set(String topic, String key, String value) {
    AlterConfigOp set = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    get(topic, admin.incrementalAlterConfigs(Map.of(resource, List.of(set))).all());
  }

  /** A topic is made before every broker knows of it. */
  private void awaitKnown(String topic) {
    Deadline.after(PATIENCE)
        .require("the topic '" + topic + "' to be known", POLL, () -> config(topic).isPresent());
  }

  /** The settings of a topic; empty if the broker does not know it. */
  private Optional<Config> config(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      return Optional.of(get(topic, admin.describeConfigs(List.of(resource)).all()).get(resource));
    } catch (UnknownTopicOrPartitionException e) {
      return Optional.empty();
    }
  }

  /** The cut is by arrival, and arrival is what the broker writes into the record. */
  private void requireArrivalTimes(String topic) {
    awaitKnown(topic);
    String found =
        config(topic).orElseThrow().get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG).value();
    if (!found.equals("LogAppendTime")) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot use the topic '%s': its message.timestamp.type is %s, but arrival must "
              + "be set by the broker (LogAppendTime); delete the topic, and apply again",
          topic,
          found);
    }
  }

  private <T> T get(String topic, KafkaFuture<T> future) {
    try {
      return KafkaAnswer.await(future, PATIENCE);
    } catch (TopicExistsException | UnknownTopicOrPartitionException e) {
      throw e;
    } catch (KafkaException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE,
          e,
          "Cannot create the topic '%s' on Kafka at %s: %s; is the stack up? (recount status)",
          topic,
          config.kafkaBootstrap(),
          e.getMessage());
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ofSeconds(1));
  }
}
