/** How we talk to Kafka. */
package dev.recount.infra.clients.kafka;
