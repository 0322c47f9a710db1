package dev.recount.batch.archive.bench;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveFile;
import dev.recount.batch.archive.ArchiveLayout;
import dev.recount.batch.archive.ArchiveStore;
import dev.recount.batch.archive.OpenFile;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.event.EventSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;

/**
 * How long it takes to list an archive of many small files, with and without what the catalog keeps
 * of their footers. Arguments: a folder, which is filled at the first time, and how many files.
 */
public final class ListingTime {
  private static final int FILES_OF_A_DAY = 1_440;
  private static final int PARTITIONS = 2;
  private static final LocalDate FIRST = LocalDate.parse("2026-01-01");

  private static final String SCHEMA =
      """
      {"type": "record", "name": "page_view", "fields": [
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"},
         "recount": "event-time", "doc": "When."},
        {"name": "page", "type": "string", "doc": "Which."}]}""";

  private ListingTime() {}

  public static void main(String[] arguments) throws IOException {
    Path home = Path.of(arguments[0]);
    int count = Integer.parseInt(arguments[1]);
    Map<String, String> settings =
        Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:file:" + home.resolve("index").toAbsolutePath());
    RecountConfig config = RecountConfig.load(home, Optional.empty(), settings);
    if (!home.resolve("archive").toFile().exists()) {
      IntStream.range(0, PARTITIONS).parallel().forEach(p -> fill(config, p, count / PARTITIONS));
    }
    Configuration hadoop = new Configuration();
    try (Catalog catalog = Catalog.open(config)) {
      time("footers", Archive.open(config.archive().uri(), "page_view", hadoop));
      time("first look with a catalog", Archive.open(config, catalog, "page_view", hadoop));
      for (int i = 0; i < 3; i++) {
        Archive archive = Archive.open(config, catalog, "page_view", hadoop);
        time("index", archive);
        time("again", archive);
        long start = System.nanoTime();
        archive.nextPosition(0);
        say("end of a partition, first look", start);
        start = System.nanoTime();
        archive.nextPosition(0);
        say("end of a partition, next look", start);
      }
    }
  }

  private static void time(String what, Archive archive) {
    long start = System.nanoTime();
    List<ArchiveFile> files = archive.files();
    say(what + ", " + files.size() + " files", start);
  }

  private static void say(String what, long startNanos) {
    System.out.printf("%s: %.3f s%n", what, (System.nanoTime() - startNanos) / 1e9);
  }

  private static void fill(RecountConfig config, int partition, int count) {
    EventSchema schema = EventSchema.parse(SCHEMA, "page_view");
    Configuration hadoop = new Configuration();
    OpenFile.Target target =
        new OpenFile.Target(
            ArchiveStore.of(config.archive().uri(), hadoop),
            new ArchiveLayout(new org.apache.hadoop.fs.Path(config.archive().uri()), schema.name()),
            hadoop,
            "bench",
            Clock.systemUTC());
    GenericRecord view = new GenericData.Record(schema.avro());
    view.put("at", 0L);
    view.put("page", "/index.html");
    try {
      for (int i = 0; i < count; i++) {
        LocalDate day = FIRST.plusDays(i / FILES_OF_A_DAY);
        OpenFile file = new OpenFile(target, schema, partition, i, day);
        file.write(view, i, day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli());
        file.commit(i + 1L);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
