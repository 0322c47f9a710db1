package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.recount;
import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.TopicLeaders;
import dev.recount.infra.demo.drive.Recount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Home timelines, a join of tweets with who follows whom: whatever is followed, unfollowed, cut by
 * a batch run and killed meanwhile, they are what a plain program finds in the log.
 */
@ExtendWith(WholeStack.class)
class TimelinesIT {
  private static final String COPIES =
      "SELECT user_name, tweet_id, MEASURE(copies) FROM home_timelines GROUP BY user_name,"
          + " tweet_id";

  /** Its query is for the five newest of u1. */
  private static final ReadModelsPage.Section PAGE =
      ReadModelsPage.sections().get("Home timelines");

  @TempDir private static Path schemas;
  private static Gateway gateway;

  @BeforeAll
  static void applyTheView() throws IOException {
    gateway = new Gateway(WholeStack.config());
    WholeStack.copySchemas(
        Recount.root().resolve("schemas/examples"),
        schemas,
        "events/tweet.avsc",
        "events/follow.avsc",
        "views/home_timelines.sql");
    run("apply", "--schemas", schemas.toString());
  }

  private static Map<String, Long> copies(String mode) {
    Map<String, Long> copies = new TreeMap<>();
    for (JsonNode row : rows(COPIES, mode)) {
      copies.put(row.get(0).asText() + " " + row.get(1).asText(), row.get(2).asLong());
    }
    return copies;
  }

  private static JsonNode rows(String sql, String mode) {
    Gateway.Reply reply = gateway.sql(sql, mode);
    assertThat(reply.status()).as(reply.body().toString()).isEqualTo(200);
    return reply.body().path("rows");
  }

  private static void post(String event, JsonNode shown) {
    Gateway.Reply reply = gateway.post("/v1/events/" + event, shown.toString());
    assertThat(reply.body().path("accepted").asInt()).as("%s", reply).isEqualTo(1);
  }

  private static void awaitTimelinesOfTheLog() {
    Map<String, Long> expected = Followers.timelines();
    assertThat(expected).isNotEmpty();
    await()
        .atMost(Duration.ofSeconds(150))
        .untilAsserted(() -> assertThat(copies("merged")).isEqualTo(expected));
  }

  @Test
  void whatIsIngestedOfAKey_arrivesInItsOrder() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      lines.append(
          String.format(
              "{\"event_time\":\"%s\",\"follower\":\"a%d\",\"followee\":\"b\",\"following\":%s}%n",
              Instant.ofEpochSecond(i), i % 7, i % 2 == 0));
    }
    Path file = WholeStack.write("follows.ndjson", lines.toString());
    run("ingest", "follow", file.toString());
    Map<String, List<Long>> times = Followers.timesByPair();
    assertThat(times.keySet()).contains("a0 b", "a6 b");
    times.forEach(
        (pair, arrived) -> {
          if (pair.endsWith(" b")) {
            assertThat(arrived).as(pair).isSorted();
          }
        });
  }

  @Test
  void aStateWhoseFirstRecordsAreGone_cannotBeJoined(@TempDir Path folder) throws Exception {
    for (String file : List.of("events/tweet.avsc", "events/follow.avsc")) {
      Files.createDirectories(folder.resolve(file).getParent());
      String text = Files.readString(schemas.resolve(file)).replace("\"follow\"", "\"mute\"");
      Files.writeString(folder.resolve(file.replace("follow", "mute")), text);
    }
    Path view = folder.resolve("views/muted.sql");
    Files.createDirectories(view.getParent());
    Files.writeString(
        view,
        "SELECT m.follower AS f, count(*) AS n FROM tweet AS t"
            + " JOIN mute AS m ON t.author = m.followee GROUP BY ALL");
    Map<String, Object> settings =
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, WholeStack.config().kafkaBootstrap());
    TopicPartition partition = new TopicPartition(Topics.raw("mute"), 0);
    try (Admin admin = Admin.create(settings);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      NewTopic topic = new NewTopic(partition.topic(), 1, (short) 1);
      admin
          .createTopics(List.of(topic.configs(Map.of("message.timestamp.type", "LogAppendTime"))))
          .all()
          .get();
      TopicLeaders.await(admin, partition.topic(), Deadline.after(Duration.ofMinutes(2)));
      producer.send(new ProducerRecord<>(partition.topic(), new byte[1])).get();
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1))).all().get();
      WarmCommands.Result applied = recount("apply", "--schemas", folder.toString());
      assertThat(applied.code()).as(applied.output()).isNotZero();
      assertThat(applied.output()).contains("kept for ever").contains("no longer holds its first");
    }
    assertThat(recount("query", "SELECT MEASURE(n) FROM muted").output()).contains("VIEW_UNKNOWN");
  }

  @Test
  void timelines_areWhatAPlainProgramFindsInTheLog() throws Exception {
    post("follow", PAGE.events().get(0));
    post("tweet", PAGE.events().get(1));
    Followers followers = new Followers(gateway, new Random(7), Clock.systemUTC());
    followers.act(60);
    awaitTimelinesOfTheLog();

    CompletableFuture<WarmCommands.Result> run =
        WholeStack.runBeside("batch", "run", "home_timelines");
    while (!run.isDone()) {
      followers.act(5);
    }
    WholeStack.requireZero(run.join());
    followers.act(20);
    WholeStack.stack().kill("speed");
    followers.act(20);
    WholeStack.startAll();
    followers.act(20);

    awaitTimelinesOfTheLog();
    assertThat(copies("batch")).isNotEmpty();
    assertThat(copies("speed")).isNotEmpty().isNotEqualTo(copies("merged"));
    JsonNode state = gateway.sql(COPIES, "merged").body().at("/provenance/state");
    assertThat(state.path("event").asText()).isEqualTo("follow");
    List<String> times = new ArrayList<>();
    rows(PAGE.query(), "merged").forEach(row -> times.add(row.get(0).asText()));
    assertThat(times).hasSize(5).isSortedAccordingTo(Comparator.reverseOrder());
    run("audit", "home_timelines");
  }
}
