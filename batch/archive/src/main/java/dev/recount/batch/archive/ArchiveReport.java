package dev.recount.batch.archive;

import java.util.List;
import java.util.Locale;

/**
 * What a scan of an event's archive found.
 *
 * @param files those that count
 * @param records rows in them
 * @param rejected records that could not be decoded, as the footers say
 * @param erased records that a person had removed
 * @param expired records that became too old to be kept
 * @param superseded files that others have taken the place of, and that are not removed yet
 * @param comparedWithLog partitions whose every position the log still has, so that the number of
 *     its records was compared
 * @param problems each one a sentence; empty if the archive is sound
 */
public record ArchiveReport(
    String event,
    int files,
    long records,
    long rejected,
    long erased,
    long expired,
    int superseded,
    List<Integer> comparedWithLog,
    List<String> problems) {
  public boolean isSound() {
    return problems.isEmpty();
  }

  /** The report as the user reads it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %,d files, %,d records, %,d undecodable, %,d erased, %,d too old; compared with"
                + " the log: partitions %s",
            event,
            files,
            records,
            rejected,
            erased,
            expired,
            comparedWithLog));
    if (superseded > 0) {
      text.append(
          String.format(
              Locale.ROOT, "%n%,d more files are replaced and wait to be removed.", superseded));
    }
    text.append(System.lineSeparator())
        .append(
            isSound()
                ? "Every position is held once, without gap or overlap."
                : String.join(System.lineSeparator(), problems));
    return text.toString();
  }
}
