package dev.recount.infra.demo;

import static dev.recount.infra.demo.WholeStack.recount;
import static dev.recount.infra.demo.WholeStack.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recount.event.EventSchema;
import dev.recount.event.EventSerializer;
import dev.recount.event.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * An event is changed while producers on the old and the new schema write; nothing is restarted.
 */
@ExtendWith(WholeStack.class)
class EvolutionIT {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final String SCHEMA =
      """
      {"type": "record", "name": "reading", "fields": [
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "When."},
        {"name": "sensor", "type": "string", "doc": "Who."}%s]}""";
  private static final String OLD =
      SCHEMA.formatted(
          """
          , {"name": "degrees", "type": "int", "doc": "What."}""");
  private static final String NEW =
      SCHEMA.formatted(
          """
          , {"name": "unit", "type": {"type": "enum", "name": "unit_type", "symbols": ["C", "F"]}, "default": "C", "doc": "Of what."}
          , {"name": "degrees", "type": "long", "doc": "What."}
          , {"name": "room", "type": ["null", "string"], "default": null, "doc": "Where."}""");
  private static final String BY_SENSOR =
      "SELECT sensor, count(*) AS readings, sum(degrees) AS degrees FROM reading GROUP BY sensor";
  private static final String BY_UNIT =
      "SELECT unit, coalesce(room, 'unknown') AS room, count(*) AS readings, sum(degrees) AS degrees"
          + " FROM reading GROUP BY ALL";

  @TempDir private static Path schemas;

  private final Gateway gateway = new Gateway(WholeStack.config());
  private final Map<String, Long> readings = new HashMap<>();
  private final Map<String, Long> degrees = new HashMap<>();
  private long sent;

  @Test
  void producersOfBothSchemas_areCountedAsOne() throws Exception {
    write("events/reading.avsc", OLD);
    write("views/readings.sql", BY_SENSOR);
    apply();
    try (KafkaProducer<byte[], GenericRecord> old = producer(OLD);
        KafkaProducer<byte[], GenericRecord> changed = producer(NEW)) {
      for (int i = 0; i < 50; i++) {
        sendOld(old);
      }
      changed.send(new ProducerRecord<>(Topics.raw("reading"), newReading(1))).get();
      awaitReadings();

      write("events/reading.avsc", NEW);
      write("views/readings_by_unit.sql", BY_UNIT);
      applyWhile(old);
      alternate(old, changed);
      awaitReadings();
      run("batch", "run", "readings", "readings_by_unit");
      alternate(old, changed);
      awaitReadings();
    }
    // The deltas of another view may come later.
    await().atMost(PATIENCE).untilAsserted(this::assertUnits);
    assertThat(gateway.number("SELECT MEASURE(readings) FROM readings_by_unit", "speed"))
        .isEqualTo(200);
    run("audit", "readings_by_unit");
    assertThat(recount("deadletters", "list", "reading").output())
        .contains("EVENT_UNDECODABLE")
        .contains("1 dead letters wait");
    refusesWhatWouldBreak();
  }

  private void refusesWhatWouldBreak() throws IOException {
    write(
        "events/reading.avsc",
        NEW.replace("\"long\", \"doc\"", "\"int\", \"doc\"").replace("\"C\", \"F\"", "\"C\""));
    WarmCommands.Result refused = recount("apply", "--schemas", schemas.toString());
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.output())
        .contains(
            "Cannot change the event 'reading': field 'degrees' was narrowed from long to int")
        .contains("field 'unit' has no symbol F any more");
  }

  private static void write(String file, String text) throws IOException {
    Path path = schemas.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private static void apply() {
    run("apply", "--schemas", schemas.toString());
  }

  /** The old producer continues all the time that apply takes. */
  private void applyWhile(KafkaProducer<byte[], GenericRecord> old) throws InterruptedException {
    AtomicBoolean done = new AtomicBoolean();
    Thread writing =
        new Thread(
            () -> {
              while (!done.get()) {
                sendOld(old);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
              }
            });
    writing.start();
    try {
      apply();
    } finally {
      done.set(true);
      writing.join();
    }
  }

  private void alternate(
      KafkaProducer<byte[], GenericRecord> old, KafkaProducer<byte[], GenericRecord> changed) {
    for (int i = 0; i < 100; i++) {
      sendOld(old);
      GenericRecord reading = newReading(sent);
      changed.send(new ProducerRecord<>(Topics.raw("reading"), reading));
      String room = reading.get("room") == null ? "unknown" : reading.get("room").toString();
      count(reading.get("unit") + " " + room, (Long) reading.get("degrees"));
      changed.flush();
    }
  }

  private void sendOld(KafkaProducer<byte[], GenericRecord> producer) {
    GenericRecord reading = reading(OLD);
    int value = (int) (sent % 40);
    reading.put("degrees", value);
    producer.send(new ProducerRecord<>(Topics.raw("reading"), reading));
    producer.flush();
    count("C unknown", value);
  }

  private static GenericRecord newReading(long number) {
    GenericRecord reading = reading(NEW);
    reading.put("degrees", 5_000_000_000L + number);
    reading.put(
        "unit",
        new GenericData.EnumSymbol(
            reading.getSchema().getField("unit").schema(), number % 3 == 0 ? "C" : "F"));
    reading.put("room", number % 2 == 0 ? "hall" : null);
    return reading;
  }

  private static GenericRecord reading(String schema) {
    GenericRecord reading = new GenericData.Record(EventSchema.parse(schema, "reading").avro());
    reading.put("at", 0L);
    reading.put("sensor", "s");
    return reading;
  }

  private void count(String group, long value) {
    sent++;
    readings.merge(group, 1L, Long::sum);
    degrees.merge(group, value, Long::sum);
  }

  private void awaitReadings() {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(gateway.number("SELECT MEASURE(readings) FROM readings", "merged"))
                    .isEqualTo(sent));
    assertThat(gateway.number("SELECT MEASURE(degrees) FROM readings", "merged"))
        .isEqualTo(degrees.values().stream().mapToLong(Long::longValue).sum());
  }

  private void assertUnits() {
    for (String unit : new String[] {"C", "F"}) {
      for (String room : new String[] {"unknown", "hall"}) {
        String where =
            " FROM readings_by_unit WHERE unit = '" + unit + "' AND room = '" + room + "'";
        assertThat(gateway.number("SELECT MEASURE(readings)" + where, "merged"))
            .as(where)
            .isEqualTo(readings.getOrDefault(unit + " " + room, 0L));
        assertThat(gateway.number("SELECT MEASURE(degrees)" + where, "merged"))
            .as(where)
            .isEqualTo(degrees.getOrDefault(unit + " " + room, 0L));
      }
    }
  }

  private static KafkaProducer<byte[], GenericRecord> producer(String schema) {
    EventSerializer serializer = new EventSerializer();
    serializer.configure(Map.of("recount.schema.json", schema), false);
    return new KafkaProducer<>(
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            WholeStack.config().kafkaBootstrap(),
            ProducerConfig.LINGER_MS_CONFIG,
            0),
        new ByteArraySerializer(),
        serializer);
  }
}
