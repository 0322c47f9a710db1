package dev.recount.ingest.source;

/** Where lines end in bytes. */
final class Lines {
  private Lines() {}

  /** How many line feeds there are. */
  static int lineFeeds(byte[] bytes, int from, int to) {
    int count = 0;
    for (int at = from; at < to; at++) {
      if (bytes[at] == '\n') {
        count++;
      }
    }
    return count;
  }
}
