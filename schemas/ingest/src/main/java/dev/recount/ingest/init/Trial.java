package dev.recount.ingest.init;

import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.mapping.FieldMap;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineChunk;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.RecordLimits;
import dev.recount.ingest.source.Share;
import dev.recount.ingest.source.SourceSink;
import dev.recount.ingest.source.Tally;
import dev.recount.ingest.weblog.Browsers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;

/** Reads records as ingest would with a schema and a mapping, and sends nothing. */
final class Trial implements SourceSink {
  private static final int MOST_REASONS = 5;

  private final EventSchema schema;
  private final Optional<FieldMap> map;
  private final long most;
  private final Browsers browsers = new Browsers();
  private final Map<RecordLayout, Function<byte[], GenericRecord>> readers = new HashMap<>();
  private final List<String> reasons = new ArrayList<>();
  private long accepted;
  private long rejected;

  Trial(EventSchema schema, Optional<FieldMap> map, long most) {
    this.schema = schema;
    this.map = map;
    this.most = most;
  }

  void on(FileFormat format, List<LineSource> sources, RecordLimits limits) {
    for (LineSource source : sources) {
      format.reader(source, limits, this).read(this::isDone);
    }
  }

  private boolean isDone() {
    return accepted + rejected >= most;
  }

  long accepted() {
    return accepted;
  }

  long rejected() {
    return rejected;
  }

  /** Why some of them were rejected. */
  List<String> reasons() {
    return reasons;
  }

  @Override
  public void say(String note) {
    // It was said at the first look.
  }

  @Override
  public void layout(RecordLayout layout) {
    reader(layout);
  }

  private Function<byte[], GenericRecord> reader(RecordLayout layout) {
    return readers.computeIfAbsent(
        layout, l -> RecordReaders.of(map.map(l::withMap).orElse(l), schema, browsers));
  }

  @Override
  public void chunk(LineChunk chunk) {
    Function<byte[], GenericRecord> reader = reader(chunk.layout());
    chunk.forEach(new Tally(), new Share(new LongAdder(), 0), line -> read(line, reader));
  }

  private void read(LineChunk.Line line, Function<byte[], GenericRecord> reader) {
    if (isDone() || line.isEmptyRow()) {
      return;
    }
    try {
      reader.apply(line.payload());
      accepted++;
    } catch (RecountException e) {
      rejected++;
      if (reasons.size() < MOST_REASONS) {
        reasons.add("line " + line.number() + ": " + e.getMessage());
      }
    }
  }
}
