/**
 * What a view, a run, a cut and a dead letter are, and what all processes share. Knows events, the
 * Kafka client and JDBC; knows neither Spark nor Pinot's servers nor an HTTP server.
 */
package dev.recount.core;
