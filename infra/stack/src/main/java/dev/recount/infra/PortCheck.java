package dev.recount.infra;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;

/** Finds ports that others hold, before anything is started. */
final class PortCheck {
  private PortCheck() {}

  /**
   * @throws RecountException PORT_TAKEN naming every taken port and who wants it
   */
  static void requireFree(List<ProcessSpec> specs) {
    List<String> taken =
        specs.stream()
            .flatMap(
                spec ->
                    spec.ports().entrySet().stream()
                        .sorted(Map.Entry.comparingByValue())
                        .filter(port -> !isFree(port.getValue()))
                        .map(port -> describe(spec, port)))
            .toList();
    if (!taken.isEmpty()) {
      throw new RecountException(
          ErrorCode.PORT_TAKEN,
          "Cannot start the stack: "
              + String.join(", ", taken)
              + "; end the program that holds it, or move all ports with --port-base N (setting"
              + " port-base; a home with data keeps its ports, so give a new --home as well)");
    }
  }

  private static String describe(ProcessSpec spec, Map.Entry<String, Integer> port) {
    return "port "
        + port.getValue()
        + " ("
        + port.getKey()
        + ") that '"
        + spec.name()
        + "' wants is taken";
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
