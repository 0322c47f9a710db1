package dev.recount.contract.door;

import dev.recount.contract.record.RecordLayout;

/** Takes what a source turns out to be, and then what it holds. */
interface SourceSink {
  /** Something that whoever named the source is to know of how it is read. */
  void say(String note);

  /**
   * How the records are written; comes before them, but not where there are none. What this throws
   * ends the reading.
   */
  void layout(RecordLayout layout);

  void chunk(LineChunk chunk);
}
