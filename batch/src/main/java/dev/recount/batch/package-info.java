/**
 * The batch layer: the archive that keeps every event, and the recomputation of all views from it.
 */
package dev.recount.batch;
