package dev.recount.batch.archive;

import java.util.Locale;

/**
 * What a compaction did.
 *
 * @param filesBefore files that counted before
 * @param filesAfter files that count now
 * @param merged files that others took the place of, with the same rows
 * @param into how many took their place
 * @param bytes of the merged files
 * @param expiredRecords rows that were too old to be kept
 * @param removed replaced files that are gone, of earlier compactions too
 * @param left replaced files that are left for now
 * @param note why something was left undone; empty if nothing was
 */
public record CompactionReport(
    String event,
    int filesBefore,
    int filesAfter,
    int merged,
    int into,
    long bytes,
    long expiredRecords,
    int removed,
    int left,
    String note) {
  static CompactionReport leftToAnother(String event) {
    return new CompactionReport(
        event, 0, 0, 0, 0, 0, 0, 0, 0, "another process rewrites its files now");
  }

  CompactionReport with(ArchiveRewriter.Removal removal) {
    return new CompactionReport(
        event,
        filesBefore,
        filesAfter,
        merged,
        into,
        bytes,
        expiredRecords,
        removal.removed(),
        removal.left(),
        removal.reason());
  }

  /** The report as the user reads it. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %,d files, before %,d; merged %,d into %,d (%,d bytes); removed %,d replaced",
            event,
            filesAfter,
            filesBefore,
            merged,
            into,
            bytes,
            removed));
    if (expiredRecords > 0) {
      text.append(
          String.format(
              Locale.ROOT, "; %,d records are older than archive.retention", expiredRecords));
    }
    if (left > 0) {
      text.append(String.format(Locale.ROOT, "; %,d replaced files are left", left));
    }
    return note.isEmpty() ? text.toString() : text + " (" + note + ")";
  }
}
