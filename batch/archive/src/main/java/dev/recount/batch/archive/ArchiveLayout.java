package dev.recount.batch.archive;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;
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

  /** Records that a person had removed, and those that became too old; absent if there are none. */
  static final String ERASED = "recount.erased";

  static final String EXPIRED = "recount.expired";
  static final String MIN_ARRIVAL = "recount.min-arrival-ms";
  static final String MAX_ARRIVAL = "recount.max-arrival-ms";
  static final String TOPIC_ID = "recount.topic-id";
  static final String WRITER = "recount.writer";

  /** Written by Parquet's own Avro support: the schema of the rows. */
  static final String SCHEMA = "parquet.avro.schema";

  static final String SCHEMA_FINGERPRINT = "recount.schema-fingerprint";

  private static final String DATE_PREFIX = "arrival_date=";
  static final String PARTITION_PREFIX = "p=";
  private static final Pattern DATE_FOLDER = Pattern.compile(DATE_PREFIX + "\\d{4}-\\d{2}-\\d{2}");
  private static final Pattern DATA_FILE =
      Pattern.compile("(\\d{20})(?:-(\\d{20})\\.(\\d{1,9}))?\\.parquet");

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

  /** Where files are rewritten before they are committed. */
  Path rewriting() {
    return new Path(folder, "_rewriting");
  }

  Path temporaryRewrite(String writer) {
    return new Path(rewriting(), "_" + writer);
  }

  Path committed(LocalDate arrivalDate, int partition, long firstPosition) {
    return new Path(folder(arrivalDate, partition), name(firstPosition) + ".parquet");
  }

  /** The name of a file that takes the place of others: it says where it ends too. */
  Path rewritten(LocalDate arrivalDate, int partition, Name name) {
    return new Path(
        folder(arrivalDate, partition),
        name(name.firstPosition())
            + "-"
            + name(name.nextPosition())
            + "."
            + name.revision()
            + ".parquet");
  }

  private Path folder(LocalDate arrivalDate, int partition) {
    return new Path(folder, DATE_PREFIX + arrivalDate + "/" + PARTITION_PREFIX + partition);
  }

  /**
   * What the name of a committed file says.
   *
   * @param nextPosition where it ends; -1 where the name does not say, as for every file that is
   *     not rewritten
   * @param revision of files with the same range the highest counts; 0 for one that is not
   *     rewritten
   */
  record Name(long firstPosition, long nextPosition, int revision) {
    boolean isRewritten() {
      return revision > 0;
    }
  }

  public static LocalDate date(long arrivalMs) {
    return Instant.ofEpochMilli(arrivalMs).atZone(ZoneOffset.UTC).toLocalDate();
  }

  static boolean isDate(Path path) {
    return DATE_FOLDER.matcher(path.getName()).matches();
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

  /** What a committed file's name says; empty for any other file. */
  static Optional<Name> nameOf(String fileName) {
    Matcher matcher = DATA_FILE.matcher(fileName);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long first = Long.parseLong(matcher.group(1));
    return Optional.of(
        matcher.group(2) == null
            ? new Name(first, -1, 0)
            : new Name(
                first, Long.parseLong(matcher.group(2)), Integer.parseInt(matcher.group(3))));
  }

  /** The day of a folder of files, such as {@code arrival_date=2026-01-02}. */
  static LocalDate dateOf(String folder) {
    return LocalDate.parse(folder.substring(DATE_PREFIX.length()));
  }

  private static String name(long firstPosition) {
    return String.format(Locale.ROOT, "%020d", firstPosition);
  }
}
