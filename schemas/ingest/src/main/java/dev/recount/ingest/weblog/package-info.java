/** Web servers' logs: how their lines are recognised and read. */
package dev.recount.ingest.weblog;
