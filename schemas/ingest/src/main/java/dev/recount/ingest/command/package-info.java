/** {@code recount ingest}: files in, with progress and a tally. */
package dev.recount.ingest.command;
