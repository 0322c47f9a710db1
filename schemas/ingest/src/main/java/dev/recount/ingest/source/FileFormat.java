package dev.recount.ingest.source;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.event.EventSchema;
import dev.recount.ingest.avro.RowFile;
import dev.recount.ingest.mapping.FieldMap;
import dev.recount.ingest.mapping.RecordFormat;
import dev.recount.ingest.mapping.RecordLayout;
import dev.recount.ingest.mapping.RecordReaders;
import dev.recount.ingest.weblog.Browsers;
import dev.recount.ingest.weblog.LogLayout;
import dev.recount.ingest.weblog.TrustedProxies;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/**
 * How files hold events.
 *
 * @param layout of their records; of rows, that of their JSON
 * @param rows reads files that are not text
 * @param isGiven whether the user gave it; else files may turn out to hold rows
 * @param isDelimiterGiven whether the user gave the delimiter of CSV
 */
public record FileFormat(
    RecordLayout layout, Optional<RowFile> rows, boolean isGiven, boolean isDelimiterGiven) {

  /** What the command line says of it. */
  public static final class Options {
    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        description = {
          "ndjson: JSON objects, one a line or not, or arrays of them (default); csv: comma-separated values whose"
              + " first line names the columns; combined: a log of Apache or nginx, in the form that its first lines"
              + " show; w3c: a log whose line '#Fields' names the columns, such as those of IIS and CloudFront; avro,"
              + " parquet: detected even without this option."
        })
    private String format;

    @Option(
        names = "--map",
        paramLabel = "FILE",
        description =
            "A mapping: for each field of the event, its JSON path or column, a constant, how its time is"
                + " written. Without a mapping, names must be those of the event's fields.")
    private Path map;

    @Option(
        names = "--delimiter",
        paramLabel = "CHAR",
        description = "Separates the values of CSV (default: a comma); 'tab' for tabs.")
    private String delimiter;

    @Option(
        names = "--columns",
        paramLabel = "NAMES",
        split = ",",
        description =
            "The columns of CSV, or of a log without a line that names them: a,b,c. A column with an empty name is"
                + " left out. In a log, '*' at the end stands for all that follow.")
    private List<String> columns;

    @Option(
        names = "--log-format",
        paramLabel = "FORMAT",
        description =
            "How the lines of a web server's log are written: the LogFormat of Apache or log_format of nginx,"
                + " or common, combined, vhost_common, vhost_combined. Without it, ingest looks at the first lines of"
                + " each file.")
    private String logFormat;

    @Option(
        names = "--trusted-proxies",
        paramLabel = "CIDR",
        split = ",",
        description =
            "The client of a web server's log is the last address in the list of X-Forwarded-For that is not one of"
                + " these: 10.0.0.0/8,192.0.2.7. Without this option, it is the first.")
    private List<String> trustedProxies;

    /**
     * @throws RecountException USAGE, FILE_NOT_READABLE, MAPPING_INVALID
     */
    public FileFormat format() {
      String name = format == null ? "ndjson" : format.toLowerCase(Locale.ROOT);
      Optional<RowFile> rows = rowFile(name);
      RecordLayout layout =
          RecordLayout.of(rows.isPresent() ? RecordFormat.NDJSON : recordFormat(name));
      if (delimiter != null) {
        require(layout.format() == RecordFormat.CSV, "--delimiter", "csv");
        layout = layout.withDelimiter(delimiter());
      }
      if (columns != null) {
        require(
            layout.format() == RecordFormat.CSV || layout.format() == RecordFormat.W3C,
            "--columns",
            "csv, w3c");
        layout = layout.withColumns(columns());
      }
      if (logFormat != null) {
        require(layout.format() == RecordFormat.COMBINED, "--log-format", "combined");
      }
      if (trustedProxies != null) {
        require(layout.format() == RecordFormat.COMBINED, "--trusted-proxies", "combined");
      }
      if (layout.format() == RecordFormat.COMBINED) {
        layout = layout.withLog(log());
      }
      if (map != null) {
        require(
            layout.format() != RecordFormat.COMBINED, "--map", "ndjson, csv, w3c, avro, parquet");
        layout = layout.withMap(FieldMap.read(map));
      }
      return new FileFormat(layout, rows, format != null, delimiter != null);
    }

    private List<String> columns() {
      List<String> names = columns.stream().map(String::strip).toList();
      names.stream()
          .filter(name -> !name.isEmpty() && names.indexOf(name) != names.lastIndexOf(name))
          .findFirst()
          .ifPresent(
              name -> {
                throw usage("--columns names '%s' twice", name);
              });
      if (names.stream().allMatch(String::isEmpty)) {
        throw usage("--columns names no column");
      }
      return names;
    }

    private LogLayout log() {
      List<String> proxies = trustedProxies == null ? List.of() : trustedProxies;
      return new LogLayout(logFormat, new TrustedProxies(proxies)).checked();
    }

    private RecordFormat recordFormat(String name) {
      return Arrays.stream(RecordFormat.values())
          .filter(known -> known.name().equalsIgnoreCase(name))
          .findFirst()
          .orElseThrow(() -> usage("'%s' is not a format; the formats are %s", format, names()));
    }

    private char delimiter() {
      String text = delimiter.equals("tab") ? "\t" : delimiter;
      if (text.length() != 1 || text.charAt(0) > 126 || "\"\r\n".contains(text)) {
        throw usage("'%s' is not a delimiter; give one ASCII character, or 'tab'", delimiter);
      }
      return text.charAt(0);
    }

    private void require(boolean fits, String option, String formats) {
      if (!fits) {
        throw usage(
            "%s is for --format %s%s",
            option, formats, format == null ? "; say it" : ", not for '" + format + "'");
      }
    }

    private static String names() {
      List<String> text =
          Arrays.stream(RecordFormat.values())
              .map(known -> known.name().toLowerCase(Locale.ROOT))
              .toList();
      return String.join(
          ", ", Stream.concat(text.stream(), rowFiles().map(RowFile::name)).toList());
    }

    private static RecountException usage(String reason, Object... arguments) {
      return RecountException.of(ErrorCode.USAGE, "Cannot read the files: " + reason, arguments);
    }
  }

  /**
   * Checks whether the format fits the event, as far as possible before any file is read.
   *
   * @throws RecountException USAGE; MAPPING_INVALID with all that is wrong
   */
  public void check(EventSchema schema, Browsers browsers) {
    if (layout.map() != null || !hasColumns()) {
      RecordReaders.of(layout, schema, browsers);
    }
  }

  /** Whether a file names its columns before its records. */
  boolean hasColumns() {
    return rows.isPresent()
        || layout.format() == RecordFormat.CSV
        || layout.format() == RecordFormat.W3C;
  }

  private static Stream<RowFile> rowFiles() {
    return ServiceLoader.load(RowFile.class).stream().map(ServiceLoader.Provider::get);
  }

  private static Optional<RowFile> rowFile(String name) {
    return rowFiles().filter(file -> file.name().equals(name)).findFirst();
  }

  /** If no format was given, a file's first bytes may say that it holds rows. */
  public SourceReader reader(LineSource source, RecordLimits limits, SourceSink sink) {
    Optional<RowFile> found = isGiven ? rows : ofRows(source);
    return found.isPresent()
        ? new RowReader(source, found.get(), layout, sink)
        : new TextReader(source, layout, isDelimiterGiven, limits, sink);
  }

  /** Whether a file's first bytes say that it holds rows, as Avro and Parquet do. */
  public static boolean isOfRows(LineSource source) {
    return ofRows(source).isPresent();
  }

  private static Optional<RowFile> ofRows(LineSource source) {
    byte[] start = source.firstBytes();
    if (Binary.AVRO.begins(start)) {
      return rowFile("avro");
    }
    return Binary.PARQUET.begins(start) ? rowFile("parquet") : Optional.empty();
  }
}
