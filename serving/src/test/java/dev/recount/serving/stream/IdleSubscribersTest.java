package dev.recount.serving.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.view.ColumnType;
import dev.recount.serving.answer.Answer;
import dev.recount.serving.answer.Provenance;
import dev.recount.serving.gateway.Question;
import dev.recount.serving.gateway.Standing;
import io.javalin.Javalin;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Subscribers cost no question while nothing arrives, and no thread each. By hand for more, and
 * longer, with the CPU seconds that they cost: {@code
 * -Drecount.test.jvm="-Drecount.subscribers=9000 -Drecount.turns=60"}.
 */
class IdleSubscribersTest {
  private static final int SUBSCRIBERS = Integer.getInteger("recount.subscribers", 1_000);

  /** How often it is looked whether anything arrived, one second apart. */
  private static final int TURNS = Integer.getInteger("recount.turns", 3);

  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final int QUESTIONS = 5;
  private static final Standing STANDING =
      new Standing(1, "run1", List.of("LIVE"), 1, 100_000, 100_000);

  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger looked = new AtomicInteger();

  private Standing standing(String view) {
    looked.incrementAndGet();
    return STANDING;
  }

  private Answer answer(Question question) {
    asked.incrementAndGet();
    return new Answer(
        List.of(new Answer.Column("requests", ColumnType.LONG)),
        List.of(List.of(5L)),
        new Provenance(
            "merged",
            "traffic",
            1,
            question.options().asOf(),
            true,
            false,
            List.of(),
            new Provenance.BatchPart("run1", null, Instant.EPOCH, Instant.EPOCH, 1, 1, null),
            null,
            List.of(),
            null,
            null,
            null));
  }

  @Test
  void idleSubscribers_costNoQuestion_andNoThreadEach() throws Exception {
    RecountConfig.Streams limits =
        new RecountConfig.Streams(10, QUESTIONS, SUBSCRIBERS, Duration.ofMinutes(15));
    Javalin app = Javalin.create(settings -> settings.showJavalinBanner = false);
    try (Streams streams =
            new Streams(
                limits,
                Duration.ofSeconds(10),
                this::answer,
                this::standing,
                Duration.ofSeconds(1),
                System::nanoTime);
        IdleClients clients = new IdleClients()) {
      new StreamApi(streams).install(app, handler -> handler);
      app.start("127.0.0.1", 0);
      for (int i = 0; i < SUBSCRIBERS; i++) {
        clients.open(app.port(), "/v1/views/traffic/stream?limit=" + (1 + i % QUESTIONS));
      }
      Deadline.after(PATIENCE)
          .require("all subscribers", POLL, () -> streams.subscribers() == SUBSCRIBERS);
      assertThat(streams.questions()).isEqualTo(QUESTIONS);
      int askedBefore = asked.get();
      int lookedBefore = looked.get();
      long before = cpuNanos(clients.threadId());
      Deadline.after(PATIENCE.plusSeconds(TURNS))
          .require("the turns", POLL, () -> looked.get() >= lookedBefore + TURNS);
      double seconds = (cpuNanos(clients.threadId()) - before) / 1e9;
      int threads = ManagementFactory.getThreadMXBean().getThreadCount();
      System.out.printf(
          "%d subscribers, %d turns: %.2f CPU seconds, %d threads, %d bytes received%n",
          SUBSCRIBERS, TURNS, seconds, threads, clients.bytes());
      assertThat(asked).as("questions to Pinot").hasValue(askedBefore);
      assertThat(clients.ended()).as("cut off").isZero();
      assertThat(streams.subscribers()).isEqualTo(SUBSCRIBERS);
      assertThat(threads).isLessThan(SUBSCRIBERS / 2);
    } finally {
      app.stop();
    }
  }

  /** What all threads but the clients' have used; those that ended meanwhile are not counted. */
  private static long cpuNanos(long clients) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long nanos = 0;
    for (long id : threads.getAllThreadIds()) {
      nanos += id == clients ? 0 : Math.max(0, threads.getThreadCpuTime(id));
    }
    return nanos;
  }
}
