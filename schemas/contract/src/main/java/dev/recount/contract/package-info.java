/**
 * What an event, a view, a run and a cut are, shared by all layers. Knows Avro, the Kafka client
 * and JDBC; knows neither Spark nor Pinot's servers nor an HTTP server.
 */
package dev.recount.contract;
