package dev.recount.ingest.source;

import dev.recount.ingest.mapping.RecordLayout;
import java.util.stream.Collectors;

/** Takes what a source turns out to be, and then what it holds. */
public interface SourceSink {
  /** Something that the user should know about how the source is read. */
  void say(String note);

  /**
   * How the records are written; comes before them, but not if there are none. What this throws
   * ends the reading.
   */
  void layout(RecordLayout layout);

  /** Like the other, and says which of a source's columns are left out. */
  default void layout(LineSource source, RecordLayout layout) {
    if (!layout.leftOut().isEmpty()) {
      String places =
          layout.leftOut().stream().map(String::valueOf).collect(Collectors.joining(", "));
      say(source.name() + ": columns without a name are left out: column " + places);
    }
    layout(layout);
  }

  void chunk(LineChunk chunk);
}
