package dev.recount.ingest.source;

import dev.recount.ingest.mapping.CsvRecords;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.weblog.LogLayout;
import dev.recount.ingest.weblog.LogRecognition;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Reads a source that is text: recognizes it by its beginning, and then reads it as that. */
final class TextReader implements SourceReader {
  private final LineSource source;
  private final RecordLayout given;
  private final boolean isDelimiterGiven;
  private final RecordLimits limits;
  private final SourceSink sink;

  /**
   * @param given how the records are written, as far as it was said
   * @param isDelimiterGiven whether the user gave the delimiter of CSV
   */
  TextReader(
      LineSource source,
      RecordLayout given,
      boolean isDelimiterGiven,
      RecordLimits limits,
      SourceSink sink) {
    this.source = source;
    this.given = given;
    this.isDelimiterGiven = isDelimiterGiven;
    this.limits = limits;
    this.sink = sink;
  }

  @Override
  public void read(BooleanSupplier isStopped) {
    try (OpenSource text = source.open()) {
      if (given.format() == RecordFormat.NDJSON) {
        readJson(text, isStopped);
      } else {
        readLines(text, isStopped);
      }
    } catch (IOException e) {
      throw Unreadable.because(source.name(), e.getMessage(), e);
    }
  }

  private void readJson(OpenSource text, BooleanSupplier isStopped) throws IOException {
    Optional<String> problem = Recognition.arrayProblem(text.beginning());
    switch (Recognition.json(text.beginning(), text.isWhole())) {
      case VALUES -> {
        if (problem.isPresent()) {
          throw Unreadable.because(source.name(), problem.get(), null);
        }
        new JsonReader(source, given, limits, sink).read(text, isStopped);
      }
      case NONE -> {
        if (source.isReadTwice()) {
          throw Unreadable.because(
              source.name(),
              "it is not JSON: no line at its beginning is an object; say with --format what it"
                  + " is",
              null);
        }
        readLines(text, isStopped);
      }
      default -> readLines(text, isStopped);
    }
  }

  private void readLines(OpenSource text, BooleanSupplier isStopped) throws IOException {
    RecordLayout layout = given;
    long firstLine = 1;
    if (layout.format() == RecordFormat.COMBINED && layout.log().format() == null) {
      layout = layout.withLog(recognised(text, layout.log()));
    }
    if (layout.format() == RecordFormat.CSV) {
      CsvBeginning csv = CsvBeginning.of(text.beginning(), layout.delimiter(), isDelimiterGiven);
      csv.problem()
          .ifPresent(
              reason -> {
                throw Unreadable.because(source.name(), reason, null);
              });
      csv.note().ifPresent(note -> sink.say(source.name() + ": " + note));
      layout = layout.withDelimiter(csv.delimiter());
      requireWidth(text, csv, layout);
      text.skipNBytes(csv.skip());
      firstLine += csv.skip() > 0 ? 1 : 0;
    }
    new LineReader(source, layout, limits, sink, firstLine).read(text, isStopped);
  }

  /** How a web server's log is written; if no line says so, it is combined. */
  private LogLayout recognised(OpenSource text, LogLayout layout) {
    List<byte[]> lines = Recognition.lines(text.beginning(), text.isWhole());
    LogRecognition.Found found = LogRecognition.of(lines, layout.trustedProxies());
    found
        .problem()
        .ifPresent(
            reason -> {
              throw Unreadable.because(source.name(), reason, null);
            });
    sink.say(source.name() + ": " + found.words());
    return found.layout();
  }

  /** Columns that were given and do not fit would make a dead letter of each record. */
  private void requireWidth(OpenSource text, CsvBeginning csv, RecordLayout layout) {
    if (layout.columns() == null) {
      return;
    }
    byte[] beginning = text.beginning();
    int from = RecordEnds.begin(beginning, csv.skip(), beginning.length);
    int end =
        RecordEnds.of(layout, limits.longestValueBytes())
            .end(beginning, from, beginning.length, text.isWhole());
    int to = end > from && beginning[end - 1] == '\r' ? end - 1 : end;
    int width = CsvRecords.width(Arrays.copyOfRange(beginning, from, to), layout.delimiter());
    boolean isThere = to > from && (end < beginning.length || text.isWhole());
    if (isThere && width > 0 && width != layout.columns().size()) {
      throw Unreadable.because(
          source.name(),
          "its first record has %s values, but --columns names %s"
              .formatted(width, layout.columns().size()),
          null);
    }
  }
}
