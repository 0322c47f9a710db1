package dev.recount.infra.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.recount.core.config.Home;
import dev.recount.core.config.RecountConfig;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Homes that cannot be worked in, and what an earlier stack left in one. */
class HomeFolderTest {
  @TempDir private Path folder;

  private static void assertRefused(Path home, String reason) {
    RecountConfig config = RecountConfig.load(home, Optional.of(26_000), Map.of());
    LocalStack stack = LocalStack.of(config);
    assertThatExceptionOfType(RecountException.class)
        .isThrownBy(() -> stack.start("catalog"))
        .withMessageStartingWith("Cannot use the home '" + home)
        .withMessageContaining(reason)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNUSABLE));
    stack.forget();
  }

  @Test
  void aFileInTheWay_isNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertRefused(file, "not a");
    assertRefused(file.resolve("below"), "not a");
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.writeString(home.resolve("run"), "");
    assertRefused(home, "not a");
  }

  @Test
  void aLinkToNothing_isNamed() throws IOException {
    assertRefused(
        Files.createSymbolicLink(folder.resolve("link"), folder.resolve("none")), "exists");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFolderThatTakesNoFiles_isNamed() {
    assertRefused(Path.of("/proc/recount"), "no such file or folder");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aDiskThatIsMountedReadOnly_isNamed() throws Exception {
    assumeTrue(
        run("id", "-u").equals("0"), "only root may mount a file system, and this is not root");
    String mounted = run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder.toString());
    assumeTrue(mounted.isEmpty(), "this root may not mount a file system: " + mounted);
    try {
      assertRefused(folder.resolve("home"), "read-only file system");
      assertRefused(folder, "read-only file system");
    } finally {
      assertThat(run("umount", folder.toString())).isEmpty();
    }
  }

  @Test
  void aFolderThatThisUserMayNotWrite_isNamed() throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("r-x------"));
    assumeFalse(Files.isWritable(home), "this is root, who may write everywhere");
    assertRefused(home, "permission denied");
    assertRefused(home.resolve("below"), "permission denied");
  }

  /** What a program of the system says. */
  private static String run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said.strip();
  }

  @Test
  void aNameThatIsTooLong_isNamed() {
    assertRefused(folder.resolve("x".repeat(300)), "ile name too long");
    assertRefused(folder.resolve("12345678/".repeat(400)), "at most 3072");
  }

  @Test
  void aPercentSign_isRefused() {
    assertRefused(folder.resolve("50%41"), "has a '%'");
  }

  @Test
  void aHomeThatWasNotThere_isMadeAndKeepsNoProbe() throws IOException {
    Path home = folder.resolve("a b/hömé");
    HomeFolder.requireUsable(new Home(home));
    try (var files = Files.list(home.resolve("run"))) {
      assertThat(files).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "12", "abc\ndef\n", "99999999999999999999\n", "1\nyesterday\n"})
  void aDamagedFileOfAProcess_namesNone(String text) throws IOException {
    Files.writeString(folder.resolve("kafka.pid"), text);
    PidFile file = new PidFile(folder, "kafka");
    if (text.equals("12")) {
      assertThatNoException().isThrownBy(file::process);
    } else {
      assertThat(file.process()).isEmpty();
    }
  }

  @Test
  void anIdThatAnotherProgramHasNow_isNotOurs() throws IOException {
    long pid = ProcessHandle.current().pid();
    Files.writeString(folder.resolve("kafka.pid"), pid + "\n" + Instant.EPOCH + "\n");
    PidFile file = new PidFile(folder, "kafka");
    assertThat(file.process()).isEmpty();
    file.write(ProcessHandle.current());
    assertThat(file.process()).map(ProcessHandle::pid).contains(pid);
  }

  @Test
  void statusOfAHomeThatNeverWas_makesNoHome_andSaysSo() {
    Path home = folder.resolve("never");
    RecountConfig config = RecountConfig.load(home, Optional.of(26_000), Map.of());
    assertThat(StackReport.of(config).table())
        .contains("There is no home '" + home + "' yet; 'recount up' starts it.");
    LocalStack stack = LocalStack.of(config);
    assertThat(stack.stop()).isZero();
    stack.forget();
    assertThat(home).doesNotExist();
  }

  @Test
  void statusOnADiskWithoutRoom_saysSo() {
    RecountConfig config =
        RecountConfig.load(
            folder, Optional.of(26_000), Map.of("RECOUNT_DISK_RESERVE", "8000000TiB"));
    StackReport report = StackReport.of(config);
    assertThat(report.table())
        .contains("disk: only ")
        .contains("disk.reserve")
        .contains("events are refused until there is more");
    assertThat(report.json()).contains("\"disk\"");
  }
}
