package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.event.Topics;
import dev.recount.infra.demo.drive.PageViewTraffic;
import dev.recount.infra.demo.drive.Recount;
import dev.recount.infra.demo.drive.TrafficThread;
import dev.recount.ingest.door.Door;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The broker refuses the deltas of one view; the others of its event go on. */
@ExtendWith(WholeStack.class)
class RefusedViewIT {
  private static final String STALLED = "speed of view 'refused_v1' has been stalled since";

  private final Gateway gateway = new Gateway(WholeStack.config());

  @Test
  void viewThatCannotBeWritten_isIncomplete_andWholeAgainAfterABatchRun(@TempDir Path schemas)
      throws Exception {
    apply(schemas);
    Clock clock = Clock.systemUTC();
    try (Catalog catalog = Catalog.open(WholeStack.config());
        Door door = Door.open(WholeStack.config(), catalog, clock);
        TrafficThread traffic =
            new TrafficThread(
                new PageViewTraffic(12, clock, PageViewTraffic.Shares.DEFAULT), door, 200)) {
      traffic.start();
      recompute();
      String largest = limitDeltas("100");
      await("the view to be set aside", () -> warnings("refused").contains("aside"));
      requireSeen();
      limitDeltas(largest);
      await("the view to work again", () -> warnings("refused").contains("has had this view only"));
      traffic.check();
    }
    recompute();
    run("audit", "refused", "traffic");
    Gateway.Reply ready = gateway.get("/health/ready");
    assertThat(ready.status()).isEqualTo(200);
    assertThat(ready.body().path("problems").toString()).doesNotContain(STALLED);
  }

  private static void apply(Path schemas) throws Exception {
    WholeStack.copySchemas(Recount.root().resolve("schemas"), schemas, "events/page_view.avsc");
    Files.createDirectories(schemas.resolve("views"));
    Files.writeString(
        schemas.resolve("views/refused.sql"),
        "SELECT user_agent, count(*) AS requests FROM page_view GROUP BY user_agent");
    run("apply", "--schemas", schemas.toString());
  }

  /** The view's first whole bucket may end later than the cut of a run that begins at once. */
  private void recompute() throws Exception {
    Deadline deadline = Deadline.after(Duration.ofMinutes(5));
    do {
      run("batch", "run", "refused");
    } while (!isComplete() && !deadline.isExpired());
    assertThat(isComplete()).as(warnings("refused")).isTrue();
  }

  private boolean isComplete() {
    return provenance("refused").path("complete").asBoolean();
  }

  private void requireSeen() throws IOException, InterruptedException {
    assertThat(warnings("refused")).contains("larger than the max message size");
    assertThat(provenance("refused").path("complete").asBoolean()).isFalse();
    await("the other views", () -> provenance("traffic").path("complete").asBoolean());
    Gateway.Reply ready = gateway.get("/health/ready");
    assertThat(ready.status()).as("all other views are served").isEqualTo(200);
    assertThat(ready.body().path("problems").toString()).contains(STALLED);
    Process status = WholeStack.begin("status");
    String output = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(status.waitFor()).as(output).isEqualTo(3);
    assertThat(output).contains(STALLED);
  }

  private JsonNode provenance(String view) {
    return gateway.sql("SELECT MEASURE(requests) FROM " + view, "merged").body().path("provenance");
  }

  /** What an answer says that it does not hold. */
  private String warnings(String view) {
    return provenance(view).path("warnings").toString();
  }

  private static void await(String thing, BooleanSupplier condition) {
    Deadline.after(Duration.ofMinutes(5)).require(thing, Duration.ofMillis(50), condition);
  }

  /** Has the broker refuse larger deltas of the view; what the limit was before. */
  private static String limitDeltas(String mostBytes)
      throws ExecutionException, InterruptedException {
    String name = TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
    ConfigResource topic =
        new ConfigResource(ConfigResource.Type.TOPIC, Topics.deltas("refused_v1"));
    AlterConfigOp limit =
        new AlterConfigOp(new ConfigEntry(name, mostBytes), AlterConfigOp.OpType.SET);
    Map<String, Object> servers =
        Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, WholeStack.config().kafkaBootstrap());
    try (Admin admin = Admin.create(servers)) {
      Config before = admin.describeConfigs(List.of(topic)).all().get().get(topic);
      admin.incrementalAlterConfigs(Map.of(topic, List.of(limit))).all().get();
      return before.get(name).value();
    }
  }
}
