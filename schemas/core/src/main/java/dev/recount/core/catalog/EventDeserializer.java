package dev.recount.core.catalog;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.SchemaSetting;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Lets any Java consumer read events: {@code value.deserializer =
 * dev.recount.core.catalog.EventDeserializer}, and the schema to read into as for {@link
 * EventSerializer}. Records that were written with other schemas are read if {@value #HOME} names
 * the home, whose catalog knows them; without it they are undecodable.
 */
public final class EventDeserializer implements Deserializer<GenericRecord> {
  /** The home (a folder) whose catalog has the writer schemas; optional. */
  public static final String HOME = "recount.home";

  private EventCodec codec;
  private Catalog catalog;

  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    EventSchema schema = SchemaSetting.read(settings);
    Object home = settings.get(HOME);
    if (home != null) {
      catalog = Catalog.open(RecountConfig.load(Path.of(home.toString())));
    }
    codec =
        new EventCodec(
            schema, catalog == null ? fingerprint -> Optional.empty() : catalog.events());
  }

  /**
   * @throws SerializationException if the bytes are not an event; the consumer stays at the record,
   *     as Kafka's own deserializers have it
   */
  @Override
  public GenericRecord deserialize(String topic, byte[] bytes) {
    if (bytes == null) {
      return null;
    }
    if (codec == null) {
      throw RecountException.of(
          ErrorCode.CONFIG_INVALID,
          "Cannot deserialize an event: configure() was not called; %s",
          SchemaSetting.HOW);
    }
    try {
      return codec.decode(bytes);
    } catch (RecountException e) {
      throw new SerializationException(e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    if (catalog != null) {
      catalog.close();
    }
  }
}
