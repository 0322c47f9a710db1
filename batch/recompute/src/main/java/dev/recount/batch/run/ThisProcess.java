package dev.recount.batch.run;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What other hosts call this process. */
final class ThisProcess {
  private static final String HOST = findHost();

  private ThisProcess() {}

  static String host() {
    return HOST;
  }

  static long id() {
    return ProcessHandle.current().pid();
  }

  static String name() {
    return name(id(), HOST);
  }

  static String name(Long id, String host) {
    return "process " + id + " on host " + host;
  }

  private static String findHost() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // Its own name has no address: the message ends with it, as in "name: Name or service...".
      return String.valueOf(e.getMessage()).replaceFirst(":.*", "");
    }
  }
}
