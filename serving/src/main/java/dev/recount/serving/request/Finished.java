package dev.recount.serving.request;

import java.time.Instant;

/**
 * A request that has been answered; what is not known of one that was no HTTP is null.
 *
 * @param endpoint the pattern of the path, as {@code /v1/views/{view}}: of these there are only so
 *     many; null if there is none
 * @param path as it was asked, without its parameters
 * @param code of an error
 * @param caller who asked, if that is known
 * @param received bytes of the body
 * @param sent bytes of the response
 */
public record Finished(
    Instant at,
    String requestId,
    String client,
    String caller,
    String method,
    String endpoint,
    String path,
    int status,
    String code,
    double seconds,
    long received,
    long sent) {}
