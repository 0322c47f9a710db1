/** Where the archive can be cut now, and the events that are before the cut. */
package dev.recount.batch.cut;
