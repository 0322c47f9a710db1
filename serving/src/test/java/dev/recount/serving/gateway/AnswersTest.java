package dev.recount.serving.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.pinot.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Equal questions are asked once, and answered again while nothing else can be answered. */
class AnswersTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final String SQL = "SELECT MEASURE(requests) FROM slow";

  @TempDir private Path home;
  private SlowServing serving;
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);

  private void open(String age) throws Exception {
    serving = new SlowServing(home, Map.of("RECOUNT_SERVING_CACHE_AGE", age));
    serving
        .pinot()
        .answer(
            "/query/sql",
            body -> {
              int number = asked.incrementAndGet();
              release.await();
              return row(body, number);
            });
    serving.pinot().answer("/queries", body -> "{}");
  }

  @AfterEach
  void close() {
    release.countDown();
    serving.close();
  }

  /** One row of so many columns as are asked for, all of one number. */
  private static String row(String body, int number) {
    String sql = Json.read(body, JsonNode.class).path("sql").asText();
    int columns = sql.substring(sql.indexOf("SELECT"), sql.indexOf(" FROM ")).split(", ").length;
    return "{\"resultTable\":{\"dataSchema\":{\"columnNames\":%s,\"columnDataTypes\":%s},\"rows\":[%s]},\"exceptions\":[],\"numSegmentsQueried\":1,\"numDocsScanned\":1}"
        .formatted(
            Json.write(Collections.nCopies(columns, "c")),
            Json.write(Collections.nCopies(columns, "LONG")),
            Json.write(Collections.nCopies(columns, number)));
  }

  private Answer ask(Asker asker) {
    return serving.gateway().answer(Question.sql(SQL, Mode.BATCH).by(asker));
  }

  private List<CompletableFuture<Answer>> askAtOnce(int count) {
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Asker asker = Asker.named("asker " + i);
      answers.add(CompletableFuture.supplyAsync(() -> ask(asker), command -> start(command)));
    }
    Deadline.after(SOON)
        .require(
            "all to wait for Pinot",
            POLL,
            () -> serving.gateway().running().list().size() == count && asked.get() > 0);
    return answers;
  }

  private static void start(Runnable command) {
    new Thread(command).start();
  }

  @Test
  void equalQuestionsAtOnce_areAskedOnce() throws Exception {
    open("1m");
    List<CompletableFuture<Answer>> answers = askAtOnce(8);
    release.countDown();
    assertThat(answers)
        .allSatisfy(a -> assertThat(a.join().rows()).isEqualTo(List.of(List.of(1L))));
    assertThat(asked).hasValue(1);
  }

  @Test
  void oneWhoIsCancelled_takesTheAnswerFromNobodyElse() throws Exception {
    open("1m");
    List<CompletableFuture<Answer>> answers = askAtOnce(3);
    String first = serving.gateway().running().list().get(0).id();
    String name = serving.gateway().running().list().get(0).askedBy();
    serving.gateway().running().cancel(first, "ops");
    int index = Integer.parseInt(name.substring("asker ".length()));
    assertThatThrownBy(answers.get(index)::join)
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("'ops' cancelled it");
    release.countDown();
    for (int i = 0; i < 3; i++) {
      if (i != index) {
        assertThat(answers.get(i).join().rows()).isEqualTo(List.of(List.of(1L)));
      }
    }
    assertThat(asked).hasValue(1);
  }

  @Test
  void answer_isGivenAgain_untilAnotherBatchIsServed() throws Exception {
    open("1m");
    release.countDown();
    Answer first = ask(Asker.named("one"));
    assertThat(ask(Asker.named("two"))).isEqualTo(first);
    assertThat(asked).hasValue(1);
    ViewVersion version = serving.catalog().views().active("slow").orElseThrow();
    serving.publish(version.plan(), SlowServing.CUT + 10_000, "s2");
    serving.serve(version.table(), SlowServing.CUT + 10_000, "s2");
    Answer later = ask(Asker.named("one"));
    assertThat(later.rows()).isEqualTo(List.of(List.of(2L)));
    assertThat(later.provenance().batch().cut()).isAfter(first.provenance().batch().cut());
  }

  @Test
  void answersThatAreKept_areOnlyForThoseWhoMayReadThem() throws Exception {
    open("1m");
    release.countDown();
    ask(Asker.named("one"));
    Asker other =
        new Asker() {
          @Override
          public String name() {
            return "other";
          }

          @Override
          public void requireMayRead(String view) {
            throw new RecountException(ErrorCode.FORBIDDEN, "Cannot read '" + view + "'");
          }
        };
    assertThatThrownBy(() -> ask(other))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN));
  }

  @Test
  void differentQuestions_haveAnswersOfTheirOwn() throws Exception {
    open("1m");
    release.countDown();
    ask(Asker.named("one"));
    serving.gateway().answer(Question.sql(SQL + " LIMIT 7", Mode.BATCH));
    serving
        .gateway()
        .answer(
            Question.sql(SQL, Mode.BATCH).with(new Options(SOON, false, null, false, null, null)));
    assertThat(asked).hasValue(3);
  }

  @Test
  void oneWhoTakesNoKeptAnswer_isAnsweredAnew() throws Exception {
    open("1m");
    release.countDown();
    ask(Asker.named("one"));
    Asker anew =
        new Asker() {
          @Override
          public String name() {
            return "anew";
          }

          @Override
          public void requireMayRead(String view) {
            // It may.
          }

          @Override
          public boolean takesKept() {
            return false;
          }
        };
    assertThat(ask(anew).rows()).isEqualTo(List.of(List.of(2L)));
    assertThat(ask(Asker.named("one")).rows()).as("not older").isEqualTo(List.of(List.of(2L)));
  }

  @Test
  void withoutACache_everyQuestionIsAsked() throws Exception {
    open("0s");
    release.countDown();
    ask(Asker.named("one"));
    assertThat(ask(Asker.named("one")).rows()).isEqualTo(List.of(List.of(2L)));
  }

  @Test
  void failures_areNotKept() throws Exception {
    open("1m");
    serving
        .pinot()
        .answer(
            "/query/sql",
            body ->
                asked.incrementAndGet() == 1
                    ? "{\"exceptions\":[{\"errorCode\":150,\"message\":\"m\"}]}"
                    : row(body, 5));
    assertThatThrownBy(() -> ask(Asker.named("one")))
        .isInstanceOfSatisfying(
            RecountException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.QUERY_FAILED));
    assertThat(ask(Asker.named("one")).rows()).isEqualTo(List.of(List.of(5L)));
  }
}
