package dev.recount.core.config;

import java.time.Duration;

/**
 * How much is asked of the serving process at most.
 *
 * @param rate questions a second of one key, or of one address while access control is off; 0 for
 *     no limit
 * @param concurrent requests of one at a time
 * @param requests of all at a time
 * @param queries that Pinot is asked for at a time
 * @param queue how long a query waits for its turn to be asked
 * @param answerBytes of what Pinot answers to one query
 */
public record ServingLimits(
    int rate, int concurrent, int requests, int queries, Duration queue, long answerBytes) {
  static ServingLimits read(TypedSettings s) {
    return new ServingLimits(
        s.inRange("serving.limits.rate", 0, 1_000_000),
        s.inRange("serving.limits.concurrent", 1, 10_000),
        s.inRange("serving.limits.requests", 1, 10_000),
        s.inRange("serving.limits.queries", 1, 10_000),
        s.notNegative("serving.limits.queue"),
        s.bytes("serving.limits.answer-size", Long.MAX_VALUE));
  }
}
