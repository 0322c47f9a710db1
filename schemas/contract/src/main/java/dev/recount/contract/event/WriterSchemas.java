package dev.recount.contract.event;

import java.util.Optional;
import org.apache.avro.Schema;

/** Where a decoder finds the schema that a record was written with. */
@FunctionalInterface
public interface WriterSchemas {
  /** The schema of a fingerprint (CRC-64-AVRO), or empty where nobody has registered it. */
  Optional<Schema> find(long fingerprint);
}
