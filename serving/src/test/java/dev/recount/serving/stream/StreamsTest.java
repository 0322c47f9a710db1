package dev.recount.serving.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Json;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.gateway.Plans;
import dev.recount.serving.gateway.Question;
import dev.recount.serving.gateway.Standing;
import io.javalin.Javalin;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Subscriptions over real connections; what is answered is the test's. */
class StreamsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final ViewVersion VERSION =
      new ViewVersion(
          "traffic",
          1,
          "page_view",
          Json.write(Plans.traffic("traffic")),
          ViewVersion.LIVE,
          0,
          0,
          null,
          null,
          null,
          null,
          null,
          null);
  private static final String PATH = "/v1/views/traffic/stream?select=requests&by=status";

  /** What the view is served from: deltas and time go on, runs are swapped. */
  private final AtomicReference<Standing> standing = new AtomicReference<>(standing(1, "run1", 1));

  private final AtomicReference<List<List<Object>>> rows =
      new AtomicReference<>(List.of(List.of(200, 5L)));

  /** What arrived before the last moment by which arrivals are told apart. */
  private final AtomicReference<List<List<Object>>> settled =
      new AtomicReference<>(List.of(List.of(200, 5L)));

  private final AtomicReference<RecountException> failure = new AtomicReference<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicLong later = new AtomicLong();
  private final List<StreamClient> clients = new ArrayList<>();
  private Streams streams;
  private Javalin app;

  private static Standing standing(int version, String run, long deltas) {
    return new Standing(version, run, List.of("LIVE"), deltas, deltas * 100_000, deltas * 100_000);
  }

  private Answer answer(Question question) {
    if (question.options().asOf() == null) {
      asked.incrementAndGet();
    }
    question.text().of(VERSION, Instant.EPOCH, ZoneOffset.UTC);
    if (failure.get() != null) {
      throw failure.get();
    }
    Standing now = standing.get();
    return new Answer(
        List.of(
            new Answer.Column("status", ColumnType.INT),
            new Answer.Column("requests", ColumnType.LONG)),
        question.options().asOf() == null ? rows.get() : settled.get(),
        new Provenance(
            "merged",
            "traffic",
            now.version(),
            question.options().asOf(),
            true,
            false,
            List.of(),
            new Provenance.BatchPart(now.run(), null, Instant.EPOCH, Instant.EPOCH, 1, 1, null),
            null,
            List.of(),
            null,
            null,
            null));
  }

  private void start(RecountConfig.Streams limits) {
    streams =
        new Streams(
            limits,
            Duration.ofSeconds(10),
            this::answer,
            view -> standing.get(),
            Duration.ofMillis(50),
            () -> System.nanoTime() + later.get());
    app =
        Javalin.create(
            settings ->
                settings.jetty.modifyHttpConfiguration(http -> http.setIdleTimeout(120_000)));
    app.exception(
        RecountException.class,
        (e, context) -> context.status(e.code().kind().httpStatus()).result(e.code().name()));
    new StreamApi(streams).install(app, handler -> handler);
    app.start("127.0.0.1", 0);
  }

  private void start() {
    start(new RecountConfig.Streams(100, 2, 3, Duration.ofMinutes(15)));
  }

  @AfterEach
  void stop() {
    clients.forEach(StreamClient::close);
    if (app != null) {
      streams.close();
      app.stop();
    }
  }

  private StreamClient client(String path, String lastId) {
    StreamClient client =
        StreamClient.open("http://127.0.0.1:" + app.port() + path, lastId, PATIENCE);
    clients.add(client);
    return client;
  }

  private void deltas(List<List<Object>> newRows) {
    rows.set(newRows);
    Standing now = standing.get();
    standing.set(standing(now.version(), now.run(), now.deltas() + 1));
  }

  @Test
  void subscriber_getsTheAnswer_andThenOnlyWhatChanges() {
    start();
    StreamClient client = client(PATH, null);
    StreamClient.Event first = client.nextChange();
    assertThat(first.name()).isEqualTo("answer");
    assertThat(first.data().path("rows").toString()).isEqualTo("[[200,5]]");
    assertThat(first.data().path("keys").asInt()).isEqualTo(1);
    assertThat(first.data().at("/provenance/batch/run_id").asText()).isEqualTo("run1");
    deltas(List.of(List.of(200, 5L), List.of(404, 1L)));
    StreamClient.Event second = client.nextChange();
    assertThat(second.name()).isEqualTo("change");
    assertThat(second.data().path("rows").toString()).isEqualTo("[[404,1]]");
    assertThat(second.data().path("removed")).isEmpty();
    assertThat(second.data().has("run")).isFalse();
  }

  @Test
  void equalQuestions_areAskedOnce_andNotAtAllWhileNothingArrives() throws Exception {
    start();
    client(PATH, null).next();
    int once = asked.get();
    client("/v1/views/traffic/stream?by=status&select=requests", null).next();
    client(PATH, null).next();
    assertThat(streams.questions()).isEqualTo(1);
    assertThat(streams.subscribers()).isEqualTo(3);
    int turns = 3;
    for (int i = 1; i <= turns; i++) {
      timePasses();
      later.addAndGet(TimeUnit.SECONDS.toNanos(11));
      assertThat(clients.get(0).next().data().path("freshness_ms").asLong()).isZero();
    }
    assertThat(asked.get()).isEqualTo(once);
  }

  private void timePasses() {
    Standing now = standing.get();
    standing.set(
        new Standing(
            now.version(),
            now.run(),
            now.state(),
            now.deltas(),
            now.untilMs() + 60_000,
            now.nowMs() + 60_000));
  }

  @Test
  void swap_thatChangesAGroup_isACorrectionWithItsRun_andWhatEventsChangedIsNot() {
    start();
    StreamClient client = client(PATH, null);
    client.nextChange();
    rows.set(List.of(List.of(200, 4L), List.of(404, 1L)));
    settled.set(List.of(List.of(200, 4L)));
    standing.set(standing(1, "run2", 2));
    StreamClient.Event corrected = client.nextChange();
    assertThat(corrected.name()).isEqualTo("correction");
    assertThat(corrected.data().path("run").asText()).isEqualTo("run2");
    assertThat(corrected.data().path("rows").toString()).isEqualTo("[[200,4]]");
    StreamClient.Event changed = client.nextChange();
    assertThat(changed.name()).isEqualTo("change");
    assertThat(changed.data().path("rows").toString()).isEqualTo("[[404,1]]");
  }

  @Test
  void otherVersion_isSentWhole() {
    start();
    StreamClient client = client(PATH, null);
    client.nextChange();
    standing.set(standing(2, "run2", 1));
    StreamClient.Event whole = client.nextChange();
    assertThat(whole.name()).isEqualTo("answer");
    assertThat(whole.data().at("/provenance/version").asInt()).isEqualTo(2);
  }

  @Test
  void clientThatComesAgain_isSentWhatItMissed_orAllIfThatIsNotKnown() {
    start();
    StreamClient client = client(PATH, null);
    String id = client.nextChange().id();
    client.close();
    deltas(List.of(List.of(404, 1L)));
    StreamClient again = client(PATH, id);
    StreamClient.Event missed = again.nextChange();
    assertThat(missed.name()).isEqualTo("change");
    assertThat(missed.data().path("rows").toString()).isEqualTo("[[404,1]]");
    assertThat(missed.data().path("removed").toString()).isEqualTo("[[200]]");
    for (String strange :
        List.of("v1/run1/-/00000000/1", "x", "", "/", id + "9", id + "99999999999999999999")) {
      StreamClient stranger = client(PATH, strange);
      assertThat(stranger.nextChange().name()).as(strange).isEqualTo("answer");
      stranger.close();
      awaitSubscribers(1);
    }
  }

  /** Clients that left are noticed when they are sent something. */
  private void awaitSubscribers(int count) {
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              later.addAndGet(TimeUnit.SECONDS.toNanos(11));
              return streams.subscribers() == count;
            });
  }

  @Test
  void failure_isToldOnce_andTheNextAnswerComesAllTheSame() {
    start();
    StreamClient client = client(PATH, null);
    client.nextChange();
    failure.set(RecountException.of(ErrorCode.ANSWER_INCOMPLETE, "Cannot answer in full: a test"));
    deltas(rows.get());
    StreamClient.Event problem = client.nextChange();
    assertThat(problem.name()).isEqualTo("problem");
    assertThat(problem.data().path("code").asText()).isEqualTo("ANSWER_INCOMPLETE");
    int failed = asked.get();
    await().atMost(PATIENCE).until(() -> asked.get() > failed);
    failure.set(null);
    StreamClient.Event well = client.nextChange();
    assertThat(well.name()).isEqualTo("change");
    assertThat(well.data().path("rows")).isEmpty();
  }

  @Test
  void firstAnswerThatFails_isAnError_andLeavesNothing() {
    start();
    failure.set(RecountException.of(ErrorCode.ANSWER_INCOMPLETE, "Cannot answer in full: a test"));
    assertThatThrownBy(() -> client(PATH, null)).hasMessageContaining("503 ANSWER_INCOMPLETE");
    failure.set(null);
    rows.set(manyRows(101));
    assertThatThrownBy(() -> client(PATH, null)).hasMessageContaining("503 TOO_MANY_GROUPS");
    assertThat(streams.subscribers()).isZero();
  }

  private static List<List<Object>> manyRows(int count) {
    List<List<Object>> many = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      many.add(List.of(i, (long) i));
    }
    return many;
  }

  @Test
  void moreThanTheLimits_isRefused() {
    start();
    client(PATH, null).next();
    client(PATH + "&limit=1", null).next();
    assertThatThrownBy(() -> client(PATH + "&limit=2", null))
        .hasMessageContaining("503 OVERLOADED");
    client(PATH, null).next();
    assertThatThrownBy(() -> client(PATH, null)).hasMessageContaining("503 OVERLOADED");
  }

  @Test
  void connection_endsInTheEnd_andClientsThatLeaveAreForgotten() {
    start();
    StreamClient left = client(PATH, null);
    left.nextChange();
    StreamClient stays = client(PATH, null);
    stays.nextChange();
    left.close();
    awaitSubscribers(1);
    later.addAndGet(TimeUnit.MINUTES.toNanos(16));
    await().atMost(PATIENCE).until(() -> streams.subscribers() == 0);
    assertThat(stays.isEnded()).isTrue();
  }

  /** It takes nothing; what it is to be sent in the end is what is so then, not all that was. */
  @Test
  void clientThatTakesNothing_holdsUpNobody_andGetsThePresentInTheEnd() throws IOException {
    start(new RecountConfig.Streams(2_000, 2, 3, Duration.ofMinutes(15)));
    rows.set(manyRows(2_000));
    try (Socket slow = new Socket("127.0.0.1", app.port())) {
      slow.setReceiveBufferSize(4096);
      slow.getOutputStream()
          .write(
              ("GET " + PATH + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      await().atMost(PATIENCE).until(() -> streams.subscribers() == 1);
      StreamClient quick = client(PATH, null);
      quick.nextChange();
      for (long turn = 1; turn <= 3; turn++) {
        List<List<Object>> next = manyRows(2_000);
        long value = turn * 1_000_000;
        next.replaceAll(row -> List.of(row.get(0), value));
        deltas(next);
        JsonNode changed = quick.nextChange().data();
        assertThat(changed.path("rows")).hasSize(2_000);
        assertThat(changed.at("/rows/7/1").asLong()).isEqualTo(value);
      }
      String all = readUntil(slow.getInputStream(), "[7,3000000]");
      assertThat(all).contains("event: answer").contains("event: change");
    }
  }

  private static String readUntil(InputStream in, String wanted) throws IOException {
    StringBuilder text = new StringBuilder();
    byte[] buffer = new byte[64 * 1024];
    while (text.indexOf(wanted) < 0) {
      int count = in.read(buffer);
      assertThat(count).as("the stream goes on").isPositive();
      text.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
    }
    return text.toString();
  }

  @Test
  void ending_closesAllConnections() {
    start();
    StreamClient client = client(PATH, null);
    client.nextChange();
    streams.end();
    assertThat(client.isEnded()).isTrue();
    assertThat(streams.subscribers()).isZero();
  }
}
