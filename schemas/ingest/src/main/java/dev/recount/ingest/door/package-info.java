/**
 * Where events come in: what checks them, what refuses them, and what keeps the refused ones as
 * dead letters. The command and the HTTP endpoint both come through {@link
 * dev.recount.ingest.door.Door}.
 */
package dev.recount.ingest.door;
