package dev.recount.core.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
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
  void whatEarlierVersionsOfJavaLeft_isRemoved_withTheList() throws Exception {
    Path folder = Files.createDirectories(root.resolve("infra/stack/target/class-data"));
    String java = System.getProperty("java.version");
    // An archive that this JVM finds usable is not made again.
    Path libraries = Files.writeString(folder.resolve("../" + ClassData.LIBRARIES), "");
    Files.setLastModifiedTime(libraries, FileTime.fromMillis(0));
    Set<String> kept = Set.of("up-99.0.1.5.jsa", "up-to-11.0.2.5.jsa", "status-11.0.2.5.jsa");
    Set<String> outdated = Set.of("up-11.0.2.5.jsa", "up-16.pid3.list", "up-11.0.2.pid1.noted");
    for (String name : kept) {
      Files.writeString(folder.resolve(name), "jsa");
    }
    for (String name : outdated) {
      Files.writeString(folder.resolve(name), "jsa");
    }
    String header = System.getProperty("java.vm.version");
    Path current =
        Files.writeString(folder.resolve("up-" + java + "." + header.length() + ".jsa"), header);
    Path list = Files.writeString(folder.resolve("up-" + java + ".pid1.noted"), "");

    ClassDataMaker.make(list);

    Set<String> left = new HashSet<>(kept);
    left.add(current.getFileName().toString());
    assertThat(folder.toFile().list()).containsExactlyInAnyOrderElementsOf(left);
  }

  @Test
  void listOfAnotherJava_makesNothing() throws Exception {
    Path list = note("serving");
    ClassDataMaker.make(list);
    assertThat(list.getParent()).isEmptyDirectory();
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
