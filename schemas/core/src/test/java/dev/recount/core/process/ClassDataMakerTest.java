package dev.recount.core.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassDataMakerTest {
  @TempDir private Path root;

  private Path note(String module) throws IOException {
    Path folder = Files.createDirectories(root.resolve(module).resolve("target/class-data"));
    return Files.writeString(folder.resolve("up-17.pid1.noted"), "");
  }

  @Test
  void listsOfAllModules_areFound_eachOnce() throws IOException {
    Set<Path> noted = Set.of(note("serving"), note("schemas/core"), note("infra/stack"));
    Files.writeString(root.resolve("pom.xml"), "");
    Path closed = Files.createDirectories(root.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
    Set<Path> tried = new HashSet<>();
    for (int i = 0; i < noted.size(); i++) {
      tried.add(ClassDataMaker.noted(root, tried).orElseThrow());
    }
    assertThat(tried).isEqualTo(noted);
    assertThat(ClassDataMaker.noted(root, tried)).isEmpty();
  }

  @Test
  void classDataThatCannotBeListed_isNone() throws IOException {
    ClassData data = ClassData.of(root, "up");
    assertThat(data.files("*")).isEmpty();
    Files.createDirectories(root.resolve("target"));
    Files.writeString(data.folder(), "");
    assertThat(data.files("*")).isEmpty();
    assertThat(data.options()).isEmpty();
  }
}
