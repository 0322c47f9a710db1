package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.Topics;
import dev.recount.ingest.letters.LettersCli;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The archive on a real Kafka, a real disk and a real HDFS. */
class ArchiveIT {
  private static final Duration LONG = Duration.ofHours(1);
  private static final long BIG = 128L << 20;
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final int ROUNDS = 3;

  /** More of them: -Psoak. */
  private static final int KILLS = 2 * Integer.getInteger("recount.test.factor", 1);

  @TempDir static Path home;
  private static ArchiveStack stack;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    stack = new ArchiveStack(home, 13100);
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void writersThatRaceOnADisk_archiveEachRecordOnce() {
    race("race_on_disk", folder.toUri());
  }

  @Test
  void writersThatRaceOnHdfs_archiveEachRecordOnce() throws IOException {
    Configuration settings = new Configuration();
    settings.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toString());
    try (MiniDFSCluster hdfs = new MiniDFSCluster.Builder(settings).numDataNodes(1).build()) {
      hdfs.waitClusterUp();
      race("race_on_hdfs", hdfs.getURI().resolve("/archive"));
    }
  }

  private static void race(String event, URI root) {
    EventSchema schema = stack.event(event);
    RecountConfig config = stack.config(root, BIG, Duration.ofMillis(150));
    List<ArchiveWriter> writers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      writers.add(stack.writer(config, schema));
    }
    SortedSet<String> undecodable = new TreeSet<>();
    Random random = new Random(7);
    for (int round = 0; round < ROUNDS; round++) { // each leaves a file of each partition at least
      undecodable.addAll(stack.produceMixed(schema, 60 / ROUNDS, random));
      awaitArchived(root, event);
    }
    writers.forEach(ArchiveWriter::close);

    SortedSet<String> expected = stack.logged(event);
    assertThat(expected).hasSizeGreaterThan(2_000).containsAll(undecodable);
    expected.removeAll(undecodable);
    assertThat(ArchivedRows.offsets(root, event)).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(stack.deadLetters(event)).isEqualTo(undecodable);
    ArchiveReport report = new ArchiveAudit(config, ArchiveStack.hadoop()).scan(event);
    assertThat(report.problems()).isEmpty();
    assertThat(report.rejected()).isEqualTo(undecodable.size());
    assertThat(report.comparedWithLog()).containsExactly(0, 1);
    assertThat(report.files()).isGreaterThanOrEqualTo(ROUNDS * ArchiveStack.PARTITIONS);
    assertThat(stack.compact(config, event)).isLessThan(report.files());
    assertThat(new ArchiveAudit(config, ArchiveStack.hadoop()).scan(event).problems()).isEmpty();
    assertThat(ArchivedRows.offsets(root, event)).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** Waits until every record of the log is in a committed file. */
  private static void awaitArchived(URI root, String event) {
    SortedSet<String> logged = stack.logged(event);
    Archive archive = Archive.open(root, event, ArchiveStack.hadoop());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              for (int partition = 0; partition < ArchiveStack.PARTITIONS; partition++) {
                String prefix = partition + "/";
                long last =
                    logged.stream()
                        .filter(offset -> offset.startsWith(prefix))
                        .mapToLong(offset -> Long.parseLong(offset.substring(prefix.length())))
                        .max()
                        .orElse(-1);
                assertThat(archive.nextPosition(partition)).isGreaterThan(last);
              }
            });
  }

  private static void produce(EventSchema schema, int count) {
    try (KafkaProducer<byte[], byte[]> producer = stack.producer("")) {
      for (int i = 0; i < count; i++) {
        producer.send(
            new ProducerRecord<>(
                Topics.raw(schema.name()),
                i % ArchiveStack.PARTITIONS,
                null,
                ArchiveStack.encode(schema, i)));
      }
    }
  }

  /** A newer producer's records: nobody knows their schema until it is applied. */
  @Test
  void largeLetters_areKeptWhole_andGoInPastAHostileOne() throws Exception {
    EventSchema known = stack.event("newer", "more");
    EventSchema newer = ArchiveStack.schema("newer", "more", "most");
    GenericRecord large = new GenericData.Record(newer.avro());
    large.put("at", 1L);
    large.put("number", 1L);
    large.put("most", "\u00FC".repeat(520_000));
    byte[] whole = new EventCodec(newer, fingerprint -> Optional.empty()).encode(large);
    RecountConfig config = stack.config(folder.toUri(), BIG, Duration.ofMillis(150));
    try (ArchiveWriter writer = stack.writer(config, known);
        KafkaProducer<byte[], byte[]> producer = stack.producer("")) {
      String topic = Topics.raw("newer");
      producer.send(new ProducerRecord<>(topic, 0, null, hostile(known)));
      producer.send(new ProducerRecord<>(topic, 0, null, whole));
      producer.send(new ProducerRecord<>(topic, 1, null, whole));
      producer.send(new ProducerRecord<>(topic, 1, null, ArchiveStack.encode(known, 7)));
      producer.flush();
      awaitArchived(folder.toUri(), "newer");

      assertThat(stack.letters("newer"))
          .hasSize(3)
          .filteredOn(letter -> Arrays.equals(letter.payload(), whole))
          .hasSize(2);
      assertThat(letters("list", "newer"))
          .contains("newer  EVENT_UNDECODABLE  from topic: 3", "3 dead letters wait");
      assertThat(letters("put-back", "newer")).contains("put back 0, 3 stay");
      stack.catalog().events().apply(newer, Clock.systemUTC().millis());
      assertThat(letters("put-back", "newer"))
          .contains("a text should have 2147483639 bytes, but only 0", "put back 2, 1 stay");
      // A transaction is over for readers a little later than for who commits it.
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(letters("list", "newer")).contains("1 dead letters wait"));
      awaitArchived(folder.toUri(), "newer");
      assertThat(writer.status()).allMatch(s -> s.problem().isEmpty());
    }
    assertThat(ArchivedRows.offsets(folder.toUri(), "newer")).hasSize(3);
    assertThat(stack.letters("newer")).hasSize(3);
  }

  /** A record of the schema, with a text that claims almost 2 GiB. */
  private static byte[] hostile(EventSchema schema) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(ArchiveStack.encode(schema, 1), 0, 10);
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    for (long value : new long[] {5, 5, 1, 2_147_483_639}) {
      encoder.writeLong(value);
    }
    encoder.flush();
    return bytes.toByteArray();
  }

  /** What the command says. */
  private static String letters(String command, String event) {
    StringWriter said = new StringWriter();
    int code =
        new CommandLine(new LettersCli())
            .setOut(new PrintWriter(said))
            .execute(
                "deadletters",
                command,
                event,
                "--home",
                home.toString(),
                "--port-base",
                String.valueOf(stack.config().ports().base()));
    assertThat(code).as(said.toString()).isZero();
    return said.toString();
  }

  @Test
  void aWriter_goesOnFromTheArchiveAlone_andFinishesFilesWhenItEnds() {
    EventSchema schema = stack.event("restarted");
    RecountConfig config = stack.config(folder.toUri(), BIG, LONG);
    for (int round = 0; round < 3; round++) {
      long until = 50L * (round + 1);
      produce(schema, 100);
      try (ArchiveWriter writer = stack.writer(config, schema)) {
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    writer.status().size() == 2
                        && writer.status().stream().allMatch(s -> s.readPosition() == until));
      }
    }
    assertThat(ArchivedRows.offsets(folder.toUri(), "restarted"))
        .containsExactlyInAnyOrderElementsOf(stack.logged("restarted"))
        .hasSize(300);
    Archive archive = Archive.open(folder.toUri(), "restarted", ArchiveStack.hadoop());
    assertThat(filesIfTheDayIsOne(archive)).isEqualTo(6);
    assertThat(archive.partitions()).containsExactly(0, 1);
    assertThat(archive.filesBefore(archive.files().get(1).minArrivalMs()))
        .doesNotContain(archive.files().get(1))
        .contains(archive.files().get(0));
  }

  @Test
  void aRequestedRoll_commitsAllThatHadArrived() {
    EventSchema schema = stack.event("requested");
    try (ArchiveWriter writer = stack.writer(stack.config(folder.toUri(), BIG, LONG), schema)) {
      produce(schema, 500);
      Archive archive = Archive.open(folder.toUri(), "requested", ArchiveStack.hadoop());
      assertThat(archive.files()).isEmpty();
      stack.catalog().batch().requestRoll("requested");
      writer.follow();
      awaitArchived(folder.toUri(), "requested");
      assertThat(filesIfTheDayIsOne(archive)).isEqualTo(2);
    }
  }

  /** How many files there would be if none had ended because its day did. */
  private static long filesIfTheDayIsOne(Archive archive) {
    List<ArchiveFile> files = archive.files();
    long ended =
        IntStream.range(1, files.size())
            .filter(i -> files.get(i).partition() == files.get(i - 1).partition())
            .filter(i -> !files.get(i).date().equals(files.get(i - 1).date()))
            .count();
    return files.size() - ended;
  }

  @Test
  void files_endAtTheirSize() {
    EventSchema schema = stack.event("sized");
    produce(schema, 60_000);
    try (ArchiveWriter writer = stack.writer(stack.config(folder.toUri(), 50_000, LONG), schema)) {
      await()
          .atMost(PATIENCE)
          .until(() -> writer.status().stream().allMatch(s -> s.readPosition() == 30_000));
    }
    assertThat(Archive.open(folder.toUri(), "sized", ArchiveStack.hadoop()).files())
        .hasSizeGreaterThan(4);
    assertThat(ArchivedRows.offsets(folder.toUri(), "sized"))
        .hasSize(60_000)
        .doesNotHaveDuplicates();
  }

  @Test
  void aLogThatLostRecords_stopsThatPartitionAndNoOther() {
    EventSchema schema = stack.event("truncated");
    produce(schema, 100);
    TopicPartition first = new TopicPartition(Topics.raw("truncated"), 0);
    stack.admin(
        admin -> admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(10))).all());
    RecountConfig config = stack.config(folder.toUri(), BIG, Duration.ofMillis(100));
    try (ArchiveWriter writer = stack.writer(config, schema)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                assertThat(writer.status().get(0).problem())
                    .startsWith("LOG_TRUNCATED")
                    .contains("the log begins at 10");
                assertThat(writer.status().get(1).nextPosition()).isEqualTo(50);
              });
    }
    assertThat(Archive.open(folder.toUri(), "truncated", ArchiveStack.hadoop()).partitions())
        .containsExactly(1);
  }

  @Test
  void aTopicThatWasMadeAnew_isNotTakenForTheArchivedOne() {
    EventSchema schema = stack.event("made_anew");
    produce(schema, 10);
    RecountConfig config = stack.config(folder.toUri(), BIG, Duration.ofMillis(100));
    try (ArchiveWriter writer = stack.writer(config, schema)) {
      awaitArchived(folder.toUri(), "made_anew");
      assertThat(writer.status()).allMatch(s -> s.problem().isEmpty());
    }
    stack.admin(admin -> admin.deleteTopics(List.of(Topics.raw("made_anew"))).all());
    stack.event("made_anew");
    produce(schema, 100);
    try (ArchiveWriter writer = stack.writer(config, schema)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(writer.status())
                      .allSatisfy(
                          s ->
                              assertThat(s.problem())
                                  .startsWith("LOG_TRUNCATED")
                                  .contains("deleted and created again")));
    }
    assertThat(ArchivedRows.of(folder.toUri(), "made_anew")).hasSize(10);
  }

  @Test
  void timesThatProducersSet_areRefused() {
    EventSchema schema = ArchiveStack.schema("producers_time");
    stack.createTopic(Topics.raw("producers_time"), "CreateTime");
    stack.event("producers_time");
    produce(schema, 2);
    try (ArchiveWriter writer = stack.writer(stack.config(folder.toUri(), BIG, LONG), schema)) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(writer.status().get(0).problem())
                      .startsWith("CONFIG_INVALID")
                      .contains("LogAppendTime"));
    }
  }

  @Test
  void aNewField_isArchivedFromItsFirstRecordOn() {
    EventSchema old = stack.event("evolving");
    RecountConfig config = stack.config(folder.toUri(), BIG, LONG);
    try (ArchiveWriter writer = stack.writer(config, old)) {
      produce(old, 10);
      await()
          .atMost(PATIENCE)
          .until(() -> writer.status().stream().allMatch(s -> s.readPosition() == 5));
      EventSchema changed = stack.event("evolving", "colour");
      produce(changed, 10);
      await()
          .atMost(PATIENCE)
          .until(() -> writer.status().stream().allMatch(s -> s.readPosition() == 10));
    }
    Archive archive = Archive.open(folder.toUri(), "evolving", ArchiveStack.hadoop());
    assertThat(filesIfTheDayIsOne(archive)).isEqualTo(4);
    for (ArchiveFile file : archive.files()) {
      boolean isChanged = file.nextPosition() > 5;
      assertThat(ArchivedRows.of(List.of(file)))
          .hasSizeBetween(1, 5)
          .allMatch(row -> row.getSchema().getField("colour") != null == isChanged);
    }
    assertThat(ArchivedRows.of(archive.files())).hasSize(20);
  }

  @Test
  void aRecordThatOnlyTheNewSchemaCanRead_isArchived() {
    EventSchema old = shades("\"RED\"");
    stack.catalog().events().apply(old, Clock.systemUTC().millis());
    stack.createTopic(Topics.raw("shades"), "LogAppendTime");
    RecountConfig config = stack.config(folder.toUri(), BIG, LONG);
    try (ArchiveWriter writer = stack.writer(config, old)) {
      produceShade(old, "RED");
      await()
          .atMost(PATIENCE)
          .until(() -> writer.status().stream().anyMatch(s -> s.readPosition() == 1));
      EventSchema changed = shades("\"RED\", \"BLUE\"");
      stack.catalog().events().apply(changed, Clock.systemUTC().millis());
      produceShade(changed, "BLUE");
      await()
          .atMost(PATIENCE)
          .until(() -> writer.status().stream().anyMatch(s -> s.readPosition() == 2));
    }
    List<ArchiveFile> files = Archive.open(folder.toUri(), "shades", ArchiveStack.hadoop()).files();
    assertThat(ArchivedRows.of(files))
        .extracting(r -> r.get("shade") + "")
        .containsExactly("RED", "BLUE");
    assertThat(stack.deadLetters("shades")).isEmpty();
  }

  private static EventSchema shades(String symbols) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "shades", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}, "recount": "event-time", "doc": "When."},
          {"name": "shade", "type": {"type": "enum", "name": "shade_type", "symbols": [%s]}, "doc": "What."}]}"""
            .formatted(symbols),
        "shades");
  }

  private static void produceShade(EventSchema schema, String shade) {
    GenericRecord event = new GenericData.Record(schema.avro());
    event.put("at", 0L);
    event.put("shade", new GenericData.EnumSymbol(schema.avro().getField("shade").schema(), shade));
    byte[] bytes = new EventCodec(schema, fingerprint -> Optional.empty()).encode(event);
    try (KafkaProducer<byte[], byte[]> producer = stack.producer("")) {
      producer.send(new ProducerRecord<>(Topics.raw("shades"), 0, null, bytes));
    }
  }

  @Test
  void aProcessKilledUnderLoad_losesNothingAndDoublesNothing() throws InterruptedException {
    EventSchema schema = stack.event("killed");
    AtomicBoolean enough = new AtomicBoolean();
    Thread load = new Thread(() -> produceUntil(enough, schema));
    load.start();
    for (int i = 0; i < KILLS; i++) {
      stack.processes().start(ArchiveService.NAME);
      long before = archived();
      await().atMost(PATIENCE).until(() -> archived() > before + 100);
      stack.processes().kill(ArchiveService.NAME);
    }
    enough.set(true);
    load.join();
    stack.processes().start(ArchiveService.NAME);
    stack.catalog().batch().requestRoll("killed");
    awaitArchived(stack.config().archive().uri(), "killed");
    produce(schema, 10);
    stack.processes().stop(ArchiveService.NAME);

    ArchiveReport report = new ArchiveAudit(stack.config(), ArchiveStack.hadoop()).scan("killed");
    assertThat(report.problems()).isEmpty();
    assertThat(ArchivedRows.offsets(stack.config().archive().uri(), "killed"))
        .doesNotHaveDuplicates();
    assertThat(stack.catalog().services().heartbeats())
        .filteredOn(beat -> beat.service().equals(ArchiveService.NAME))
        .singleElement()
        .satisfies(beat -> assertThat(beat.detailJson()).contains("\"next_position\""));
  }

  /** Some thousand a second: more would only keep the archive from coming up again. */
  private static void produceUntil(AtomicBoolean enough, EventSchema schema) {
    try (KafkaProducer<byte[], byte[]> producer = stack.producer("")) {
      for (int i = 0; !enough.get(); i++) {
        producer.send(
            new ProducerRecord<>(
                Topics.raw(schema.name()),
                i % ArchiveStack.PARTITIONS,
                null,
                ArchiveStack.encode(schema, i)));
        if (i % 50 == 0) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
      }
    }
  }

  private static long archived() {
    Archive archive = Archive.open(stack.config().archive().uri(), "killed", ArchiveStack.hadoop());
    return archive.nextPosition(0) + archive.nextPosition(1);
  }
}
