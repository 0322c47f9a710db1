/** Swaps the segments of a run for those of the run before, and settles runs that died. */
package dev.recount.batch.publish;
