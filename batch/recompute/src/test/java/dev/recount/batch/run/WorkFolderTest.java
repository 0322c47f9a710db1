package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.config.Home;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkFolderTest {
  @TempDir private Path folder;

  @Test
  void folderOfARun_isFoundByItsHome_untilTheRunEnds() {
    Home here = new Home(folder.resolve("a,b"));
    Home there = new Home(folder.resolve("c"));
    try (WorkFolder first = WorkFolder.make(here, "20240501T120000000");
        WorkFolder second = WorkFolder.make(there, "20240501T120000000")) {
      assertThat(first.path()).isDirectory().isNotEqualTo(second.path());
      assertThat(first.path().toString()).doesNotContain(",");
      assertThat(WorkFolder.all(here)).containsExactly(first);
      assertThat(WorkFolder.all(there)).containsExactly(second);
    }
    assertThat(WorkFolder.all(here)).isEmpty();
  }

  @Test
  void tooLittleRoom_isSaidWithThePlace() {
    assertThat(WorkFolder.problem(1)).isEmpty();
    assertThat(WorkFolder.problem(Long.MAX_VALUE))
        .hasValueSatisfying(
            problem ->
                assertThat(problem)
                    .contains("are free in the temporary folder '")
                    .contains(System.getProperty("java.io.tmpdir")));
  }
}
