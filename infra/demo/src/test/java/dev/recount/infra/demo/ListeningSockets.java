package dev.recount.infra.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The sockets on which a process takes connections, as Linux lists them. */
final class ListeningSockets {
  private static final String LISTENING = "0A";
  private static final int WORD = 4;

  private ListeningSockets() {}

  /** An address and a port. */
  record Socket(InetAddress address, int port) {
    boolean isLocal() {
      return address.isLoopbackAddress();
    }
  }

  /** Whether the system lists them. */
  static boolean areKnown() {
    return Files.isReadable(Path.of("/proc/self/net/tcp"));
  }

  static List<Socket> of(long pid) throws IOException {
    Path process = Path.of("/proc", String.valueOf(pid));
    Set<String> own = new HashSet<>();
    try (Stream<Path> files = Files.list(process.resolve("fd"))) {
      for (Path file : files.toList()) {
        try {
          own.add(Files.readSymbolicLink(file).toString());
        } catch (IOException e) {
          // It was closed meanwhile.
          continue;
        }
      }
    }
    List<Socket> sockets = new ArrayList<>();
    for (String table : List.of("net/tcp", "net/tcp6")) {
      Path file = process.resolve(table);
      if (Files.exists(file)) {
        // number, local address, remote address, state, ..., inode as the tenth
        for (String line : Files.readAllLines(file)) {
          String[] words = line.strip().split("\\s+");
          if (words.length > 9
              && words[3].equals(LISTENING)
              && own.contains("socket:[" + words[9] + "]")) {
            sockets.add(socket(words[1]));
          }
        }
      }
    }
    return sockets;
  }

  /** The address is written in words of four bytes, each the wrong way round. */
  private static Socket socket(String text) throws IOException {
    String[] parts = text.split(":");
    byte[] bytes = HexFormat.of().parseHex(parts[0]);
    byte[] address = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      address[i] = bytes[i / WORD * WORD + WORD - 1 - i % WORD];
    }
    return new Socket(InetAddress.getByAddress(address), Integer.parseInt(parts[1], 16));
  }
}
