package dev.recount.batch.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.catalog.Lease;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that rewrites the archive ends at once, at each of its steps, as by SIGKILL. */
class KilledRewritingTest {
  private static final int KILLED = 137;

  /** Written, committed, the first of the replaced files removed. */
  private static final int STEPS = 3;

  @TempDir Path home;

  /** Compacts, and dies after a step. */
  public static void main(String[] arguments) {
    int[] left = {Integer.parseInt(arguments[2])};
    ClickArchive clicks = new ClickArchive(Path.of(arguments[0]), arguments[1]);
    clicks.compact(
        ClickArchive.DAY.plusDays(9),
        step -> {
          if (left[0]-- == 0) {
            Runtime.getRuntime().halt(KILLED);
          }
        },
        false);
    System.exit(0);
  }

  @Test
  void atEachStep_theArchiveIsWhole_andTheNextOneGoesOn() throws Exception {
    String url = "jdbc:h2:file:" + home.resolve("catalog/h2");
    for (int step = 0; step < STEPS; step++) {
      List<GenericRecord> rows;
      try (ClickArchive clicks = new ClickArchive(home, url)) {
        clicks.append(step, ClickArchive.DAY, 2);
        clicks.append(step, ClickArchive.DAY, 2);
        rows = clicks.rows();
      }
      assertThat(run(home, url, step)).isEqualTo(KILLED);
      try (ClickArchive clicks = new ClickArchive(home, url)) {
        assertThat(clicks.rows()).isEqualTo(rows);
        // As its silence would.
        Lease lease = clicks.catalog().leases().find("compaction/click").orElseThrow();
        clicks.catalog().leases().release(lease.name(), lease.holder());
      }
    }
    try (ClickArchive clicks = new ClickArchive(home, url)) {
      clicks.compact();
      assertThat(clicks.rows()).hasSize(4 * STEPS);
      assertThat(clicks.onDisk()).hasSize(STEPS);
    }
  }

  private static int run(Path home, String url, int step) throws IOException, InterruptedException {
    ProcessBuilder process =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            KilledRewritingTest.class.getName(),
            home.toString(),
            url,
            String.valueOf(step));
    return process.inheritIO().start().waitFor();
  }
}
