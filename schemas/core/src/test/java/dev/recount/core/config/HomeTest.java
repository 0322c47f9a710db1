package dev.recount.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
  @TempDir private Path folder;

  @Test
  void path_isAbsoluteAndWithoutDots() {
    assertThat(new Home(Path.of("a/./b/../c")).path())
        .isEqualTo(Path.of("").toAbsolutePath().resolve("a/c"));
    assertThat(new Home(folder.resolve("x/")).path()).isEqualTo(folder.resolve("x"));
  }

  @Test
  void dotsBehindALink_areTheFolderAboveItsTarget() throws IOException {
    Files.createDirectories(folder.resolve("deep/target"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("deep/target"));
    assertThat(new Home(link.resolve("../home")).path())
        .isEqualTo(folder.toRealPath().resolve("deep/home"));
    assertThat(new Home(link).path()).isEqualTo(link);
  }

  @Test
  void archiveOfAnyHome_isInIt() {
    Path home = folder.resolve("a b/hömé/日本/50%41+1,2;3#4?5&6'7$HOME:8[9]{x}*~@=");
    RecountConfig config = RecountConfig.load(home, Optional.empty(), Map.of());
    assertThat(Path.of(config.archive().uri())).isEqualTo(home.resolve("archive"));
    assertThat(Path.of(config.lakeUri())).isEqualTo(home.resolve("lake"));
  }

  @Test
  void roomOnTheDisk_isComparedWithTheReserve() {
    assertThat(disk("1B").problem()).isEmpty();
    assertThat(disk("8000000TiB").problem().orElseThrow())
        .startsWith("only ")
        .contains("'" + folder + "'")
        .contains("disk.reserve (8388608000000 MiB)");
    assertThat(disk("8000000TiB").refusal()).isPresent();
  }

  private DiskSpace disk(String reserve) {
    return new DiskSpace(
        RecountConfig.load(folder, Optional.empty(), Map.of("RECOUNT_DISK_RESERVE", reserve)));
  }

  @Test
  void eventsForKafkaElsewhere_needNoRoomHere() {
    Map<String, String> elsewhere =
        Map.of("RECOUNT_DISK_RESERVE", "8000000TiB", "RECOUNT_KAFKA_BOOTSTRAP", "far:9092");
    DiskSpace disk = new DiskSpace(RecountConfig.load(folder, Optional.empty(), elsewhere));
    assertThat(disk.refusal()).isEmpty();
    assertThat(disk.problem()).isPresent();
  }
}
