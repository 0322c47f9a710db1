package dev.recount.contract.catalog;

/** What a process last said of itself; {@code detailJson} is a JSON object. */
public record Heartbeat(
    String service, long processId, long startedMs, long beatMs, String detailJson) {}
