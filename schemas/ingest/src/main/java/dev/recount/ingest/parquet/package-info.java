/**
 * Parquet files as a source of events. Its libraries are on the class path of {@code recount
 * ingest} alone; see decision 10.
 */
package dev.recount.ingest.parquet;
