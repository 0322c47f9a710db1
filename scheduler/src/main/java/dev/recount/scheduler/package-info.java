/** The process that has views recomputed when their schedules say so. */
package dev.recount.scheduler;
