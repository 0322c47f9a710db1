/** When something is due: Quartz, with its jobs and triggers in the catalog. */
package dev.recount.scheduler.times;
