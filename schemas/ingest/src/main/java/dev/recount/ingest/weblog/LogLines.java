package dev.recount.ingest.weblog;

/** A form of the lines of a web server's log. */
interface LogLines {
  /** How it is called, for people. */
  String words();

  /**
   * Reads a line.
   *
   * @param line without what its transport wrote before it, which the cursor has passed
   * @throws dev.recount.error.RecountException EVENT_MALFORMED
   */
  void read(String line, LogCursor cursor, AccessLine into);
}
