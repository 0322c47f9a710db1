package dev.recount.batch.archive.bench;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.archive.ArchiveWriter;
import dev.recount.core.Deadline;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Commands;
import dev.recount.core.cli.HomeOptions;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.TopicLeaders;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.conf.Configuration;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Prints how many events a second the archive writer copies from Kafka to Parquet. Needs a stack
 * that runs (catalog and Kafka) and whose archive is empty and has no writer.
 */
@Command(name = "archive-rate", mixinStandardHelpOptions = true)
public final class ArchiveRate implements Callable<Integer> {
  @Mixin private HomeOptions options;

  @Option(names = "--events", defaultValue = "2000000")
  private long events;

  @Option(names = "--schema", defaultValue = "schemas/events/page_view.avsc")
  private Path schemaFile;

  public static void main(String[] arguments) {
    Commands.main(new ArchiveRate(), arguments);
  }

  @Override
  public Integer call() throws Exception {
    RecountConfig config = options.config();
    Clock clock = Clock.systemUTC();
    EventSchema schema = EventSchema.read(schemaFile);
    try (Catalog catalog = Catalog.open(config)) {
      catalog.events().apply(schema, clock.millis());
      if (createTopic(config, schema)) {
        produce(config, schema, clock);
      }
      long started = System.nanoTime();
      try (ArchiveWriter writer =
          new ArchiveWriter(config, catalog, schema, new Configuration(), clock)) {
        writer.start();
        Deadline.after(Duration.ofMinutes(5))
            .require(
                "the writer to read everything",
                Duration.ofMillis(10),
                () -> writer.status().stream().mapToLong(s -> s.readPosition()).sum() >= events);
      }
      double seconds = (System.nanoTime() - started) / 1e9;
      List<ArchiveFile> files =
          Archive.open(config.archive().uri(), schema.name(), new Configuration()).files();
      long records = files.stream().mapToLong(ArchiveFile::records).sum();
      long bytes = files.stream().mapToLong(ArchiveFile::sizeBytes).sum();
      System.out.printf(
          "%d events in %.2f s: %.0f events/s; %d files, %.1f bytes an event%n",
          records, seconds, records / seconds, files.size(), (double) bytes / records);
    }
    return 0;
  }

  private static boolean createTopic(RecountConfig config, EventSchema schema) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.kafkaBootstrap()))) {
      NewTopic topic =
          new NewTopic(
                  Topics.raw(schema.name()),
                  Optional.of(config.events().partitions()),
                  Optional.empty())
              .configs(Map.of("message.timestamp.type", "LogAppendTime"));
      admin.createTopics(List.of(topic)).all().get();
      TopicLeaders.await(admin, topic.name(), Deadline.after(Duration.ofSeconds(30)));
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false;
      }
      throw e;
    }
  }

  private void produce(RecountConfig config, EventSchema schema, Clock clock) {
    EventCodec codec = new EventCodec(schema, fingerprint -> Optional.empty());
    PageViews views = new PageViews(schema, 1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                config.kafkaBootstrap(),
                "linger.ms",
                20,
                "batch.size",
                1 << 18,
                "compression.type",
                "lz4"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (long i = 0; i < events; i++) {
        producer.send(
            new ProducerRecord<>(
                Topics.raw(schema.name()), codec.encode(views.next(clock.millis()))));
      }
    }
  }
}
