package dev.recount.scheduler.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** How a command becomes a process. */
@FunctionalInterface
public interface Launcher {
  /**
   * Starts a command.
   *
   * @param words what follows {@code recount}
   * @param log where its output goes
   */
  Process start(List<String> words, Path log) throws IOException;
}
