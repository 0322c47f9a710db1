/**
 * The dead letters of all events: what waits there, and how it goes in again once the reason is
 * gone.
 */
package dev.recount.ingest.letters;
