package dev.recount.ingest.door;

import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import picocli.CommandLine;

/** Reads files as {@code recount ingest} does, without sending what it read. */
public final class FileRecords {
  /** What became of a record: an event, or the reason why not. */
  public record Read(
      long line,
      String payload,
      RecordLayout layout,
      GenericRecord event,
      RecountException reason) {}

  private static final Browsers BROWSERS = new Browsers();

  private FileRecords() {}

  /**
   * @param options of the command line, such as {@code --format csv}
   */
  public static List<Read> read(EventSchema schema, Path file, String... options) {
    FileFormat.Options parsed = new FileFormat.Options();
    new CommandLine(CommandLine.Model.CommandSpec.create().addMixin("format", mixin(parsed)))
        .parseArgs(options);
    FileFormat format = parsed.format();
    format.check(schema, BROWSERS);
    List<Read> records = new ArrayList<>();
    format
        .reader(
            LineSource.of(file.toString()),
            new RecordLimits(8 * 1024 * 1024, 1024 * 1024),
            new SourceSink() {
              @Override
              public void say(String note) {}

              @Override
              public void layout(RecordLayout layout) {
                RecordReaders.of(layout, schema, BROWSERS);
              }

              @Override
              public void chunk(LineChunk chunk) {
                Function<byte[], GenericRecord> reader =
                    RecordReaders.of(chunk.layout(), schema, BROWSERS);
                chunk.forEach(
                    new Tally(),
                    new Share(new LongAdder(), 0),
                    line -> records.add(read(reader, line)));
              }
            })
        .read(() -> false);
    return records;
  }

  private static CommandLine.Model.CommandSpec mixin(FileFormat.Options options) {
    return CommandLine.Model.CommandSpec.forAnnotatedObject(options);
  }

  private static Read read(Function<byte[], GenericRecord> reader, LineChunk.Line line) {
    String payload = new String(line.payload(), StandardCharsets.UTF_8);
    RecordLayout layout = line.chunk().layout();
    try {
      return new Read(line.number(), payload, layout, reader.apply(line.payload()), null);
    } catch (RecountException e) {
      return new Read(line.number(), payload, layout, null, e);
    }
  }
}
