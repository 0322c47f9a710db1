package dev.recount.batch.archive;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;

/** An archive of clicks on a real disk with a real catalog, and what tests do with it. */
final class ClickArchive implements AutoCloseable {
  static final String EVENT = "click";
  static final LocalDate DAY = LocalDate.parse("2026-01-02");

  /** As the archive had it before a new field came. */
  static final EventSchema SCHEMA = schema("");

  static final EventSchema NEWER =
      schema(", {\"name\": \"colour\", \"type\": [\"null\", \"string\"], \"doc\": \"More.\"}");

  /** Reading the defaults takes longer than writing a small file. */
  private static final Configuration HADOOP = new Configuration();

  private final Path home;
  private final Catalog catalog;
  private RecountConfig config;

  /** A home that is there for this archive alone. */
  ClickArchive(Path home, String catalogUrl) {
    this.home = home;
    this.config = config(catalogUrl, Map.of());
    this.catalog = Catalog.open(config);
    if (catalog.events().names().isEmpty()) {
      catalog.events().apply(SCHEMA, 0);
    }
  }

  ClickArchive(Path home) {
    this(home, "jdbc:h2:mem:" + home.toString().replaceAll("\\W", "_"));
  }

  private RecountConfig config(String catalogUrl, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("RECOUNT_CATALOG_URL", catalogUrl);
    return RecountConfig.load(home, Optional.empty(), all);
  }

  void set(String variable, String value) {
    config = config(config.catalog().url().orElseThrow(), Map.of(variable, value));
  }

  private static EventSchema schema(String more) {
    return EventSchema.parse(
        """
        {"type": "record", "name": "click", "fields": [
          {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"},
           "recount": "event-time", "doc": "When."},
          {"name": "id", "type": "string", "recount": "event-id", "doc": "Which."},
          {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12,
           "scale": 2}, "doc": "Money."},
          {"name": "extra", "type": {"type": "map", "values": ["null", "double"]}, "doc": "Any."},
          {"name": "tags", "type": {"type": "array", "items": "string"}, "doc": "Labels."}%s]}"""
            .formatted(more),
        EVENT);
  }

  Catalog catalog() {
    return catalog;
  }

  RecountConfig config() {
    return config;
  }

  Archive archive() {
    return Archive.open(config, catalog, EVENT, HADOOP);
  }

  static long noon(LocalDate day) {
    return day.atTime(12, 0).toInstant(ZoneOffset.UTC).toEpochMilli();
  }

  /** Begins a file at the end of a partition. */
  OpenFile open(int partition, LocalDate day, EventSchema schema) throws IOException {
    OpenFile.Target target =
        new OpenFile.Target(
            new LocalArchiveStore(), archive().layout(), HADOOP, "test", clock(day));
    OpenFile open = new OpenFile(target, schema, partition, archive().end(partition), day);
    open.topicId("topic-1");
    return open;
  }

  private static Clock clock(LocalDate day) {
    return Clock.fixed(Instant.ofEpochMilli(noon(day)), ZoneOffset.UTC);
  }

  /** Commits a file with a row for each offset, and a rejected record after them. */
  List<Long> append(int partition, LocalDate day, int rows) throws IOException {
    OpenFile open = open(partition, day, SCHEMA);
    List<Long> offsets = new ArrayList<>();
    for (long offset = open.firstPosition(); offsets.size() < rows; offset++) {
      open.write(click(SCHEMA, offset), offset, noon(day) + offset);
      offsets.add(offset);
    }
    open.reject(noon(day) + open.firstPosition() + rows);
    open.commit(open.firstPosition() + rows + 2);
    return offsets;
  }

  static GenericRecord click(EventSchema schema, long number) {
    GenericRecord click = new GenericData.Record(schema.avro());
    click.put("at", number);
    click.put("id", "click-" + number);
    click.put("price", java.nio.ByteBuffer.wrap(new byte[] {(byte) number, 7}));
    Map<String, Object> extra = new HashMap<>();
    extra.put("nothing", null);
    extra.put("half", number / 2.0);
    click.put("extra", extra);
    click.put("tags", number % 3 == 0 ? List.of() : List.of("a", "b" + number));
    return click;
  }

  CompactionReport compact() {
    return compact(DAY.plusDays(30), step -> {}, false);
  }

  CompactionReport compact(LocalDate today, Consumer<ArchiveRewriter.Step> steps, boolean isDue) {
    return new ArchiveCompaction(
            config, catalog, clock(today), new Progress(text -> {}, false), steps)
        .compact(EVENT, new ArchiveCompaction.Manner(isDue, false, Duration.ZERO));
  }

  ArchiveRewriter rewriter(Consumer<ArchiveRewriter.Step> steps) {
    return ArchiveRewriter.begin(config, catalog, EVENT, clock(DAY), steps).orElseThrow();
  }

  List<GenericRecord> rows() {
    return ArchivedRows.of(archive().files());
  }

  /** All files below the event's folder, committed or not. */
  List<String> onDisk() throws IOException {
    Path folder = home.resolve("archive").resolve(EVENT);
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  @Override
  public void close() {
    catalog.close();
  }
}
