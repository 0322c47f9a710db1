package dev.recount.infra.stack;

import java.time.Duration;

/**
 * A process that became ready.
 *
 * @param ranAlready whether it was there before
 * @param took from its launch until it was ready
 */
public record StartedProcess(String name, boolean ranAlready, Duration took) {}
