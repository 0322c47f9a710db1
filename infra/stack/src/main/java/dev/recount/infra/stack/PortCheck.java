package dev.recount.infra.stack;

import dev.recount.core.Deadline;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Finds ports that others hold, before anything is started. */
final class PortCheck {
  /** A process that was killed lets go of its ports a moment after it is gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration POLL = Duration.ofMillis(100);

  private PortCheck() {}

  /**
   * @throws RecountException PORT_TAKEN naming every taken port and who wants it
   */
  static void requireFree(List<ProcessSpec> specs) {
    Deadline.after(PATIENCE).await(POLL, () -> taken(specs).isEmpty());
    List<String> taken = taken(specs);
    if (!taken.isEmpty()) {
      throw RecountException.of(
          ErrorCode.PORT_TAKEN,
          "Cannot start the stack: %s; stop the program that uses it, or move all ports "
              + "with --port-base N (setting port-base; a home with data keeps its ports, so "
              + "give a new --home as well)",
          String.join(", ", taken));
    }
  }

  private static List<String> taken(List<ProcessSpec> specs) {
    return specs.stream()
        .flatMap(
            spec ->
                spec.ports().entrySet().stream()
                    .sorted(Map.Entry.comparingByValue())
                    .filter(port -> !isFree(port.getValue()))
                    .map(port -> describe(spec, port)))
        .toList();
  }

  private static String describe(ProcessSpec spec, Map.Entry<String, Integer> port) {
    return "port "
        + port.getValue()
        + " ("
        + port.getKey()
        + ") that '"
        + spec.name()
        + "' needs is taken";
  }

  /** The unspecified address collides with a listener on any address. */
  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
