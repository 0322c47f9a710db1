/** Sources: from files and streams, packed or not, to single records. */
package dev.recount.ingest.source;
