package dev.recount.batch.version;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.batch.archive.ArchiveRewriter;
import dev.recount.core.Deadline;
import dev.recount.core.Json;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.Heartbeat;
import dev.recount.core.catalog.HeldLease;
import dev.recount.core.catalog.ViewVersion;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Removes the records of an event that the catalog no longer knows: its topic and its archive, and
 * what the speed layer knows of its place in them.
 */
final class DroppedEvent {
  /** Longer than the door uses a schema, and services take to look which events there are. */
  private static final Duration KNOWN = Duration.ofSeconds(3);

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** A service that has said nothing for so long is gone; on a busy machine some take seconds. */
  private static final Duration GONE = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(200);

  private final RecountConfig config;
  private final Catalog catalog;
  private final Dropping dropping;
  private final Consumer<String> say;
  private final Configuration hadoop = new Configuration();

  DroppedEvent(RecountConfig config, Catalog catalog, Consumer<String> say) {
    this.config = config;
    this.catalog = catalog;
    this.dropping = new Dropping(config, catalog, say);
    this.say = say;
  }

  long archiveBytes(String event) {
    Path folder = archive(event);
    try {
      return folder.getFileSystem(hadoop).getContentSummary(folder).getLength();
    } catch (FileNotFoundException e) {
      return 0;
    } catch (IOException e) {
      throw failed("read", folder, e);
    }
  }

  /**
   * Removes them when nobody writes them any more; what is gone already stays gone. Nothing is
   * applied meanwhile: an event that is applied again gets its records back, whatever was waited
   * for before.
   *
   * @throws RecountException IN_USE if it has been applied again
   */
  void removeRecords(String event) {
    String holder = "recount drop (" + UUID.randomUUID() + ")";
    Runnable waiting = () -> say.accept("Waiting for the compaction of its archive to end ...");
    // First, for it may take long, and would keep everybody from applying anything.
    try (HeldLease rewriting =
            HeldLease.await(catalog.leases(), ArchiveRewriter.leaseOf(event), holder, waiting);
        HeldLease schemas = dropping.turn()) {
      requireDropped(event);
      awaitLetGo(event);
      remove(
          event,
          () -> {
            rewriting.requireHeld();
            schemas.requireHeld();
          });
    }
  }

  private void requireDropped(String event) {
    if (catalog.events().names().contains(event)) {
      throw RecountException.of(
          ErrorCode.IN_USE,
          "Cannot remove the records of event '%s': it has been applied again since it was dropped;"
              + " ask again to drop it once more",
          event);
    }
    requireUnread(event);
  }

  /** Also versions that are being made or dropped still read it. */
  void requireUnread(String event) {
    List<String> readers =
        Stream.concat(catalog.views().all().stream(), catalog.views().unfinished().stream())
            .filter(version -> version.plan().events().contains(event))
            .map(ViewVersion::name)
            .toList();
    if (!readers.isEmpty()) {
      throw RecountException.of(
          ErrorCode.IN_USE,
          "Cannot drop event '%s': %s count or join it; remove them first (recount drop view,"
              + " recount version drop)",
          event,
          String.join(", ", readers));
    }
  }

  private void awaitLetGo(String event) {
    say.accept("Waiting until nothing more is written of event '" + event + "' ...");
    Deadline.after(KNOWN).pause(KNOWN);
    Deadline.after(PATIENCE)
        .require("the services to let go of event '" + event + "'", POLL, () -> isLetGo(event));
  }

  private void remove(String event, Runnable requireHeld) {
    requireHeld.run();
    dropping.dropTopic(Topics.raw(event));
    Path folder = archive(event);
    requireHeld.run();
    try {
      folder.getFileSystem(hadoop).delete(folder, true);
    } catch (IOException e) {
      throw failed("delete", folder, e);
    }
    dropCheckpoint(event);
    requireHeld.run();
    catalog.events().forget(event);
  }

  /**
   * Of another host's speed layer it stays: one that begins with such an event again sets it aside.
   */
  private void dropCheckpoint(String event) {
    for (String name : List.of(event, event + ".lost")) {
      FileUtils.deleteQuietly(config.home().checkpoints().resolve(name).toFile());
    }
  }

  /** Whether no process that reports works on it. */
  private boolean isLetGo(String event) {
    return catalog.services().heartbeats().stream()
        .filter(beat -> beat.ageMs() <= GONE.toMillis())
        .noneMatch(beat -> names(beat, event));
  }

  private static boolean names(Heartbeat beat, String event) {
    return Json.read(beat.detailJson(), JsonNode.class).path("events").has(event);
  }

  private Path archive(String event) {
    return new Path(new Path(config.archive().uri()), event);
  }

  private static RecountException failed(String verb, Path folder, IOException e) {
    return RecountException.of(
        ErrorCode.ARCHIVE_UNAVAILABLE,
        e,
        "Cannot %s '%s': %s; ask again, which goes on with what is left",
        verb,
        folder,
        e.getMessage());
  }
}
