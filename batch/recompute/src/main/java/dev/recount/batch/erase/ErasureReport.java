package dev.recount.batch.erase;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an erasure did, or would do.
 *
 * @param files that held the events
 * @param allFiles how many files the event has
 * @param state "found" if nothing was erased, else as in the catalog
 * @param left replaced files that still hold the events
 * @param logUntil until when Kafka may hold the events; null if it keeps them for ever
 * @param deltasUntil until when the speed layer may hold what it counted of them
 * @param views that count the events until their next full run
 */
record ErasureReport(
    String event,
    long events,
    int files,
    int allFiles,
    String state,
    int left,
    Instant logUntil,
    Instant deltasUntil,
    List<String> views) {
  static final String FOUND = "found";

  String found() {
    return String.format(
        Locale.ROOT, "%s: %,d events in %,d of %,d files", event, events, files, allFiles);
  }

  /** The report as the user reads it. */
  String text() {
    List<String> lines = new ArrayList<>();
    lines.add(found() + (state.equals(FOUND) ? "; nothing was changed." : " were erased."));
    if (!state.equals(FOUND)) {
      if (left > 0) {
        lines.add(
            left
                + " replaced files still hold them; the next 'recount archive compact' removes"
                + " these.");
      }
      lines.add(
          logUntil == null
              ? "The log goes on holding them: that of an event with a key is kept for ever, and the"
                  + " speed layer still joins them."
              : "The log holds them until " + logUntil + " at the latest (events.retention).");
      lines.add("Deltas hold what was counted of them until the next batch run's cut has passed");
      lines.add("them, and " + deltasUntil + " at the latest (speed.retention).");
      lines.add(
          views.isEmpty()
              ? "No view reads this event."
              : "These views, and the runs that are kept of them, count them until their next run,"
                  + " which is full: "
                  + String.join(", ", views));
    }
    return String.join(System.lineSeparator(), lines);
  }
}
