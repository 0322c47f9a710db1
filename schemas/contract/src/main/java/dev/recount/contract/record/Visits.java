package dev.recount.contract.record;

/** Tells visits apart where no session is known: by address and user agent together. */
final class Visits {
  private Visits() {}

  /**
   * @param agent may be null
   */
  static String id(String client, String agent) {
    return client + "|" + (agent == null ? "-" : agent);
  }
}
