/**
 * The recomputation: a cut is picked, the archive before it is read, each view is computed, turned
 * into Pinot segments, and swapped for the batch before.
 */
package dev.recount.batch.recompute;
