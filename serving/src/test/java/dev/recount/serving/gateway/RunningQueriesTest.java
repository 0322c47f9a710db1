package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.pinot.Mode;
import dev.recount.serving.running.RunningQuery;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is being answered can be seen and ended, here and in Pinot. */
class RunningQueriesTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final String SQL = "SELECT MEASURE(requests) FROM slow";

  @TempDir private Path home;
  private SlowServing serving;
  private final AtomicReference<String> asked = new AtomicReference<>();

  @BeforeEach
  void open() throws Exception {
    serving = new SlowServing(home, Map.of());
    // The query hangs, and is among those that the broker runs as number 17.
    serving
        .pinot()
        .answer(
            "/query/sql",
            body -> {
              asked.set(Json.read(body, Map.class).get("sql").toString());
              return null;
            });
    serving.pinot().answer("/queries", body -> Json.write(Map.of("17", asked.get(), "9", "x")));
    serving.pinot().answer("/query/17", body -> "Cancelled");
  }

  @AfterEach
  void close() {
    serving.close();
  }

  private CompletableFuture<Object> ask(Asker asker) {
    Question question = Question.sql(SQL, Mode.BATCH).by(asker);
    return CompletableFuture.supplyAsync(() -> serving.gateway().answer(question));
  }

  private RunningQuery awaitRunning() {
    Deadline.after(SOON).require("the query to reach Pinot", POLL, () -> asked.get() != null);
    return serving.gateway().running().list().get(0);
  }

  private void requireEndedInPinot() {
    Deadline.after(SOON)
        .require("the query to end in Pinot", POLL, () -> serving.pinot().asked("/query/17") > 0);
    assertThat(serving.gateway().running().list()).isEmpty();
  }

  @Test
  void queryThatRuns_isListed_andEndsWhenItIsCancelled() {
    CompletableFuture<Object> answer = ask(Asker.named("reports"));
    RunningQuery query = awaitRunning();
    assertThat(query.view()).isEqualTo("slow");
    assertThat(query.mode()).isEqualTo(Mode.BATCH);
    assertThat(query.askedBy()).isEqualTo("reports");
    assertThat(query.sql()).isEqualTo(SQL);
    assertThat(serving.gateway().running().cancel("other", "ops")).isEmpty();
    assertThat(serving.gateway().running().cancel(query.id(), "ops")).contains(query);
    assertThatThrownBy(answer::join)
        .cause()
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_CANCELLED))
        .hasMessageContaining("'ops' cancelled it");
    requireEndedInPinot();
  }

  @Test
  void queryWhoseClientLeaves_isEnded() {
    AtomicBoolean isThere = new AtomicBoolean(true);
    CompletableFuture<Object> answer =
        ask(
            new Asker() {
              @Override
              public String name() {
                return "browser";
              }

              @Override
              public void requireMayRead(String view) {}

              @Override
              public boolean isThere() {
                return isThere.get();
              }
            });
    awaitRunning();
    isThere.set(false);
    assertThatThrownBy(answer::join).hasMessageContaining("its client has left");
    requireEndedInPinot();
  }

  @Test
  void queryWhoseTimeIsUp_isEnded() {
    Question question =
        Question.sql(SQL, Mode.BATCH)
            .with(new Options(Duration.ofMillis(500), false, null, false, null, null));
    assertThatThrownBy(() -> serving.gateway().answer(question))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_TIMEOUT));
    requireEndedInPinot();
    assertThat(List.of(asked.get().split("; "))).anyMatch(o -> o.startsWith("SET timeoutMs = "));
  }
}
