package dev.recount.batch.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.recount.batch.lake.RunFolders;
import dev.recount.core.catalog.BatchRun;
import dev.recount.core.catalog.Catalog;
import dev.recount.core.catalog.RunReport;
import dev.recount.core.catalog.RunRequest;
import dev.recount.core.catalog.RunView;
import dev.recount.core.cli.Progress;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.RecountException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every run has around its work, on a real H2 catalog. */
class RunFrameTest {
  private static final String TEMPORARY = "java.io.tmpdir";

  @TempDir private Path home;

  /** As where the disk of the temporary folder is full. */
  @Test
  void runThatFindsNoPlaceToWorkIn_isInTheHistoryWithTheCause() {
    RecountConfig config = MemoryCatalog.settings(home);
    String temporary = System.getProperty(TEMPORARY);
    try (Catalog catalog = Catalog.open(config)) {
      System.setProperty(TEMPORARY, home.resolve("gone").toString());
      RunFrame frame =
          new RunFrame(
              config,
              catalog,
              Clock.systemUTC(),
              new Progress(line -> {}, false),
              new RunFolders(config.lakeUri(), new Configuration()));
      RunFrame.Order order =
          new RunFrame.Order(
              RunRequest.FULL,
              RunRequest.HAND,
              0,
              List.of(RunView.due("v", "v_v1", RunRequest.FULL)),
              List.of());

      assertThatThrownBy(
              () ->
                  frame.run(
                      new RunLock(catalog, line -> {}).takeNow(),
                      order,
                      run -> run.record().runId()))
          .isInstanceOf(RecountException.class)
          .hasMessageContaining("gone");

      RunReport ended = catalog.runs().newest(1).get(0);
      assertThat(ended.status()).isEqualTo(BatchRun.FAILED);
      assertThat(ended.error()).contains("Cannot make a folder in").contains("gone");
    } finally {
      System.setProperty(TEMPORARY, temporary);
    }
  }
}
