package dev.recount.core.process;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What other hosts call this process. */
public final class ThisProcess {
  private static final String HOST = findHost();

  private ThisProcess() {}

  public static String host() {
    return HOST;
  }

  public static long id() {
    return ProcessHandle.current().pid();
  }

  public static String name() {
    return name(id(), HOST);
  }

  public static String name(Long id, String host) {
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
