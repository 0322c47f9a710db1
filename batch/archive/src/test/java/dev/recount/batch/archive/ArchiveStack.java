package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.core.letter.DeadLetter;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.TopicLeaders;
import dev.recount.infra.stack.LocalStack;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A real catalog and a real Kafka, and what the tests of the archive do with them. */
final class ArchiveStack implements AutoCloseable {
  static final int PARTITIONS = 2;

  private final LocalStack stack;
  private final RecountConfig config;
  private final Catalog catalog;

  ArchiveStack(Path home, int portBase) {
    try {
      Files.writeString(home.resolve("recount.conf"), "archive.roll-age = 700ms\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    config = RecountConfig.load(home, Optional.of(portBase), Map.of());
    stack = LocalStack.of(config);
    stack.start("catalog", "kafka");
    catalog = Catalog.open(config);
    createTopic(
        Topics.DEAD_LETTERS,
        Map.of("max.message.bytes", String.valueOf(config.events().largestLetterBytes())));
  }

  LocalStack processes() {
    return stack;
  }

  Catalog catalog() {
    return catalog;
  }

  RecountConfig config() {
    return config;
  }

  /** The settings with another archive. */
  RecountConfig config(URI archive, long rollSizeBytes, Duration rollAge) {
    return new RecountConfig(
        config.home(),
        config.ports(),
        config.kafka(),
        config.pinot(),
        config.catalog(),
        config.events(),
        config.cut(),
        new RecountConfig.Archive(
            archive,
            rollSizeBytes,
            rollAge,
            config.archive().compactionSizeBytes(),
            config.archive().compactionFiles(),
            config.archive().compactionGrace(),
            config.archive().retention()),
        config.lakeUri(),
        config.batch(),
        config.speed(),
        config.serving(),
        config.access(),
        config.health(),
        config.audit(),
        config.crons(),
        config.log(),
        config.diskReserveBytes());
  }

  /** Applies an event with a time, a number and further fields, and makes its topic. */
  EventSchema event(String name, String... furtherFields) {
    EventSchema schema = schema(name, furtherFields);
    catalog.events().apply(schema, Clock.systemUTC().millis());
    createTopic(Topics.raw(name), "LogAppendTime");
    return schema;
  }

  static EventSchema schema(String name, String... furtherFields) {
    StringBuilder fields =
        new StringBuilder(
            "{'name': 'at', 'type': {'type': 'long', 'logicalType': 'timestamp-millis'},"
                + " 'recount': 'event-time', 'doc': 'When.'},"
                + "{'name': 'number', 'type': 'long', 'doc': 'A number.'}");
    for (String field : furtherFields) {
      fields
          .append(",{'name': '")
          .append(field)
          .append("', 'type': ['null', 'string'], 'default': null, 'doc': 'More.'}");
    }
    String json = "{'type': 'record', 'name': '" + name + "', 'fields': [" + fields + "]}";
    return EventSchema.parse(json.replace('\'', '"'), name);
  }

  void createTopic(String topic, String timestampType) {
    createTopic(topic, Map.of("message.timestamp.type", timestampType));
  }

  private void createTopic(String topic, Map<String, String> settings) {
    admin(
        admin -> {
          NewTopic wanted =
              new NewTopic(topic, Optional.of(PARTITIONS), Optional.empty()).configs(settings);
          return admin.createTopics(List.of(wanted)).all();
        });
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      TopicLeaders.await(admin, topic, Deadline.after(Duration.ofMinutes(2)));
    }
  }

  /** Has Kafka do something, and waits for it; a topic that exists already is not a problem. */
  void admin(Function<Admin, KafkaFuture<Void>> work) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      work.apply(admin).get(2, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(TopicExistsException.class);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  /** A producer; with a transactional id where that is not empty. */
  KafkaProducer<byte[], byte[]> producer(String transactionalId) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", config.kafkaBootstrap());
    settings.put("linger.ms", 2);
    if (!transactionalId.isEmpty()) {
      settings.put("transactional.id", transactionalId);
    }
    return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  static byte[] encode(EventSchema schema, long number) {
    GenericRecord event = new GenericData.Record(schema.avro());
    event.put("at", 1_000L * number);
    event.put("number", number);
    return new EventCodec(schema, fingerprint -> Optional.empty()).encode(event);
  }

  ArchiveWriter writer(RecountConfig settings, EventSchema schema) {
    ArchiveWriter writer =
        new ArchiveWriter(settings, catalog, schema, hadoop(), Clock.systemUTC());
    writer.start();
    return writer;
  }

  /** Merges all files that it can, and removes them; how many there are then. */
  int compact(RecountConfig settings, String event) {
    return new ArchiveCompaction(
            settings, catalog, Clock.systemUTC(), new Progress(text -> {}, false), step -> {})
        .compact(event, new ArchiveCompaction.Manner(false, false, Duration.ZERO))
        .filesAfter();
  }

  static Configuration hadoop() {
    return new Configuration();
  }

  /** Transactions, some of which are aborted, with records among them that are not events. */
  SortedSet<String> produceMixed(EventSchema schema, int transactions, Random random) {
    SortedSet<String> undecodable = new TreeSet<>();
    String topic = Topics.raw(schema.name());
    try (KafkaProducer<byte[], byte[]> producer = producer(schema.name())) {
      producer.initTransactions();
      for (int i = 0; i < transactions; i++) {
        boolean kept = random.nextInt(4) > 0;
        producer.beginTransaction();
        for (int j = 0; j < 60; j++) {
          boolean bad = random.nextInt(40) == 0;
          byte[] value =
              bad ? "no event".getBytes(StandardCharsets.UTF_8) : encode(schema, 100L * i + j);
          producer.send(
              new ProducerRecord<>(topic, j % PARTITIONS, null, value),
              (sent, e) -> {
                if (bad && kept) {
                  undecodable.add(sent.partition() + "/" + sent.offset());
                }
              });
        }
        if (kept) {
          producer.commitTransaction();
        } else {
          producer.flush();
          producer.abortTransaction();
        }
      }
    }
    return undecodable;
  }

  /** What the log of an event has to say: committed records, as "partition/offset". */
  SortedSet<String> logged(String event) {
    SortedSet<String> all = new TreeSet<>();
    read(Topics.raw(event)).forEach(record -> all.add(record.partition() + "/" + record.offset()));
    return all;
  }

  /** The "partition/offset" of an event's dead letters; more than once only counts once. */
  SortedSet<String> deadLetters(String event) {
    SortedSet<String> all = new TreeSet<>();
    letters(event)
        .forEach(letter -> all.add(letter.source().partition() + "/" + letter.source().offset()));
    return all;
  }

  /** An event's dead letters, each once. */
  Collection<DeadLetter> letters(String event) {
    Map<DeadLetter.Source, DeadLetter> all = new LinkedHashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : read(Topics.DEAD_LETTERS)) {
      DeadLetter.read(record)
          .filter(letter -> letter.event().equals(event))
          .ifPresent(letter -> all.put(letter.source(), letter));
    }
    return all.values();
  }

  private List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                config.kafkaBootstrap(),
                "isolation.level",
                "read_committed",
                "enable.auto.commit",
                false),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      for (PartitionInfo info : consumer.partitionsFor(topic)) {
        partitions.add(new TopicPartition(topic, info.partition()));
      }
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(Duration.ofMillis(200)).forEach(all::add);
      }
    }
    return all;
  }

  @Override
  public void close() {
    catalog.close();
    stack.close();
  }
}
