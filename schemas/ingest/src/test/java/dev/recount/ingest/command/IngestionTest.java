package dev.recount.ingest.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.TestingEvents;
import dev.recount.ingest.avro.RowFile;
import dev.recount.ingest.door.Door;
import dev.recount.ingest.door.Reading;
import dev.recount.ingest.mapping.JsonEvents;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.Share;
import dev.recount.ingest.source.Tally;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestionTest {
  @TempDir private static Path home;
  private static Catalog catalog;
  private static Door door;

  /** Names its columns, but the second time, when rows are wanted, fails like a broken library. */
  private static final class Broken implements RowFile {
    private final AtomicInteger opened = new AtomicInteger();

    @Override
    public String name() {
      return "broken";
    }

    @Override
    public Rows open(Path file) {
      if (opened.incrementAndGet() > 1) {
        throw new StackOverflowError("in a library");
      }
      return new Rows(List.of("at"), Stream.empty(), () -> 0);
    }
  }

  @BeforeAll
  static void open() {
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:ingestion;DB_CLOSE_DELAY=-1"));
    Path root = Path.of(System.getProperty("recount.root"));
    catalog = Catalog.open(config);
    catalog.events().apply(EventSchema.read(root.resolve("schemas/events/page_view.avsc")), 1);
    catalog.events().apply(TestingEvents.everyType(), 1);
    door = Door.open(config, catalog, Clock.systemUTC());
  }

  @AfterAll
  static void close() {
    door.close();
    catalog.close();
  }

  private static Tally dryRun(String name, String text, String... options) throws IOException {
    Path file = Files.writeString(home.resolve(name), text);
    Ingestion ingestion =
        new Ingestion(door, "page_view", Reading.format(options), true, note -> {});
    ingestion.run(List.of(LineSource.of(file.toString())));
    assertThat(ingestion.problem()).isEmpty();
    return ingestion.tally();
  }

  @Test
  void rowsWithoutAnyValue_arePassedOver_unlessAMappingMakesEventsOfThem() throws IOException {
    String row = "2015-05-17T10:05:03Z;::1;/\n";
    String csv = "event_time;ip_address;page_url\n" + row + ";;\r\n" + row + ";\n;;;;;\n;a;\n";
    Tally tally = dryRun("table.csv", csv, "--format", "csv", "--delimiter", ";");
    assertThat(tally.accepted()).isEqualTo(2);
    assertThat(tally.passedOver()).isEqualTo(3);
    assertThat(tally.rejected()).isEqualTo(1);

    Path map =
        Files.writeString(
            home.resolve("constant.conf"),
            "event_time { constant = \"2015-05-17T10:05:03Z\" }, ip_address { constant = \"::1\" },"
                + " page_url { from = page_url, default = \"/\" }");
    Tally mapped =
        dryRun("mapped.csv", csv, "--format", "csv", "--delimiter", ";", "--map", map.toString());
    assertThat(mapped.accepted()).isEqualTo(5);
    assertThat(mapped.passedOver()).as("it has too few columns").isEqualTo(1);
    assertThat(mapped.rejected()).isZero();
  }

  @Test
  void progress_isWhatIsIn() throws IOException {
    String line = "{\"event_time\": 0, \"ip_address\": \"::1\", \"page_url\": \"/\"}\n";
    String text = line.repeat(20_000) + "wrong\n\n";
    Tally tally = dryRun("long.ndjson", text);
    assertThat(tally.accepted()).isEqualTo(20_000);
    assertThat(tally.bytesIn().sum()).isEqualTo(text.length());

    LongAdder bytesIn = new LongAdder();
    Share share = new Share(bytesIn, 100);
    share.begin();
    share.begin();
    share.end();
    share.end();
    assertThat(bytesIn.sum()).as("one of its records is not in").isZero();
    share.end();
    assertThat(bytesIn.sum()).isEqualTo(100);
  }

  @Test
  void progressOfRows_isOfTheFile() throws IOException {
    EventSchema schema = door.schema("page_view");
    GenericRecord event =
        new JsonEvents(schema)
            .read(
                "{\"event_time\": 0, \"ip_address\": \"::1\", \"page_url\": \"/\"}"
                    .getBytes(StandardCharsets.UTF_8));
    Path file = home.resolve("rows.avro");
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<GenericRecord>(schema.avro()))) {
      writer.create(schema.avro(), file.toFile());
      for (int i = 0; i < 10_000; i++) {
        writer.append(event);
      }
    }
    Ingestion ingestion =
        new Ingestion(door, "page_view", Reading.format("--format", "avro"), true, note -> {});
    ingestion.run(List.of(LineSource.of(file.toString())));
    assertThat(ingestion.tally().accepted()).isEqualTo(10_000);
    assertThat(ingestion.tally().bytesIn().sum()).isEqualTo(Files.size(file));
  }

  @Test
  void whateverEndsTheReading_isSaid() throws IOException {
    Path file = Files.writeString(home.resolve("file"), "x");
    FileFormat format =
        new FileFormat(
            RecordLayout.of(RecordFormat.NDJSON), Optional.of(new Broken()), true, false);
    Ingestion ingestion = new Ingestion(door, "every_type", format, false, note -> {});
    ingestion.run(List.of(LineSource.of(file.toString())));
    RecountException problem = ingestion.problem().orElseThrow();
    assertThat(problem.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE);
    assertThat(problem).hasMessageContaining("StackOverflowError: in a library");
  }
}
