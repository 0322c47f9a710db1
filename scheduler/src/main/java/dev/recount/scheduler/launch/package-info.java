/** Commands of Recount that run as processes of their own. */
package dev.recount.scheduler.launch;
