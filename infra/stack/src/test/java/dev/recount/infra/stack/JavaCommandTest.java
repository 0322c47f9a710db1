package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JavaCommandTest {
  @TempDir private Path root;

  @Test
  void whatAClassPathLacks_isNamed() throws IOException {
    Path target = Files.createDirectories(root.resolve("m/target"));
    Path libraries = target.resolve("recount.libraries");
    Path modules = target.resolve("recount.modules");
    assertThat(JavaCommand.missing(root, "m")).contains(libraries);
    Path jar = Files.writeString(root.resolve("a.jar"), "");
    Path event = root.resolve("event/classes");
    Files.writeString(libraries, jar + "\n");
    assertThat(JavaCommand.missing(root, "m")).contains(modules);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> JavaCommand.of(root, "m", "a.Main", List.of()))
        .withMessageContaining("recount.modules")
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.STACK_START_FAILED));
    Files.writeString(modules, jar + File.pathSeparator + event);
    assertThat(JavaCommand.missing(root, "m")).contains(event);
    Files.createDirectories(event);
    assertThat(JavaCommand.missing(root, "m")).isEmpty();
    Files.writeString(modules, "");
    assertThat(JavaCommand.missing(root, "m")).isEmpty();
  }

  @Test
  void aCollectorThatIsAskedFor_replacesTheModules() {
    assertThat(JavaCommand.added(List.of("-Xmx1g", "-XX:+UseZGC")))
        .startsWith("-XX:-UseSerialGC")
        .endsWith("-Xmx1g", "-XX:+UseZGC");
    assertThat(JavaCommand.added(List.of("-Xmx1g"))).containsExactly("-Xmx1g");
  }
}
