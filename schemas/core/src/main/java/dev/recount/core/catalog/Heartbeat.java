package dev.recount.core.catalog;

/**
 * What a process last said of itself.
 *
 * @param startedMs by the clock of the process's host, as all moments in the detail
 * @param beatMs when it said so, by the same clock
 * @param detailJson a JSON object
 * @param ageMs how long ago that was, by the catalog's clock; 0 of one that is just being said
 */
public record Heartbeat(
    String service, long processId, long startedMs, long beatMs, String detailJson, long ageMs) {

  /** What a process says of itself now. */
  public static Heartbeat of(
      String service, long processId, long startedMs, long beatMs, String detailJson) {
    return new Heartbeat(service, processId, startedMs, beatMs, detailJson, 0);
  }

  /** What the clock of the process's host shows now. */
  public long nowMs() {
    return beatMs + ageMs;
  }
}
