package dev.recount.ingest.init;

import com.fasterxml.jackson.databind.JsonNode;
import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineChunk;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.RecordLimits;
import dev.recount.ingest.source.Share;
import dev.recount.ingest.source.SourceSink;
import dev.recount.ingest.source.Tally;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;

/** Reads records as they are, whatever event they may become. */
final class Look {
  private final String event;
  private final FileFormat format;
  private final RecordLimits limits;
  private final long most;
  private final Consumer<String> say;
  private final Place records;
  private RecordLayout layout;
  private Set<String> columns;
  private long seen;
  private long unreadable;
  private RecountException firstProblem;

  /**
   * A look that has not begun.
   *
   * @param most records that are looked at
   * @param zone of times that name none
   * @param say receives how files are read
   */
  Look(
      String event,
      FileFormat format,
      RecordLimits limits,
      long most,
      String zone,
      Consumer<String> say) {
    this.event = event;
    this.format = format;
    this.limits = limits;
    this.most = most;
    this.say = say;
    this.records = new Place(zone);
  }

  /**
   * Looks at the files.
   *
   * @throws RecountException FILE_NOT_READABLE; USAGE if the files are written in different ways
   */
  void at(List<LineSource> sources) {
    for (LineSource source : sources) {
      format.reader(source, limits, new Seeing(source)).read(() -> seen >= most);
    }
    if (seen == 0) {
      throw RecountException.of(
          ErrorCode.FILE_NOT_READABLE,
          "Cannot draft '%s': there is no record in the files%s",
          event,
          firstProblem == null ? "" : ", only such as this: " + firstProblem.getMessage());
    }
  }

  /** What was seen of the records. */
  Place records() {
    return records;
  }

  /** Whether every name in the records becomes a field of its own. */
  boolean isWhole() {
    return records.isFlat() && (columns == null || records.fields().size() == columns.size());
  }

  /** How many records could be read. */
  long seen() {
    return seen;
  }

  /** How many could not. */
  long unreadable() {
    return unreadable;
  }

  /** The columns that all files have; null if each record has names of its own. */
  Set<String> columns() {
    return columns;
  }

  /** How the records are written. */
  RecordLayout layout() {
    return layout;
  }

  /** Whether the records are from files that have a schema of their own. */
  private boolean isOfRows() {
    return layout.format() == RecordFormat.NDJSON && layout.columns() != null;
  }

  /** Takes the records of one file into account. */
  private final class Seeing implements SourceSink {
    private final LineSource source;
    private final Map<RecordLayout, Function<byte[], JsonNode>> readers = new HashMap<>();

    private Seeing(LineSource source) {
      this.source = source;
    }

    @Override
    public void say(String note) {
      say.accept(note);
    }

    @Override
    public void layout(RecordLayout found) {
      if (layout != null && layout.format() != found.format()) {
        throw RecountException.of(
            ErrorCode.USAGE,
            "Cannot draft '%s': '%s' is written in another way than the files before it; look at"
                + " one kind at a time",
            event,
            source.name());
      }
      layout = layout == null ? found : layout;
      if (found.columns() != null) {
        columns = columns == null ? new LinkedHashSet<>(found.columns()) : columns;
        if (columns.retainAll(found.columns())) {
          say.accept(source.name() + ": only columns that are everywhere in the files are drafted");
        }
      }
    }

    @Override
    public void chunk(LineChunk chunk) {
      if (layout == null) {
        layout = chunk.layout();
      }
      Function<byte[], JsonNode> reader =
          readers.computeIfAbsent(chunk.layout(), l -> RecordReaders.plain(l, event));
      chunk.forEach(new Tally(), new Share(new LongAdder(), 0), line -> see(line, reader));
    }

    private void see(LineChunk.Line line, Function<byte[], JsonNode> reader) {
      if (seen >= most || line.isEmptyRow()) {
        return;
      }
      try {
        JsonNode record = reader.apply(line.payload());
        if (record == null || !record.isObject()) {
          unreadable++;
          return;
        }
        records.see(record, isOfRows());
        seen++;
      } catch (RecountException e) {
        firstProblem = firstProblem == null ? e : firstProblem;
        unreadable++;
      }
    }
  }
}
