package dev.recount.batch.archive;

import java.util.List;

/**
 * What a scan of an event's archive found.
 *
 * @param records rows in all files
 * @param rejected records that could not be decoded, as the footers say
 * @param comparedWithLog partitions whose every position the log still has, so that the number of
 *     its records was compared
 * @param problems each one a sentence; empty if the archive is sound
 */
public record ArchiveReport(
    String event,
    int files,
    long records,
    long rejected,
    List<Integer> comparedWithLog,
    List<String> problems) {
  public boolean isSound() {
    return problems.isEmpty();
  }
}
