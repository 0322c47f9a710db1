package dev.recount.infra.stack;

import java.util.List;
import java.util.Map;

/**
 * How to start a process of the stack.
 *
 * @param module the folder of the module it comes from; its class path is the process's
 * @param ports name to port of what it listens on
 * @param needs the processes that must be ready before it is
 * @param waits whether it waits for them itself, so that it may be started at the same time
 */
record ProcessSpec(
    String name,
    String module,
    String mainClass,
    List<String> arguments,
    Map<String, Integer> ports,
    List<String> needs,
    boolean waits) {}
