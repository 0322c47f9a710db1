/** The commands on versions of views, and removing them. */
package dev.recount.batch.version;
