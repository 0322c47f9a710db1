/** Files of rows, and Avro files as such. */
package dev.recount.ingest.avro;
