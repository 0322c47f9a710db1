package dev.recount.infra.demo;

import dev.recount.event.EventSerializer;
import java.io.File;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The producer of docs/events.md. */
final class ProducerExample {
  private ProducerExample() {}

  static void send(String bootstrap, String schemaFile, Clock clock) throws Exception {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", bootstrap);
    settings.put("key.serializer", StringSerializer.class);
    settings.put("value.serializer", EventSerializer.class);
    settings.put("recount.schema.file", schemaFile);

    String id = UUID.randomUUID().toString();
    Schema schema = new Schema.Parser().parse(new File(schemaFile));
    GenericRecord event =
        new GenericRecordBuilder(schema)
            .set("event_id", id)
            .set("event_time", clock.millis())
            .set("ip_address", "203.0.113.7")
            .set("page_url", "/from-a-producer")
            .build();
    try (KafkaProducer<String, GenericRecord> producer = new KafkaProducer<>(settings)) {
      producer.send(new ProducerRecord<>("events.page_view", id, event)).get();
    }
  }
}
