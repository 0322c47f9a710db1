package dev.recount.core.catalog;

/**
 * What one run counted of a view, and a publication serves: its folder on the lake, and its
 * segments. A run that folds older parts into its own has made one part of them all.
 *
 * @param fromMs it holds what arrived at or after this, milliseconds; 0: since the archive began
 * @param cutMs and what arrived before this
 * @param rows in its folder and its segments
 * @param bytes of its files on the lake
 * @param segments number of its segments, sentinels not among them
 */
public record BatchPart(
    String runId, long fromMs, long cutMs, long rows, long bytes, int segments) {}
