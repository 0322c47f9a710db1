package dev.recount.core.cli;

import dev.recount.core.config.Home;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine;

/**
 * The log of a command that a person typed. It goes to a file: the terminal is for what the command
 * says, and for the one line of an error. The file is in the home, or in the temporary folder if no
 * home can be written.
 */
final class CommandLog {
  private static final String NAME = "commands.log";
  private static final long MOST_BYTES = 10 * 1024 * 1024;

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private CommandLog() {}

  /** Must come before the first logger is made. */
  static void toFile(String[] arguments) {
    Path file = file(arguments);
    keepSmall(file);
    System.setProperty(CommandLogFile.SETTING, file.toString());
    System.setProperty("slf4j.provider", CommandLogProvider.class.getName());
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    // For libraries that log by log4j itself.
    System.setProperty("log4j2.configurationFile", "dev/recount/core/cli/command-log.xml");
    System.setProperty("log4j2.statusLoggerLevel", "OFF");
  }

  /** What to look into, in words. */
  static String where() {
    String file = System.getProperty(CommandLogFile.SETTING);
    return file == null ? "the log" : "the log '" + file + "'";
  }

  private static Path file(String[] arguments) {
    return logs(arguments).orElseGet(CommandLog::temporary).resolve(NAME);
  }

  /** The folder of the home's logs, if there is one that can be written. */
  static Optional<Path> logs(String[] arguments) {
    try {
      HomeOptions options = new HomeOptions();
      new CommandLine(options).setUnmatchedArgumentsAllowed(true).parseArgs(arguments);
      Path logs = new Home(options.home()).logs();
      return Files.isDirectory(logs) && Files.isWritable(logs) && hasRoom(logs)
          ? Optional.of(logs)
          : Optional.empty();
    } catch (CommandLine.ParameterException | RecountException | IOException e) {
      // The command itself says what is wrong with its options.
      return Optional.empty();
    }
  }

  private static boolean hasRoom(Path folder) throws IOException {
    return Files.getFileStore(folder).getUsableSpace() > MOST_BYTES;
  }

  private static Path temporary() {
    return temporary(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /**
   * A folder of the user's own: in the one that all users share, another could have put a link
   * under a name that can be foretold.
   */
  static Path temporary(Path shared) {
    String user = System.getProperty("user.name").replaceAll("[^A-Za-z0-9._-]", "_");
    Path own = shared.resolve("recount-" + user);
    FileAttribute<?> ownerOnly = PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    try {
      Files.createDirectory(own, ownerOnly);
      return own;
    } catch (FileAlreadyExistsException e) {
      return isOwn(own) ? own : another(shared, ownerOnly);
    } catch (IOException | UnsupportedOperationException e) {
      // The log is less than what the command has to say.
      return own;
    }
  }

  private static Path another(Path shared, FileAttribute<?> ownerOnly) {
    try {
      return Files.createTempDirectory(shared, "recount-", ownerOnly);
    } catch (IOException e) {
      // Nothing can be written there, and nobody knows this name.
      return shared.resolve("recount-" + UUID.randomUUID());
    }
  }

  private static boolean isOwn(Path folder) {
    try {
      PosixFileAttributes found =
          Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isDirectory()
          && found.permissions().equals(OWNER_ONLY)
          && found.owner().getName().equals(System.getProperty("user.name"));
    } catch (IOException e) {
      return false;
    }
  }

  static void keepSmall(Path file) {
    try {
      if (Files.exists(file) && Files.size(file) > MOST_BYTES) {
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".previous"),
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      // Another command has just moved it.
      return;
    }
  }
}
