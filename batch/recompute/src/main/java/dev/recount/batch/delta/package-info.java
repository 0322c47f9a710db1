/** Deltas that a batch has absorbed leave Pinot and the log. */
package dev.recount.batch.delta;
