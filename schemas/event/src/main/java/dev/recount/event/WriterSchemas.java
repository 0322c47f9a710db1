package dev.recount.event;

import java.util.Optional;
import org.apache.avro.Schema;

/** Where a decoder finds the schema that a record was written with. */
@FunctionalInterface
public interface WriterSchemas {
  /** The schema of a fingerprint (CRC-64-AVRO), or empty if it is not registered. */
  Optional<Schema> find(long fingerprint);

  /**
   * Since when a schema that was found is registered, milliseconds: what arrived before is as
   * undecodable as it was then, however late it is read, so that all readers agree on it.
   */
  default long registeredMs(long fingerprint) {
    return Long.MIN_VALUE;
  }
}
