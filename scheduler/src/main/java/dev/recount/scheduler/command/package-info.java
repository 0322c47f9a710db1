/** {@code recount schedule}: shows schedules and runs, and acts on them. */
package dev.recount.scheduler.command;
