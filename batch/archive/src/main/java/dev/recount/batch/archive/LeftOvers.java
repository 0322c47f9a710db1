package dev.recount.batch.archive;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What writers of an event that died have left unfinished. Not thread-safe. */
final class LeftOvers {
  private static final Logger LOG = LoggerFactory.getLogger(LeftOvers.class);
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(10);
  private static final Duration LEAST_AGE = Duration.ofHours(1);

  private final OpenFile.Target target;
  private final Duration age;
  private final Map<Integer, Instant> looked = new HashMap<>();

  /**
   * @param rollAge how long a file stays open
   */
  LeftOvers(OpenFile.Target target, Duration rollAge) {
    this.target = target;
    Duration manyRolls = rollAge.multipliedBy(10);
    this.age = manyRolls.compareTo(LEAST_AGE) > 0 ? manyRolls : LEAST_AGE;
  }

  /**
   * Removes those of a partition, if nobody has looked for some time. Who starts again after a
   * crash finds files that are too young to be known as left over, so it has to look again. A file
   * untouched for much longer than any stays open has no writer.
   */
  void remove(int partition) {
    Instant now = target.clock().instant();
    if (now.isBefore(looked.getOrDefault(partition, Instant.MIN).plus(LOOK_AGAIN))) {
      return;
    }
    looked.put(partition, now);
    try {
      int removed = target.store().removeOlder(target.layout().writing(partition), now.minus(age));
      if (removed > 0) {
        LOG.info("Partition {}: removed {} files of dead writers", partition, removed);
      }
    } catch (IOException e) {
      LOG.warn("Cannot clean up after dead writers of partition {}: {}", partition, e.toString());
    }
  }
}
