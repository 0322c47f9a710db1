package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.planner.row.SparkSessions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.StreamingQueryListener;
import org.apache.spark.sql.streaming.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream without new records, as fast as possible. */
class IdleStreamTest {
  @TempDir private Path folder;

  /** Notes when a query looked for records in vain. */
  private static final class Looks extends StreamingQueryListener {
    private final List<Instant> moments = new CopyOnWriteArrayList<>();

    @Override
    public void onQueryStarted(QueryStartedEvent started) {
      // The first look comes later.
    }

    @Override
    public void onQueryProgress(QueryProgressEvent progress) {
      // There is none without records.
    }

    @Override
    public void onQueryIdle(QueryIdleEvent idle) {
      moments.add(Instant.parse(idle.timestamp()));
    }

    @Override
    public void onQueryTerminated(QueryTerminatedEvent terminated) {
      // It is the test's end.
    }

    Duration shortestPause() {
      return IntStream.range(1, moments.size())
          .mapToObj(i -> Duration.between(moments.get(i - 1), moments.get(i)))
          .min(Comparator.naturalOrder())
          .orElseThrow();
    }
  }

  @Test
  void idleStream_pausesBetweenItsLooks() throws Exception {
    SparkSession session = SparkSessions.local("idle", 1).newSession();
    session.conf().set("spark.sql.streaming.noDataProgressEventInterval", "0");
    SpeedService.pace(session);
    Looks listener = new Looks();
    session.streams().addListener(listener);
    StreamingQuery query =
        session
            .readStream()
            .text(folder.toString())
            .writeStream()
            .trigger(Trigger.ProcessingTime(0))
            .foreachBatch((rows, id) -> {})
            .start();
    try {
      Deadline.after(Duration.ofSeconds(60))
          .require("looks", Duration.ofMillis(20), () -> listener.moments.size() > 10);
      assertThat(listener.shortestPause()).isGreaterThan(Duration.ofMillis(45));
    } finally {
      query.stop();
    }
  }
}
