package dev.recount.batch.cut;

import dev.recount.batch.archive.Archive;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/** Picks a cut on the real log and the real archive, waiting for the archive first. */
public final class ArchiveCuts {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Clock clock;
  private final Progress progress;
  private final Duration away;

  /** Cuts that are not picked while Kafka is away. */
  public ArchiveCuts(RecountConfig config, Catalog catalog, Clock clock, Progress progress) {
    this(config, catalog, clock, progress, Duration.ZERO);
  }

  /**
   * @param away how long to wait for a Kafka that is away
   */
  public ArchiveCuts(
      RecountConfig config, Catalog catalog, Clock clock, Progress progress, Duration away) {
    this.config = config;
    this.catalog = catalog;
    this.clock = clock;
    this.progress = progress;
    this.away = away;
  }

  /** A cut that covers all that has arrived by now, if the archive catches up in time. */
  public CutPicker.Pick pick(Collection<String> events) {
    return pick(events, clock.millis());
  }

  /**
   * A cut that covers all that had arrived at {@code askedMs}, which is a time of this host's
   * clock.
   *
   * @throws RecountException KAFKA_UNAVAILABLE if Kafka is away for too long, or as {@link
   *     ArchiveWait} says
   */
  public CutPicker.Pick pick(Collection<String> events, long askedMs) {
    Deadline end = Deadline.after(away);
    while (true) {
      try {
        return pickNow(events, askedMs);
      } catch (RecountException e) {
        if (e.code() != ErrorCode.KAFKA_UNAVAILABLE || end.isExpired()) {
          throw e;
        }
        progress.say("Kafka does not answer; waiting for it ...");
      }
      end.pause(RETRY);
    }
  }

  private CutPicker.Pick pickNow(Collection<String> events, long askedMs) {
    progress.say("Waiting until the archive holds what has arrived ...");
    Configuration hadoop = new Configuration();
    Map<String, Archive> archives = new HashMap<>();
    events.forEach(e -> archives.put(e, Archive.open(config, catalog, e, hadoop)));
    try (KafkaLog log = new KafkaLog(KafkaClients.of(config))) {
      CutPicker picker =
          new CutPicker(config.cut(), log, event -> archives.get(event)::nextPosition);
      long arrivedMs = log.nowMs() - (clock.millis() - askedMs);
      return new ArchiveWait(config, catalog, picker, log::nowMs, progress::say)
          .await(events, arrivedMs);
    }
  }
}
