package dev.recount.event;

/** The names of all Kafka topics. */
public final class Topics {
  /** What could not be decoded or validated, of all events. */
  public static final String DEAD_LETTERS = "dead_letters";

  /** Markers by which the brokers are asked for the time, LogAppendTime; nobody reads them. */
  public static final String CLOCK = "recount.clock";

  private Topics() {}

  /** Raw events of a type, LogAppendTime. */
  public static String raw(String event) {
    return "events." + event;
  }

  /** Deltas of a view version, keyed by their primary key. */
  public static String deltas(String table) {
    return "deltas." + table;
  }
}
