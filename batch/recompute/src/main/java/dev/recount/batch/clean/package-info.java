/** Removes what failed runs left behind. */
package dev.recount.batch.clean;
