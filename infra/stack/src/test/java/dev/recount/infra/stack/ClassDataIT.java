package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.recount.core.Deadline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code bin/recount} does with class data: makes it after the first use of a command, uses it
 * from then on, and where it is damaged is slower without a word. In checkouts of its own, whose
 * names have blanks and letters beyond ASCII.
 */
class ClassDataIT {
  private static final Path ROOT = Path.of(System.getProperty("recount.root"));
  private static final Path STACK = Path.of("infra/stack");

  /** It is made with the lowest priority. */
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  @TempDir private static Path folder;

  /** What the first uses in the first checkout made. */
  private static Path made;

  private record Result(int code, String output) {}

  @BeforeAll
  static void makeByThreeFirstUses() throws Exception {
    Checkout checkout = new Checkout("first");
    Files.createDirectories(checkout.data);
    // What a maker that was killed leaves.
    Files.writeString(checkout.data.resolve("making-1.jsa"), "half");
    List<Process> uses = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      uses.add(checkout.start(""));
    }
    for (Process use : uses) {
      checkout.requireSilent(end(use));
    }
    Deadline.after(PATIENCE)
        .require(
            "class data, and nothing beside it",
            Duration.ofMillis(100),
            () -> checkout.files(".jsa").size() == 1 && checkout.files("").size() == 1);
    made = checkout.files("").get(0);
  }

  @Test
  void madeClassData_isUsed() throws Exception {
    Checkout checkout = new Checkout("second");
    Path copy = checkout.take(made);
    assertThat(checkout.shared()).isGreaterThan(50);
    checkout.requireSilent(checkout.down());
    assertThat(checkout.files("")).containsExactly(copy);
  }

  @Test
  void cutOffClassData_isNotUsed() throws Exception {
    Checkout checkout = new Checkout("cut off");
    Path copy = checkout.take(made);
    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(made) / 3);
    }
    assertThat(checkout.shared()).isZero();
  }

  @Test
  void damagedClassData_isRefusedByTheJvm_andRemoved() throws Exception {
    Checkout checkout = new Checkout("damaged");
    Path copy = checkout.take(made);
    overwrite(copy, Files.size(made) / 2);
    assertThat(checkout.shared()).isZero();
    checkout.requireSilent(checkout.down());
    assertThat(copy).doesNotExist();
  }

  @Test
  void classDataOfAnotherJvm_isRefusedByTheJvm_andRemoved() throws Exception {
    Checkout checkout = new Checkout("other");
    Path copy = checkout.take(made);
    overwrite(copy, 0);
    assertThat(checkout.shared()).isZero();
    checkout.requireSilent(checkout.down());
    assertThat(copy).doesNotExist();
  }

  @Test
  void classDataOlderThanTheLibraries_isNotUsed() throws Exception {
    Checkout checkout = new Checkout("older");
    Path copy = checkout.take(made);
    Files.setLastModifiedTime(copy, FileTime.fromMillis(0));
    assertThat(checkout.shared()).isZero();
  }

  private static void overwrite(Path file, long at) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[64 * 1024]), at);
    }
  }

  private static Result end(Process process) throws IOException, InterruptedException {
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  /** As much of a checkout as the command {@code down} needs. */
  private static final class Checkout {
    private final Path path;
    private final Path data;

    Checkout(String name) throws IOException {
      path = folder.toRealPath().resolve(name).resolve("a b/hömé");
      Path target = path.resolve(STACK).resolve("target");
      data = target.resolve("class-data");
      Files.createDirectories(target);
      Files.createDirectories(path.resolve("bin"));
      for (String file : List.of("bin/recount", "pom.xml", "infra/stack/jvm.options")) {
        Files.copy(ROOT.resolve(file), path.resolve(file));
      }
      Path built = ROOT.resolve(STACK).resolve("target");
      for (String file : List.of("recount.libraries", "recount.modules")) {
        Files.copy(built.resolve(file), target.resolve(file));
      }
      Files.createSymbolicLink(target.resolve("classes"), built.resolve("classes"));
    }

    /** Class data goes by the libraries, which all checkouts share. */
    Path take(Path classData) throws IOException {
      Files.createDirectories(data);
      Path copy = Files.copy(classData, data.resolve(classData.getFileName()));
      assertThat(copy.toFile().setWritable(true)).isTrue();
      return copy;
    }

    Process start(String moreOptions) throws IOException {
      ProcessBuilder builder =
          new ProcessBuilder("bash", "bin/recount", "down", "--home", "no such home")
              .directory(path.toFile())
              .redirectErrorStream(true);
      Map<String, String> environment = builder.environment();
      environment.keySet().removeAll(List.of("RECOUNT_CLASS_DATA", "RECOUNT_JAVA_OPTIONS"));
      environment.put("RECOUNT_SKIP_BUILD", "1");
      environment.put("LC_ALL", "C");
      if (!moreOptions.isEmpty()) {
        environment.put("RECOUNT_JAVA_OPTIONS", moreOptions);
      }
      return builder.start();
    }

    Result down() throws IOException, InterruptedException {
      return end(start(""));
    }

    void requireSilent(Result result) {
      assertThat(result.output())
          .isEqualTo(
              "The stack was down: there is no home '" + path.resolve("no such home") + "'.\n");
      assertThat(result.code()).isZero();
    }

    /** How many classes of a library came from class data. */
    long shared() throws IOException, InterruptedException {
      Path log = folder.resolve("classes.log");
      requireSilent(end(start("-Xlog:class+load:file=" + log)));
      try (Stream<String> lines = Files.lines(log)) {
        return lines
            .filter(line -> line.contains(" picocli.") && line.contains("shared objects file"))
            .count();
      }
    }

    List<Path> files(String ending) {
      try (Stream<Path> files = Files.list(data)) {
        return files.filter(file -> file.toString().endsWith(ending)).toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
