/** From the rows of a view to Pinot segments, sentinels included. */
package dev.recount.batch.segment;
