package dev.recount.ingest.weblog;

/** Tells visits apart if no session is known: by address and user agent together. */
public final class Visits {
  private Visits() {}

  /**
   * @param agent may be null
   */
  public static String id(String client, String agent) {
    return client + "|" + (agent == null ? "-" : agent);
  }
}
