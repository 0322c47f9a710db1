package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code bin/recount} in a checkout whose target folder cannot be written: a file is in its way,
 * which stops any user.
 */
class CheckoutIT {
  private static final Path ROOT = Path.of(System.getProperty("recount.root"));

  @TempDir private Path folder;
  private Path checkout;

  private record Result(int code, String output) {}

  @BeforeEach
  void copy() throws IOException {
    checkout = Files.createDirectories(folder.resolve("a b/hömé"));
    Files.createDirectories(checkout.resolve("bin"));
    Files.copy(ROOT.resolve("bin/recount"), checkout.resolve("bin/recount"));
    Files.copy(ROOT.resolve("pom.xml"), checkout.resolve("pom.xml"));
    Files.writeString(checkout.resolve("target"), "");
  }

  private Result status() throws IOException, InterruptedException {
    return run("status", "--home", "no such home");
  }

  private Result run(String... words) throws IOException, InterruptedException {
    return run(Map.of(), words);
  }

  private Result run(Map<String, String> variables, String... words)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("bash", "bin/recount"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(checkout.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeAll(List.of("RECOUNT_SKIP_BUILD", "RECOUNT_HOME"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(variables);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), output);
  }

  @Test
  void aCommandThatIsNone_isAnsweredWithWhatWasMeant() throws Exception {
    String all = "'recount --help' lists all commands.\n";
    assertThat(run("statsu"))
        .isEqualTo(new Result(2, "USAGE: Unknown command 'statsu'; did you mean 'status'? " + all));
    assertThat(run("frobnicate"))
        .isEqualTo(new Result(2, "USAGE: Unknown command 'frobnicate'; " + all));
  }

  @Test
  void notBuilt_isOneLineThatSaysWhatToDo() throws Exception {
    Result result = status();
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.output().lines()).hasSize(1);
    assertThat(result.output())
        .startsWith("Cannot build Recount: user '")
        .contains("' cannot write to '" + checkout.toRealPath() + "/target'; run")
        .contains("as the user who owns the checkout");
  }

  @Test
  void built_runsAsItWasBuilt_andMakesNoHome() throws Exception {
    Files.createSymbolicLink(checkout.resolve("infra"), ROOT.resolve("infra"));
    Result result = status();
    assertThat(result.output())
        .startsWith("Cannot write to '" + checkout.toRealPath() + "/target': running the existing")
        .contains("There is no home '" + checkout.toRealPath().resolve("no such home") + "' yet");
    assertThat(result.code()).isEqualTo(3);
    assertThat(checkout.resolve("no such home")).doesNotExist();
  }

  @Test
  void builtWithLibrariesThatCannotBeRead_saysSo() throws Exception {
    Path target = Files.createDirectories(checkout.resolve("infra/stack/target"));
    Files.createDirectories(target.resolve("classes"));
    Files.writeString(target.resolve("recount.modules"), "");
    Files.writeString(target.resolve("recount.libraries"), "/no/such/repository/a.jar:/b.jar");
    Result result = status();
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.output())
        .startsWith("Cannot run Recount: another user built it, and user '")
        .contains("cannot read their Maven repository; build your own copy");
  }

  /** Such as after a module alone was cleaned. */
  @Test
  void builtWithoutOneOfOurModules_isNotBuilt() throws Exception {
    Path target = Files.createDirectories(checkout.resolve("infra/stack/target"));
    Files.createDirectories(target.resolve("classes"));
    Files.writeString(target.resolve("recount.libraries"), "");
    Files.writeString(target.resolve("recount.modules"), checkout.resolve("a/target/classes") + "");
    Result result = status();
    assertThat(result.code()).isEqualTo(3);
    assertThat(result.output()).startsWith("Cannot build Recount: user '");
  }

  @Test
  void aCollectorThatTheUserNames_replacesOurs() throws Exception {
    Files.createSymbolicLink(checkout.resolve("infra"), ROOT.resolve("infra"));
    assertThat(run(Map.of("RECOUNT_JAVA_OPTIONS", "-XX:+UseParallelGC"), "status", "--help"))
        .extracting(Result::code)
        .isEqualTo(0);
  }
}
