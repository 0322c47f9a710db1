package dev.recount.infra.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.recount.infra.demo.drive.Recount;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The alerts, checked by Prometheus' own tool where it is installed (Debian's prometheus has it).
 */
class AlertsTest {
  private static final Path FOLDER = Recount.root().resolve("infra/prometheus");

  @ParameterizedTest
  @CsvSource({"check, recount-alerts.yml", "test, recount-alerts-test.yml"})
  void alerts_areRight_byPrometheusOwnTool(String verb, String file) throws Exception {
    assumeThat(isThere("promtool")).as("promtool is installed").isTrue();
    Process process =
        new ProcessBuilder(List.of("promtool", verb, "rules", file))
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
