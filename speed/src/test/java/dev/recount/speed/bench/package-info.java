/** Benchmarks of the speed layer, run by hand. */
package dev.recount.speed.bench;
