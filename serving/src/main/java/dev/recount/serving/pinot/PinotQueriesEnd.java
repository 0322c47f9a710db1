package dev.recount.serving.pinot;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.core.Deadline;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends queries in Pinot for which nobody waits any more. A broker of 0.11.0 gives each query a
 * number that only it knows, so each bears a mark of ours, by which it is found among those that
 * run.
 */
final class PinotQueriesEnd {
  private static final Logger LOG = LoggerFactory.getLogger(PinotQueriesEnd.class);

  /** A query that has just been sent may not be among those that run yet. */
  private static final int LOOKS = 3;

  private static final Duration BETWEEN = Duration.ofMillis(100);

  private final PinotRouting routing;
  private final ExecutorService threads;
  private final String process = UUID.randomUUID().toString().substring(0, 8);
  private final AtomicLong last = new AtomicLong();

  PinotQueriesEnd(PinotRouting routing, ExecutorService threads) {
    this.routing = routing;
    this.threads = threads;
  }

  /** A mark that no other query has: letters, digits and a minus sign. */
  String mark() {
    return process + "-" + last.incrementAndGet() + "-";
  }

  /** Ends the query with a mark, if it runs. Nobody waits for that. */
  void end(String mark) {
    try {
      threads.execute(() -> endNow(mark));
    } catch (RejectedExecutionException e) {
      LOG.debug("The process ends before the query {} does", mark);
    }
  }

  private void endNow(String mark) {
    try {
      for (int look = 0; look < LOOKS; look++) {
        Optional<String> id = routing.running().flatMap(queries -> id(queries, mark));
        if (id.isPresent()) {
          routing.cancel(id.get());
          LOG.debug("Ended query {} of Pinot's broker", id.get());
          return;
        }
        Deadline.after(BETWEEN).pause(BETWEEN);
      }
    } catch (RecountException e) {
      // It ends by its own time-out.
      LOG.debug("Cannot end a query in Pinot", e);
    }
  }

  private static Optional<String> id(JsonNode queries, String mark) {
    for (Map.Entry<String, JsonNode> query : queries.properties()) {
      if (query.getValue().asText().contains(mark)) {
        return Optional.of(query.getKey());
      }
    }
    return Optional.empty();
  }
}
