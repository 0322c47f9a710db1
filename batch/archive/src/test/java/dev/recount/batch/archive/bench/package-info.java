/** Benchmarks of the batch layer, run by hand; each is a main class that prints its figures. */
package dev.recount.batch.archive.bench;
