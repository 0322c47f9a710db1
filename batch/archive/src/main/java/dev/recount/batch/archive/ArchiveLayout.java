package dev.recount.batch.archive;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.Path;

/** Where the files of an event's archive are, and what their names say. */
public final class ArchiveLayout {
  /** Columns beside the event's own fields. */
  static final String PARTITION = "_partition";

  static final String OFFSET = "_offset";
  static final String ARRIVED_AT = "_arrived_at";

  /** Keys in the Parquet footer. */
  static final String FIRST_POSITION = "recount.first-position";

  static final String NEXT_POSITION = "recount.next-position";
  static final String REJECTED = "recount.rejected";
  static final String MIN_ARRIVAL = "recount.min-arrival-ms";
  static final String MAX_ARRIVAL = "recount.max-arrival-ms";
  static final String TOPIC_ID = "recount.topic-id";
  static final String WRITER = "recount.writer";

  /** Written by Parquet's own Avro support: the schema of the rows. */
  static final String SCHEMA = "parquet.avro.schema";

  static final String SCHEMA_FINGERPRINT = "recount.schema-fingerprint";

  private static final String DATE_PREFIX = "arrival_date=";
  private static final String PARTITION_PREFIX = "p=";
  private static final Pattern DATA_FILE = Pattern.compile("(\\d{20})\\.parquet");

  private final Path folder;

  public ArchiveLayout(Path root, String event) {
    this.folder = new Path(root, event);
  }

  Path folder() {
    return folder;
  }

  /** Where files are written before they are committed; no engine takes it for data. */
  Path writing(int partition) {
    return new Path(folder, "_writing/p=" + partition);
  }

  /** A temporary name that ends in no format's suffix, so that no glob matches it either. */
  Path temporary(int partition, long firstPosition, String writer) {
    return new Path(writing(partition), "_" + name(firstPosition) + "." + writer);
  }

  Path committed(LocalDate arrivalDate, int partition, long firstPosition) {
    return new Path(
        folder,
        DATE_PREFIX
            + arrivalDate
            + "/"
            + PARTITION_PREFIX
            + partition
            + "/"
            + name(firstPosition)
            + ".parquet");
  }

  public static LocalDate date(long arrivalMs) {
    return Instant.ofEpochMilli(arrivalMs).atZone(ZoneOffset.UTC).toLocalDate();
  }

  static boolean isDate(Path path) {
    return path.getName().startsWith(DATE_PREFIX);
  }

  static OptionalLong partition(Path path) {
    String digits =
        path.getName().startsWith(PARTITION_PREFIX)
            ? path.getName().substring(PARTITION_PREFIX.length())
            : "";
    return digits.matches("\\d{1,9}")
        ? OptionalLong.of(Long.parseLong(digits))
        : OptionalLong.empty();
  }

  /** The position that a committed file's name says it begins at; empty for any other file. */
  static OptionalLong firstPosition(Path path) {
    Matcher matcher = DATA_FILE.matcher(path.getName());
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  private static String name(long firstPosition) {
    return String.format(Locale.ROOT, "%020d", firstPosition);
  }
}
