package dev.recount.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;

/** The log of a command without a home, in a folder that all users share. */
class CommandLogTest {
  @TempDir private Path shared;

  private static String permissions(Path folder) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
  }

  @Test
  void itsFolder_isTheUsersOwn_andUsedAgain() throws IOException {
    Path own = CommandLog.temporary(shared);
    assertThat(own).isDirectory().hasParentRaw(shared);
    assertThat(permissions(own)).isEqualTo("rwx------");
    assertThat(CommandLog.temporary(shared)).isEqualTo(own);
  }

  @Test
  void aFolderOrLinkThatAnotherMayHavePutThere_isNotUsed() throws IOException {
    Path own = CommandLog.temporary(shared);
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwxrwxrwx"));
    Path other = CommandLog.temporary(shared);
    assertThat(other).isNotEqualTo(own).isDirectory();
    assertThat(permissions(other)).isEqualTo("rwx------");

    Files.delete(own);
    Path target = Files.createDirectory(shared.resolve("target"));
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwx------"));
    Files.createSymbolicLink(own, target);
    assertThat(CommandLog.temporary(shared)).isNotIn(own, other);
    Files.delete(own);
    Files.writeString(own, "");
    assertThat(CommandLog.temporary(shared)).isNotIn(own, other);
  }

  @Test
  void warningsOfRecountAndErrorsOfAll_areWritten_withTheirTraces() throws IOException {
    Path file = shared.resolve("commands.log");
    String before = System.setProperty("recount.log.file", file.toString());
    try {
      CommandLogProvider provider = new CommandLogProvider();
      Logger own = provider.getLoggerFactory().getLogger("dev.recount.core.X");
      Logger library = provider.getLoggerFactory().getLogger("org.library.Y");
      own.info("not this");
      library.warn("nor this");
      assertThat(file).doesNotExist();
      own.warn("a {} of {}", "warning", 1);
      library.error("an error", new IllegalStateException("its cause"));
    } finally {
      if (before == null) {
        System.clearProperty("recount.log.file");
      } else {
        System.setProperty("recount.log.file", before);
      }
    }
    assertThat(file)
        .content()
        .matches("(?s)\\d{4}-\\S+\\.\\d{3}Z WARN  X: a warning of 1\n.*")
        .contains("Z ERROR Y: an error\njava.lang.IllegalStateException: its cause\n\tat ")
        .doesNotContain("this");
  }
}
