package dev.recount.infra.stack;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;

/**
 * How often a process was started again after it had died, since the stack was started.
 *
 * @param died when it last did
 * @param why its exit code, if that is known, and what it last said
 * @param next when it will be started again; null while it runs
 */
public record Restarts(
    int count, Instant died, String why, @JsonInclude(JsonInclude.Include.NON_NULL) Instant next) {}
