/**
 * From a record as its source writes it (a JSON object, a row of CSV, a line of a log) to an event
 * checked against its schema, by the names of the fields or by a mapping.
 */
package dev.recount.ingest.mapping;
