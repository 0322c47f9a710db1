/** One Kafka broker as a process of the local stack. */
package dev.recount.infra.kafka;
