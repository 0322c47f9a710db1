/**
 * The speed layer: one Structured Streaming query an event runs every view version on each
 * micro-batch and writes the result as deltas, rows that Pinot adds up. A delta's key names its
 * micro-batch, so that a repeated micro-batch repeats its keys and Pinot drops them: exactly once,
 * end to end. {@link dev.recount.speed.SpeedService} is the process, {@link
 * dev.recount.speed.EventStream} the query of one event.
 */
package dev.recount.speed;
