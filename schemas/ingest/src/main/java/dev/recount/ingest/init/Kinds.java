package dev.recount.ingest.init;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.source.FileFormat;
import dev.recount.ingest.source.LineSource;
import dev.recount.ingest.source.OpenSource;
import dev.recount.ingest.source.Recognition;
import dev.recount.ingest.weblog.LogRecognition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;

/** Tells by how files begin what they hold. */
final class Kinds {
  private Kinds() {}

  /**
   * How to read the files.
   *
   * @param given what the user said; null if nothing
   * @throws RecountException FILE_NOT_READABLE
   */
  static FileFormat of(String given, List<LineSource> sources) {
    return format(given == null ? guessed(sources.get(0)) : given);
  }

  private static FileFormat format(String name) {
    FileFormat.Options options = new FileFormat.Options();
    CommandLine.Model.CommandSpec spec =
        CommandLine.Model.CommandSpec.create()
            .addMixin("format", CommandLine.Model.CommandSpec.forAnnotatedObject(options));
    new CommandLine(spec)
        .parseArgs(name.isEmpty() ? new String[0] : new String[] {"--format", name});
    return options.format();
  }

  /** Empty for JSON and files of rows, which ingest tells apart by itself. */
  private static String guessed(LineSource source) {
    if (FileFormat.isOfRows(source)) {
      return "";
    }
    try (OpenSource text = source.open()) {
      byte[] beginning = text.beginning();
      if (Recognition.json(beginning, text.isWhole()) != Recognition.Form.NONE
          && beginning.length > 0) {
        return "";
      }
      List<byte[]> lines = Recognition.lines(beginning, text.isWhole());
      boolean isNamed =
          lines.stream()
              .map(line -> new String(line, StandardCharsets.ISO_8859_1))
              .anyMatch(line -> line.startsWith("#Fields:"));
      if (isNamed) {
        return RecordFormat.W3C.name();
      }
      return (LogRecognition.isLog(lines) ? RecordFormat.COMBINED : RecordFormat.CSV).name();
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.FILE_NOT_READABLE, e, "Cannot read '%s': %s", source.name(), e.getMessage());
    }
  }
}
