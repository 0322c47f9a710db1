package dev.recount.infra.stack;

import java.util.Map;

/**
 * What is known of a process of the stack.
 *
 * @param pid null if it does not run
 * @param ports name to port of what it listens on
 */
public record ProcessStatus(String name, Long pid, Health health, Map<String, Integer> ports) {}
