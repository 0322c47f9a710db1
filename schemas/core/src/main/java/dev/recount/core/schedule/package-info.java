/** What people see of schedules and runs, and what they may do with them. */
package dev.recount.core.schedule;
