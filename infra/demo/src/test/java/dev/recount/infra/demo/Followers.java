package dev.recount.infra.demo;

import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.event.EventCodec;
import dev.recount.event.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Users who follow and unfollow each other and tweet, and what their home timelines then are. */
final class Followers {
  private static final int USERS = 6;

  /** A record as the log has it. */
  private record Logged(
      String event, long arrivalMs, int partition, long offset, GenericRecord fields) {
    String text(String field) {
      return fields.get(field).toString();
    }
  }

  private final Gateway gateway;
  private final Random random;
  private final Clock clock;
  private int tweets;

  Followers(Gateway gateway, Random random, Clock clock) {
    this.gateway = gateway;
    this.random = random;
    this.clock = clock;
  }

  /** Does so many things, one after the other; some at once. */
  void act(int times) {
    for (int i = 0; i < times; i++) {
      boolean isTweet = random.nextInt(3) == 0;
      StringBuilder lines = new StringBuilder();
      for (int n = random.nextInt(3); n >= 0; n--) {
        lines.append(Json.write(isTweet ? tweet() : follow())).append('\n');
      }
      Gateway.Reply reply =
          gateway.post("/v1/events/" + (isTweet ? "tweet" : "follow"), lines.toString());
      if (reply.status() != 202 || !reply.body().path("rejected").isEmpty()) {
        throw new AssertionError(reply.toString());
      }
    }
  }

  private Map<String, Object> tweet() {
    String id = "t" + tweets++;
    return Map.of(
        "event_time", now(), "tweet_id", id, "author", user(), "text", "This is " + id + "!");
  }

  private Map<String, Object> follow() {
    return Map.of(
        "event_time",
        now(),
        "follower",
        user(),
        "followee",
        user(),
        "following",
        random.nextInt(3) > 0);
  }

  /** Event times are in any order; only arrival counts. */
  private String now() {
    return clock.instant().minusSeconds(random.nextInt(86_400)).toString();
  }

  private String user() {
    return "u" + random.nextInt(USERS);
  }

  /** For each pair, the event times of its follows and unfollows in the order of arrival. */
  static Map<String, List<Long>> timesByPair() {
    Map<String, List<Long>> times = new TreeMap<>();
    try (Catalog catalog = Catalog.open(WholeStack.config())) {
      read("follow", catalog).stream()
          .sorted(
              Comparator.comparingLong(Logged::arrivalMs)
                  .thenComparingInt(Logged::partition)
                  .thenComparingLong(Logged::offset))
          .forEach(
              r ->
                  times
                      .computeIfAbsent(
                          r.text("follower") + " " + r.text("followee"), p -> new ArrayList<>())
                      .add((Long) r.fields().get("event_time")));
    }
    return times;
  }

  /** Goes through the log in the order of arrival: "user tweet" to 1. */
  static Map<String, Long> timelines() {
    List<Logged> log = new ArrayList<>();
    try (Catalog catalog = Catalog.open(WholeStack.config())) {
      log.addAll(read("tweet", catalog));
      log.addAll(read("follow", catalog));
    }
    // What arrives in the same millisecond as a tweet comes after it.
    log.sort(
        Comparator.comparingLong(Logged::arrivalMs)
            .thenComparing(Logged::event, Comparator.reverseOrder())
            .thenComparingInt(Logged::partition)
            .thenComparingLong(Logged::offset));
    Map<String, Map<String, Boolean>> followers = new HashMap<>();
    Map<String, Long> timelines = new TreeMap<>();
    for (Logged record : log) {
      if (record.event().equals("follow")) {
        followers
            .computeIfAbsent(record.text("followee"), f -> new HashMap<>())
            .put(record.text("follower"), (Boolean) record.fields().get("following"));
      } else {
        followers
            .getOrDefault(record.text("author"), Map.of())
            .forEach(
                (follower, following) -> {
                  if (following) {
                    timelines.put(follower + " " + record.text("tweet_id"), 1L);
                  }
                });
      }
    }
    return timelines;
  }

  private static List<Logged> read(String event, Catalog catalog) {
    EventCodec codec =
        new EventCodec(catalog.events().schema(event).orElseThrow(), catalog.events());
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            WholeStack.config().kafkaBootstrap(),
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest");
    List<Logged> log = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(Topics.raw(event)).stream()
              .map(p -> new TopicPartition(p.topic(), p.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        for (ConsumerRecord<byte[], byte[]> r : consumer.poll(Duration.ofMillis(200))) {
          log.add(
              new Logged(event, r.timestamp(), r.partition(), r.offset(), codec.decode(r.value())));
        }
      }
    }
    return log;
  }
}
