package dev.recount.serving.running;

import dev.recount.serving.pinot.Cancellation;
import dev.recount.serving.pinot.Mode;
import java.time.Instant;

/**
 * A question that somebody waits for.
 *
 * @param view its name, or {@code view@2}
 * @param askedBy the name of a key, or who else asked
 * @param sql as it was asked
 */
public record RunningQuery(
    String id,
    String view,
    Mode mode,
    String askedBy,
    Instant since,
    String sql,
    Cancellation cancellation) {}
