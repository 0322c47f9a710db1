/** The benchmark: run by hand, on one machine, with DuckDB as the peer of the recomputation. */
package dev.recount.infra.demo.bench;
