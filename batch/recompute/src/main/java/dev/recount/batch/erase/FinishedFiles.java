package dev.recount.batch.erase;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.cut.KafkaLog;
import dev.recount.batch.cut.RollRequests;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * Has the archive writer finish its open files, and waits until all that has arrived is in some.
 */
final class FinishedFiles {
  private static final Duration POLL = Duration.ofMillis(300);

  private final RecountConfig config;
  private final Catalog catalog;

  FinishedFiles(RecountConfig config, Catalog catalog) {
    this.config = config;
    this.catalog = catalog;
  }

  /**
   * @throws RecountException DEADLINE_EXCEEDED if not all is archived within {@code
   *     batch.close-wait}
   */
  void await(String event) {
    Archive archive = Archive.open(config, catalog, event, new Configuration());
    try (KafkaLog log = new KafkaLog(KafkaClients.of(config))) {
      Map<Integer, Long> ends = log.ends(Topics.raw(event));
      RollRequests rolls = new RollRequests(catalog, List.of(event));
      boolean reached =
          Deadline.after(config.batch().closeWait())
              .await(
                  POLL,
                  () -> {
                    rolls.ask();
                    return ends.entrySet().stream()
                        .allMatch(end -> holds(archive, log, event, end.getKey(), end.getValue()));
                  });
      if (!reached) {
        throw RecountException.of(
            ErrorCode.DEADLINE_EXCEEDED,
            "Cannot erase events of '%s': not all that has arrived is archived after %s"
                + " (batch.close-wait), and what is not cannot be erased; see 'recount status'",
            event,
            config.batch().closeWait());
      }
    }
  }

  /** What follows may be markers only, which no file holds. */
  private static boolean holds(
      Archive archive, KafkaLog log, String event, int partition, long end) {
    long next = archive.nextPosition(partition);
    return next >= end || log.arrivalMs(event, partition, next, end).isEmpty();
  }
}
