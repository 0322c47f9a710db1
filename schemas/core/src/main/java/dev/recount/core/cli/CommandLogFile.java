package dev.recount.core.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The file that a command has chosen for what it logs. */
final class CommandLogFile {
  static final String SETTING = "recount.log.file";

  private CommandLogFile() {}

  /** Adds lines to the file; a log that fails is not told. */
  static synchronized void append(String lines) {
    String file = System.getProperty(SETTING);
    try {
      Files.writeString(Path.of(file), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      return;
    }
  }
}
