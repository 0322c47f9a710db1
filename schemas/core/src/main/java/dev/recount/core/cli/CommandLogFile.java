package dev.recount.core.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The files that get what a command logs: the one that it has chosen, and others for a while. */
public final class CommandLogFile {
  static final String SETTING = "recount.log.file";

  private static final Set<Path> OTHERS = ConcurrentHashMap.newKeySet();

  private CommandLogFile() {}

  /** Has what is logged from now on added to another file too, until that is taken back. */
  public static void alsoTo(Path file) {
    OTHERS.add(file);
  }

  /** Takes back {@link #alsoTo}. */
  public static void noMoreTo(Path file) {
    OTHERS.remove(file);
  }

  /** Adds lines to the files. */
  static void append(String lines) {
    String chosen = System.getProperty(SETTING);
    if (chosen != null) {
      append(Path.of(chosen), lines);
    }
    OTHERS.forEach(file -> append(file, lines));
  }

  /** Adds lines to a file; a log that fails is not told. */
  public static synchronized void append(Path file, String lines) {
    try {
      Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      return;
    }
  }
}
