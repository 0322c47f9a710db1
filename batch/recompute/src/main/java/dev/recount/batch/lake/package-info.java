/** Folders and files that a run leaves on the lake. */
package dev.recount.batch.lake;
