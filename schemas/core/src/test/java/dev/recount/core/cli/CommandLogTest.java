package dev.recount.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
