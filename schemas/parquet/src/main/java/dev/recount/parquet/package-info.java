/**
 * Parquet files as a source of events. It is a module of its own because the contract knows no
 * Hadoop; its class path is the one that {@code recount ingest} runs on.
 */
package dev.recount.parquet;
