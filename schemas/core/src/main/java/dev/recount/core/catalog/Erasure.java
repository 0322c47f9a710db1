package dev.recount.core.catalog;

/**
 * Events that a person had removed from the archive: who, when and how many, never which.
 *
 * @param erasureNumber counts all erasures, the newest highest
 * @param askedBy the name of the user in the system, and the host
 * @param finishedMs null until it ended
 * @param files how many were rewritten
 * @param state {@link #ERASING}, {@link #ERASED}, {@link #GONE} or {@link #FAILED}
 */
public record Erasure(
    long erasureNumber,
    String event,
    String askedBy,
    long startedMs,
    Long finishedMs,
    long events,
    long files,
    String state) {
  /** Files are being rewritten; some may count without the events already. */
  public static final String ERASING = "ERASING";

  /** No file that counts holds the events; files that were replaced still do. */
  public static final String ERASED = "ERASED";

  /** No file of the archive holds the events. */
  public static final String GONE = "GONE";

  /** It ended before all files were rewritten: it must be asked for again. */
  public static final String FAILED = "FAILED";
}
