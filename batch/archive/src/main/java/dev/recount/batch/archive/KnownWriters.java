package dev.recount.batch.archive;

import dev.recount.event.WriterSchemas;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.avro.Schema;

/**
 * The writer schemas of one reader of a partition: what was found is kept for ever, what was not
 * found is asked for again, once a batch of records.
 *
 * <p>Within one batch a miss may be kept: all its records had arrived before the catalog was asked,
 * and a producer registers its schema before it sends.
 */
final class KnownWriters implements WriterSchemas {
  private final WriterSchemas catalog;
  private final Map<Long, Schema> found = new HashMap<>();
  private final Set<Long> missed = new HashSet<>();
  private boolean foundNew;

  KnownWriters(WriterSchemas catalog) {
    this.catalog = catalog;
  }

  @Override
  public Optional<Schema> find(long fingerprint) {
    Schema known = found.get(fingerprint);
    if (known != null || missed.contains(fingerprint)) {
      return Optional.ofNullable(known);
    }
    Optional<Schema> answer = catalog.find(fingerprint);
    if (answer.isPresent()) {
      found.put(fingerprint, answer.get());
      foundNew = true;
    } else {
      missed.add(fingerprint);
    }
    return answer;
  }

  @Override
  public long registeredMs(long fingerprint) {
    return catalog.registeredMs(fingerprint);
  }

  /** Called for each new batch of records. */
  void beginBatch() {
    missed.clear();
  }

  /** Whether a schema was met for the first time since this was last asked. */
  boolean takeFoundNew() {
    boolean answer = foundNew;
    foundNew = false;
    return answer;
  }
}
