package dev.recount.batch.version;

import dev.recount.batch.lake.RunFolders;
import dev.recount.batch.run.RunLock;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.DeadRuns;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.Lease;
import dev.recount.core.catalog.SpeedRounds;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.DurationText;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaAnswer;
import dev.recount.infra.clients.kafka.KafkaClients;
import dev.recount.infra.clients.pinot.PinotController;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Removes versions of views with all that is their own. A version is marked first: from then on no
 * layer begins anything with it, and the gateway answers nothing from it. Then whoever is in the
 * midst of something with it is waited for, and what is its own goes: its tables in Pinot, its
 * delta topic, its folders on the lake, and its rows in the catalog last. So asking again finishes
 * what was cut off, and so does the janitor.
 */
public final class Dropping {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Longer than a micro-batch takes that is not about to fail. */
  private static final Duration ROUND = Duration.ofMinutes(2);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Consumer<String> say;
  private final PinotController controller;
  private final RunFolders folders;

  public Dropping(RecountConfig config, Catalog catalog, Consumer<String> say) {
    this.config = config;
    this.catalog = catalog;
    this.say = say;
    this.controller = new PinotController(config, PATIENCE);
    this.folders = new RunFolders(config.lakeUri(), new Configuration());
  }

  /** How many bytes on the lake go with a version. */
  long bytes(String table) {
    return folders.bytes(table);
  }

  /** Marks something to be dropped while nobody applies or drops anything else. */
  <T> T alone(Supplier<T> mark) {
    try (HeldLease lease = turn()) {
      lease.requireHeld();
      return mark.get();
    }
  }

  /** Held by who applies or drops anything. */
  HeldLease turn() {
    return HeldLease.await(
        catalog.leases(),
        Lease.SCHEMAS,
        holder(),
        () -> say.accept("Waiting for another apply or drop to end ..."));
  }

  /** Removes versions that are marked, when runs and backfills that are under way have ended. */
  void removeWhenFree(Collection<ViewVersion> marked) {
    // Before the lease of runs: a backfill waits for it in the end, and no run for a micro-batch.
    marked.forEach(version -> awaitBackfill(version.table()));
    awaitSpeed(marked);
    try (HeldLease lease = new RunLock(catalog, say).await()) {
      new DeadRuns(catalog, config.batch()).allAreDead();
      remove(marked, lease::requireHeld);
    }
  }

  /** The versions that are marked, also by commands that ended before they had removed them. */
  public List<ViewVersion> marked() {
    return catalog.views().unfinished().stream()
        .filter(version -> version.state().equals(ViewVersion.DROPPING))
        .toList();
  }

  /**
   * Waits until the speed layer writes nothing more of versions that are marked. To be called
   * before they are removed, and before runs are kept away for that.
   */
  public void awaitSpeed(Collection<ViewVersion> marked) {
    marked.stream().map(ViewVersion::event).distinct().forEach(this::awaitSpeed);
  }

  /**
   * Removes versions that are marked, and that the speed layer writes no more.
   *
   * @param requireNoRun throws if a run may be under way
   * @return how many; one with a backfill that is under way stays
   */
  public int remove(Collection<ViewVersion> marked, Runnable requireNoRun) {
    int gone = 0;
    for (ViewVersion version : marked) {
      String name = "Version " + version.version() + " of view '" + version.viewName() + "'";
      Optional<HeldLease> backfill =
          HeldLease.take(catalog.leases(), Lease.backfill(version.table()), holder());
      if (backfill.isEmpty()) {
        say.accept(name + " stays until its backfill has ended");
        continue;
      }
      try (HeldLease held = backfill.get()) {
        requireNoRun.run();
        controller.dropTable(version.table());
        dropTopic(Topics.deltas(version.table()));
        requireNoRun.run();
        held.requireHeld();
        folders.dropAll(version.table());
        catalog.views().forget(version);
      }
      gone++;
      say.accept(name + " is gone");
    }
    return gone;
  }

  private void awaitBackfill(String table) {
    HeldLease.await(
            catalog.leases(),
            Lease.backfill(table),
            holder(),
            () -> say.accept("Waiting for the backfill of '" + table + "' to end ..."))
        .close();
  }

  private static String holder() {
    return "recount drop (" + UUID.randomUUID() + ")";
  }

  /** A micro-batch that began before writes to the topics once more. */
  private void awaitSpeed(String event) {
    if (!new SpeedRounds(catalog).awaitPassed(event, Deadline.after(ROUND))) {
      say.accept(
          "The speed layer of '"
              + event
              + "' has been in one micro-batch for "
              + DurationText.of(ROUND)
              + "; going on without it");
    }
  }

  /** Deletes a topic; one that is gone stays gone. */
  void dropTopic(String topic) {
    try (Admin admin = KafkaClients.of(config).admin(PATIENCE)) {
      KafkaAnswer.await(admin.deleteTopics(List.of(topic)).all(), PATIENCE);
    } catch (UnknownTopicOrPartitionException e) {
      return;
    } catch (KafkaException e) {
      throw RecountException.of(
          ErrorCode.KAFKA_UNAVAILABLE,
          e,
          "Cannot delete the topic '%s' at %s: %s; ask again, which goes on with what is left",
          topic,
          config.kafkaBootstrap(),
          e.getMessage());
    }
  }
}
