/** What makes the JVMs of Recount start fast. */
package dev.recount.core.process;
