/** {@code recount batch backfill}: one range of a view's time, counted again from the archive. */
package dev.recount.batch.backfill;
