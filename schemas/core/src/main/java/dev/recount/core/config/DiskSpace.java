package dev.recount.core.config;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How much room the disk of a home has. A Kafka broker ends when its disk is full, so events are
 * refused while there is still room ({@code disk.reserve}) for what is under way. Thread-safe.
 */
public final class DiskSpace {
  private static final long MIB = 1024 * 1024;
  private static final long LOOK_AGAIN_NANOS = Duration.ofSeconds(1).toNanos();

  private final Path home;
  private final long reserveBytes;
  private final boolean isKafkaHere;
  private volatile Look last;

  private record Look(long atNanos, Optional<String> problem) {}

  /** The disk of the configuration's home. */
  public DiskSpace(RecountConfig config) {
    this.home = config.home().path();
    this.reserveBytes = config.diskReserveBytes();
    this.isKafkaHere = config.kafkaBootstrap().equals("localhost:" + config.ports().kafka());
  }

  /** What is wrong, in words; empty if there is room enough. Looked up once a second. */
  public Optional<String> problem() {
    Look look = last;
    if (look == null || System.nanoTime() - look.atNanos() > LOOK_AGAIN_NANOS) {
      look = new Look(System.nanoTime(), look());
      last = look;
    }
    return look.problem();
  }

  private Optional<String> look() {
    try {
      long free = Files.exists(home) ? Files.getFileStore(home).getUsableSpace() : Long.MAX_VALUE;
      return free >= reserveBytes
          ? Optional.empty()
          : Optional.of(
              "only "
                  + free / MIB
                  + " MiB are free on the disk of '"
                  + home
                  + "', less than disk.reserve ("
                  + reserveBytes / MIB
                  + " MiB)");
    } catch (IOException e) {
      // The home may go at this moment; whoever works in it will say so.
      return Optional.empty();
    }
  }

  /** Why no event can be accepted: Kafka's log is on this disk and it has too little room. */
  public Optional<RecountException> refusal() {
    return isKafkaHere
        ? problem()
            .map(
                problem ->
                    RecountException.of(
                        ErrorCode.DISK_FULL,
                        "Cannot accept events: %s; free some space, then send them again. Queries "
                            + "still work",
                        problem))
        : Optional.empty();
  }
}
