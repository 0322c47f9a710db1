package dev.recount.core.diff;

import dev.recount.error.ErrorCode;

/**
 * A comparison of two versions of a view, or why there is none.
 *
 * @param diff null if it failed
 * @param code null, as the error, if it did not
 */
public record DiffOutcome(String view, VersionDiff diff, ErrorCode code, String error) {}
