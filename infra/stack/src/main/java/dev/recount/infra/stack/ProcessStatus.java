package dev.recount.infra.stack;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;

/**
 * What is known of a process of the stack.
 *
 * @param pid null if it does not run
 * @param ports name to port of what it listens on
 * @param restarts null if it did not die since the stack was started
 */
public record ProcessStatus(
    String name,
    Long pid,
    Health health,
    Map<String, Integer> ports,
    @JsonInclude(JsonInclude.Include.NON_NULL) Restarts restarts) {}
