package dev.recount.contract.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.contract.catalog.Catalog;
import dev.recount.contract.config.RecountConfig;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.event.TestingEvents;
import dev.recount.contract.record.RecordFormat;
import dev.recount.contract.record.RecordLayout;
import dev.recount.contract.record.RowFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IngestionTest {
  @TempDir private Path home;

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
      return new Rows(List.of("at"), Stream.empty());
    }
  }

  @Test
  void whateverEndsTheReading_isSaid() throws IOException {
    RecountConfig config =
        RecountConfig.load(
            home,
            Optional.empty(),
            Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:ingestion;DB_CLOSE_DELAY=-1"));
    Path file = Files.writeString(home.resolve("file"), "x");
    FileFormat format =
        new FileFormat(
            RecordLayout.of(RecordFormat.NDJSON), Optional.of(new Broken()), true, false);
    try (Catalog catalog = Catalog.open(config);
        Door door = Door.open(config, catalog, Clock.systemUTC())) {
      catalog.events().apply(TestingEvents.everyType(), 1);
      Ingestion ingestion = new Ingestion(door, "every_type", format, false, note -> {});
      ingestion.run(List.of(LineSource.of(file.toString())));
      RecountException problem = ingestion.problem().orElseThrow();
      assertThat(problem.code()).isEqualTo(ErrorCode.FILE_NOT_READABLE);
      assertThat(problem).hasMessageContaining("StackOverflowError: in a library");
    }
  }
}
