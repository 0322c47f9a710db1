/** Values: from JSON and texts to what an event's fields take. */
package dev.recount.ingest.value;
