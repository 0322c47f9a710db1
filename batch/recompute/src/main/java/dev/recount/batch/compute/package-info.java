/** From archived events to the rows of views, by one scan, and on to segments. */
package dev.recount.batch.compute;
