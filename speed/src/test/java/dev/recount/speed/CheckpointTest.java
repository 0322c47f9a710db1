package dev.recount.speed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.core.catalog.Catalog;
import dev.recount.core.config.RecountConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir private Path folder;

  private void write(String file, String text) throws IOException {
    Files.createDirectories(folder.resolve(file).getParent());
    Files.writeString(folder.resolve(file), text);
  }

  @Test
  void positions_areReadAsSparkWritesThem() throws IOException {
    write("sources/0/0", "\0v1\n{\"events.e\":{\"0\":4}}");
    write("offsets/0", "v1\n{\"batchWatermarkMs\":0}\n{\"events.e\":{\"0\":9}}");
    write("offsets/1", "v1\n{\"batchWatermarkMs\":0}\n{\"events.e\":{\"0\":11,\"1\":2}}");
    write("offsets/.2.tmp", "");
    write("commits/0", "v1\n{}");
    Checkpoint checkpoint = new Checkpoint(folder, "e", "events.e");
    assertThat(checkpoint.startOf(0)).contains(new Positions(Map.of(0, 4L)));
    assertThat(checkpoint.startOf(1)).contains(new Positions(Map.of(0, 9L)));
    assertThat(checkpoint.endOf(1)).contains(new Positions(Map.of(0, 11L, 1, 2L)));
    assertThat(checkpoint.endOf(2)).isEmpty();
    assertThat(checkpoint.newestCommitted()).hasValue(0);
    assertThat(checkpoint.isCommitted(0)).isTrue();
    assertThat(checkpoint.isCommitted(1)).isFalse();
    assertThat(checkpoint.isNew()).isFalse();
  }

  /** An event that is applied again after it was dropped with its records has a log of its own. */
  @Test
  void droppedEvent_beginsAnewAtTheBeginningOfItsLog() throws IOException {
    write("offsets/0", "v1\n{\"batchWatermarkMs\":0}\n{\"events.e\":{\"0\":9}}");
    RecountConfig config =
        RecountConfig.load(
            folder, Optional.empty(), Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:checkpoint"));
    try (Catalog catalog = Catalog.open(config)) {
      Checkpoint checkpoint = new Checkpoint(folder, "e", "events.e");
      String before = checkpoint.generation(catalog);
      catalog.events().forget("e");
      assertThat(checkpoint.lost(catalog)).as("a folder of the old log").isPresent();
      checkpoint.beginIfDropped(catalog);
      assertThat(checkpoint.lost(catalog)).isEmpty();
      assertThat(checkpoint.isNew()).isTrue();
      assertThat(checkpoint.beginsAtEnd()).isFalse();
      assertThat(checkpoint.generation(catalog)).isNotEqualTo(before);
      assertThat(checkpoint.isCurrent(catalog, before)).isFalse();
      assertThat(catalog.events().wasForgotten("e")).isFalse();
    }
  }

  /** As if the process was killed, or the catalog went away, before that knew the generation. */
  @Test
  void newGeneration_thatIsBegunTwice_keepsTheOldCheckpointAside() throws IOException {
    write("e/offsets/0", "v1\n{\"batchWatermarkMs\":0}\n{\"events.e\":{\"0\":9}}");
    RecountConfig config =
        RecountConfig.load(
            folder,
            Optional.empty(),
            Map.of("RECOUNT_CATALOG_URL", "jdbc:h2:mem:again;DB_CLOSE_DELAY=-1"));
    Checkpoint checkpoint = new Checkpoint(folder.resolve("e"), "e", "events.e");
    Catalog away = Catalog.open(config);
    away.close();
    assertThatThrownBy(() -> checkpoint.beginAgain(away)).isInstanceOf(RuntimeException.class);
    assertThat(folder.resolve("e.lost/offsets/0")).exists();
    write("e/sources/0/0", "\0v1\n{\"events.e\":{\"0\":4}}");

    try (Catalog catalog = Catalog.open(config)) {
      String generation = checkpoint.beginAgain(catalog);
      assertThat(folder.resolve("e.lost/offsets/0")).exists();
      assertThat(checkpoint.startOf(0)).as("where the cut off attempt began").isEmpty();
      assertThat(checkpoint.beginsAtEnd()).isTrue();
      assertThat(checkpoint.lost(catalog)).isEmpty();
      assertThat(checkpoint.isCurrent(catalog, generation)).isTrue();
    }
  }

  @Test
  void emptyFolder_isNew() {
    Checkpoint checkpoint = new Checkpoint(folder.resolve("e"), "e", "events.e");
    assertThat(checkpoint.isNew()).isTrue();
    assertThat(checkpoint.newestCommitted()).isEmpty();
  }
}
