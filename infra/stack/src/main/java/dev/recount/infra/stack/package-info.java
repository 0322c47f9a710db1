/**
 * The local stack: every server and service in its own JVM, started, watched and stopped as one.
 */
package dev.recount.infra.stack;
