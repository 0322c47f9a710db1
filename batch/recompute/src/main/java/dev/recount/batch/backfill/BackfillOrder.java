package dev.recount.batch.backfill;

import dev.recount.batch.cut.Pace;
import dev.recount.core.view.TimeRange;

/**
 * What is to be counted again.
 *
 * @param view its name; with {@code @N} after it, its version N
 * @param range of the view's time
 * @param pace how fast events are read at most; null for as fast as they can be
 * @param isPatient whether it waits while the view is backfilled already
 */
public record BackfillOrder(String view, TimeRange range, Pace pace, boolean isPatient) {}
