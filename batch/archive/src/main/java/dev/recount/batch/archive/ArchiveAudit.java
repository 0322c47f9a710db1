package dev.recount.batch.archive;

import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.Topics;
import dev.recount.infra.clients.kafka.KafkaClients;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Types;

/**
 * Proves an archive by reading it: every offset once, no gap, and as many records as the log has,
 * as far as it still has them.
 */
public final class ArchiveAudit {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** The columns that the scan reads. */
  private static final MessageType COLUMNS =
      Types.buildMessage()
          .required(PrimitiveType.PrimitiveTypeName.INT32)
          .named(ArchiveLayout.PARTITION)
          .required(PrimitiveType.PrimitiveTypeName.INT64)
          .named(ArchiveLayout.OFFSET)
          .required(PrimitiveType.PrimitiveTypeName.INT64)
          .named(ArchiveLayout.ARRIVED_AT)
          .named("row");

  private final RecountConfig config;
  private final Configuration hadoop;

  public ArchiveAudit(RecountConfig config, Configuration hadoop) {
    this.config = config;
    this.hadoop = hadoop;
  }

  /** Scans everything that was archived of an event when this was called. */
  public ArchiveReport scan(String event) {
    Archive.Contents contents = Archive.open(config.archive().uri(), event, hadoop).contents();
    List<ArchiveFile> files = contents.files();
    List<String> problems = new ArrayList<>(ArchiveChain.problems(files));
    for (ArchiveFile file : files) {
      scan(file, problems);
    }
    Map<Integer, List<ArchiveFile>> byPartition =
        files.stream()
            .collect(
                Collectors.groupingBy(ArchiveFile::partition, TreeMap::new, Collectors.toList()));
    List<Integer> compared = new ArrayList<>();
    byPartition.forEach(
        (partition, chain) -> {
          if (compareWithLog(event, partition, chain, problems)) {
            compared.add(partition);
          }
        });
    return new ArchiveReport(
        event,
        files.size(),
        files.stream().mapToLong(ArchiveFile::records).sum(),
        files.stream().mapToLong(ArchiveFile::rejected).sum(),
        files.stream().mapToLong(ArchiveFile::erased).sum(),
        files.stream().mapToLong(ArchiveFile::expired).sum(),
        contents.superseded().size(),
        compared,
        problems);
  }

  private void scan(ArchiveFile file, List<String> problems) {
    Rows rows = new Rows(file);
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new Path(file.path()))
            .withConf(projection())
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        rows.take(
            row.getInteger(ArchiveLayout.PARTITION, 0),
            row.getLong(ArchiveLayout.OFFSET, 0),
            row.getLong(ArchiveLayout.ARRIVED_AT, 0));
      }
      rows.end();
    } catch (IOException | RuntimeException e) {
      rows.problems.add("cannot be read: " + e);
    }
    rows.problems.forEach(text -> problems.add("'" + file.path() + "': " + text));
  }

  private Configuration projection() {
    Configuration configuration = new Configuration(hadoop);
    configuration.set(ReadSupport.PARQUET_READ_SCHEMA, COLUMNS.toString());
    return configuration;
  }

  /** The rows of one file against what its name and footer promise; the first of each problem. */
  private static final class Rows {
    private final ArchiveFile file;
    private final List<String> problems = new ArrayList<>();
    private long count;
    private long last;

    Rows(ArchiveFile file) {
      this.file = file;
      this.last = file.firstPosition() - 1;
    }

    void take(int partition, long offset, long arrivedMs) {
      count++;
      if (problems.isEmpty()) {
        check(partition, offset, arrivedMs);
      }
      last = offset;
    }

    private void check(int partition, long offset, long arrivedMs) {
      if (partition != file.partition()) {
        problems.add("a row is of partition " + partition);
      }
      if (offset <= last) {
        problems.add("offset " + offset + " comes after " + last);
      }
      if (offset < file.firstPosition() || offset >= file.nextPosition()) {
        problems.add("offset " + offset + " is outside of what the footer says");
      }
      if (arrivedMs < file.minArrivalMs() || arrivedMs > file.maxArrivalMs()) {
        problems.add("offset " + offset + " arrived at " + arrivedMs + ", outside of the footer's");
      }
      if (!file.path().contains("arrival_date=" + ArchiveLayout.date(arrivedMs) + "/")) {
        problems.add("offset " + offset + " arrived on " + ArchiveLayout.date(arrivedMs));
      }
    }

    void end() {
      if (count != file.records()) {
        problems.add("it has " + count + " rows, its footer says " + file.records());
      }
      if (file.logged() > file.nextPosition() - file.firstPosition()) {
        problems.add("it has more records than positions");
      }
    }
  }

  /**
   * @return whether the log still has all that the files hold
   */
  private boolean compareWithLog(
      String event, int partition, List<ArchiveFile> chain, List<String> problems) {
    TopicPartition topic = new TopicPartition(Topics.raw(event), partition);
    try (Consumer<byte[], byte[]> consumer =
        KafkaClients.of(config).consumer(Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000))) {
      List<PartitionInfo> known = consumer.partitionsFor(topic.topic(), PATIENCE);
      if (known == null || known.stream().noneMatch(info -> info.partition() == partition)) {
        problems.add("The log has no partition " + partition + " of topic '" + topic.topic() + "'");
        return false;
      }
      long next = chain.get(chain.size() - 1).nextPosition();
      long begin = consumer.beginningOffsets(List.of(topic), PATIENCE).get(topic);
      long end = consumer.endOffsets(List.of(topic), PATIENCE).get(topic);
      if (end < next) {
        problems.add(
            "Partition "
                + partition
                + " of the log ends at "
                + end
                + ", before the archive, "
                + next);
      }
      if (begin > 0 || end < next) {
        return false;
      }
      consumer.assign(List.of(topic));
      consumer.seek(topic, 0);
      compare(consumer, topic, chain, problems);
      return true;
    }
  }

  private static void compare(
      Consumer<byte[], byte[]> consumer,
      TopicPartition topic,
      List<ArchiveFile> chain,
      List<String> problems) {
    long[] counts = new long[chain.size()];
    long end = chain.get(chain.size() - 1).nextPosition();
    int file = 0;
    while (consumer.position(topic) < end) {
      long position = consumer.position(topic);
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(PATIENCE)) {
        while (file < counts.length && record.offset() >= chain.get(file).nextPosition()) {
          file++;
        }
        if (file < counts.length) {
          counts[file]++;
        }
      }
      if (consumer.position(topic) == position) {
        throw RecountException.of(
            ErrorCode.KAFKA_UNAVAILABLE,
            "Cannot read topic '%s': nothing arrived within %s",
            topic.topic(),
            PATIENCE);
      }
    }
    for (int i = 0; i < counts.length; i++) {
      ArchiveFile archived = chain.get(i);
      if (counts[i] != archived.logged()) {
        problems.add(
            String.format(
                "'%s': it has %d records, %d rejected, %d erased and %d too old, the log has %d",
                archived.path(),
                archived.records(),
                archived.rejected(),
                archived.erased(),
                archived.expired(),
                counts[i]));
      }
    }
  }
}
