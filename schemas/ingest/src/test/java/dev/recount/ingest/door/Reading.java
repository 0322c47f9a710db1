package dev.recount.ingest.door;

import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineChunk;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.RecordLimits;
import dev.recount.ingest.source.Share;
import dev.recount.ingest.source.SourceSink;
import dev.recount.ingest.source.Tally;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import picocli.CommandLine;

/**
 * What comes of a source that is read: its notes, its layout, and {@code number text} of each
 * record.
 */
public final class Reading implements SourceSink {
  private static final RecordLimits LIMITS = new RecordLimits(1024 * 1024, 256 * 1024);

  final List<String> records = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  RecordLayout layout;

  @Override
  public void say(String note) {
    notes.add(note);
  }

  @Override
  public void layout(RecordLayout found) {
    layout = found;
  }

  @Override
  public void chunk(LineChunk chunk) {
    chunk.forEach(
        new Tally(),
        new Share(new LongAdder(), 0),
        line -> {
          String text = new String(line.payload(), StandardCharsets.UTF_8);
          boolean isWhole = line.size() == line.payload().length;
          records.add(line.number() + " " + (isWhole ? text : "of " + line.size()));
        });
  }

  public static FileFormat format(String... options) {
    FileFormat.Options parsed = new FileFormat.Options();
    new CommandLine(
            CommandLine.Model.CommandSpec.create()
                .addMixin("format", CommandLine.Model.CommandSpec.forAnnotatedObject(parsed)))
        .parseArgs(options);
    return parsed.format();
  }

  static Reading read(LineSource source, Reading reading, String... options) {
    format(options).reader(source, LIMITS, reading).read(() -> false);
    return reading;
  }
}
