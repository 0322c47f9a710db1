package dev.recount.batch.archive;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.HeldLease;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

/**
 * Says in the catalog that this process reads files of the archive, so that none of those that it
 * lists from now on is removed until this is closed. Begun before the list is taken.
 */
public final class ArchiveReading implements AutoCloseable {
  /** A reader that was silent for so long has ended; longer than any pause of a JVM. */
  static final Duration SILENCE = Duration.ofSeconds(60);

  private final List<HeldLease> leases;

  private ArchiveReading(List<HeldLease> leases) {
    this.leases = leases;
  }

  /**
   * @param events whose files will be read
   */
  public static ArchiveReading begin(Catalog catalog, Collection<String> events) {
    ArchiveReading reading = new ArchiveReading(new ArrayList<>());
    try {
      for (String event : events) {
        reading.leases.add(lease(catalog, event));
      }
      return reading;
    } catch (RecountException e) {
      reading.close();
      throw e;
    }
  }

  private static HeldLease lease(Catalog catalog, String event) {
    String id = UUID.randomUUID().toString();
    return HeldLease.take(catalog.leases(), prefix(event) + id, id)
        .orElseThrow(
            () ->
                RecountException.of(
                    ErrorCode.INTERNAL, "Cannot read the archive: the lease %s is held", id));
  }

  /** How the names of the leases of an event's readers begin. */
  static String prefix(String event) {
    return "reader/" + event + "/";
  }

  /**
   * Asks whether files were safe until now.
   *
   * @throws RecountException BATCH_FAILED if not, as after a long silence of this process
   */
  public void requireHeld() {
    leases.forEach(HeldLease::requireHeld);
  }

  @Override
  public void close() {
    leases.forEach(HeldLease::close);
  }
}
