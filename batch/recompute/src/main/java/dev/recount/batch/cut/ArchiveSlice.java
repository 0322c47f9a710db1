package dev.recount.batch.cut;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveFile;
import dev.recount.core.view.TimeRange;
import dev.recount.event.EventSchema;
import dev.recount.planner.row.EventRows;
import dev.recount.planner.row.RowResolution;
import dev.recount.planner.state.StateJoin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.HadoopFsRelation;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.collection.immutable.Map$;

/**
 * The archived events of a type that arrived in a period.
 *
 * @param fromMs first millisecond of the period; 0: since the archive began
 * @param beforeMs first millisecond after it
 * @param files those that hold at least one of the events
 * @param eventTimes only those that happened then; null for all
 * @param pace how fast they are read at most; null for as fast as they can be
 */
public record ArchiveSlice(
    EventSchema event,
    long fromMs,
    long beforeMs,
    List<ArchiveFile> files,
    TimeRange eventTimes,
    Pace pace) {
  private static final String ARRIVED_AT = StateJoin.ARRIVED_AT;
  private static final StructType PLACE =
      new StructType()
          .add(ARRIVED_AT, DataTypes.TimestampType)
          .add(StateJoin.PARTITION, DataTypes.IntegerType)
          .add(StateJoin.OFFSET, DataTypes.LongType);
  private static final int DIGITS_OF_A_LONG = 18;
  private static final long LEAST_TASK_BYTES = 16L << 20;
  private static final long MOST_TASK_BYTES = 512L << 20;

  /** Events whatever their time, read as fast as they can be. */
  public ArchiveSlice(EventSchema event, long fromMs, long beforeMs, List<ArchiveFile> files) {
    this(event, fromMs, beforeMs, files, null, null);
  }

  /** Those of the events alone that happened then. */
  public ArchiveSlice of(TimeRange times) {
    return new ArchiveSlice(
        event,
        fromMs,
        beforeMs,
        files.stream().filter(file -> file.mayHold(times)).toList(),
        times,
        pace);
  }

  /** The same events, read no faster. */
  public ArchiveSlice at(Pace most) {
    return new ArchiveSlice(event, fromMs, beforeMs, files, eventTimes, most);
  }

  /** Those of the events that arrived before an earlier moment. */
  public ArchiveSlice until(long earlierMs) {
    return new ArchiveSlice(
        event,
        fromMs,
        earlierMs,
        files.stream().filter(file -> file.minArrivalMs() < earlierMs).toList(),
        eventTimes,
        pace);
  }

  /** Those of the events that are in some of the files. */
  public ArchiveSlice in(List<ArchiveFile> some) {
    return new ArchiveSlice(event, fromMs, beforeMs, some, eventTimes, pace);
  }

  public static ArchiveSlice before(long beforeMs, EventSchema event, Archive archive) {
    return between(0, beforeMs, event, archive);
  }

  /** What arrived at or after a moment and before another. */
  public static ArchiveSlice between(
      long fromMs, long beforeMs, EventSchema event, Archive archive) {
    return new ArchiveSlice(
        event,
        fromMs,
        beforeMs,
        archive.filesBefore(beforeMs).stream().filter(f -> f.maxArrivalMs() >= fromMs).toList());
  }

  /** The events as views see them; the files are read when Spark runs a plan over it. */
  public Dataset<Row> events(SparkSession spark) {
    return with(spark, new StructType());
  }

  /** The events with the column {@code _arrived_at}. */
  public Dataset<Row> withArrival(SparkSession spark) {
    return with(spark, new StructType().add(ARRIVED_AT, DataTypes.TimestampType));
  }

  /** The events with the columns {@code _arrived_at}, {@code _partition} and {@code _offset}. */
  public Dataset<Row> withPlace(SparkSession spark) {
    return with(spark, PLACE);
  }

  private Dataset<Row> with(SparkSession spark, StructType ours) {
    if (hasShortDecimal(event.avro())) {
      spark.conf().set("spark.sql.parquet.enableVectorizedReader", "false");
    }
    if (files.isEmpty()) {
      return spark.createDataFrame(List.of(), joined(EventRows.type(event), ours));
    }
    Dataset<Row> rows =
        files.stream().collect(Collectors.groupingBy(ArchiveFile::schema)).entrySet().stream()
            .map(
                version ->
                    resolved(
                        spark,
                        new RowResolution(
                            event.avro(), new Schema.Parser().parse(version.getKey())),
                        version.getValue(),
                        ours))
            .reduce(Dataset::union)
            .orElseThrow();
    return eventTimes == null ? rows : onlyThen(rows);
  }

  /** Spark has the reader pass over row groups and pages that can hold none of them. */
  private Dataset<Row> onlyThen(Dataset<Row> rows) {
    Column time = rows.col(event.eventTimeField());
    return rows.filter(
        time.geq(lit(Instant.ofEpochMilli(eventTimes.fromMs())))
            .and(time.lt(lit(Instant.ofEpochMilli(eventTimes.beforeMs())))));
  }

  /** Events of files that were written with the same schema. */
  private Dataset<Row> resolved(
      SparkSession spark, RowResolution resolution, List<ArchiveFile> written, StructType ours) {
    StructType arrival = new StructType().add(ARRIVED_AT, DataTypes.TimestampType);
    StructType read = joined(resolution.type(), ours);
    if (!straddling(written).isEmpty() && ours.isEmpty()) {
      read = joined(read, arrival);
    }
    Dataset<Row> rows = read(spark, written, read);
    Dataset<Row> inside = straddling(written).isEmpty() ? rows : onlyInside(rows);
    return resolution.apply(inside, List.of(ours.fieldNames()));
  }

  private static StructType joined(StructType one, StructType other) {
    StructType both = one;
    for (StructField field : other.fields()) {
      both = both.add(field);
    }
    return both;
  }

  /**
   * Whether there is a decimal that Spark's vectorised reader (4.0.0) cannot read: one of up to 18
   * digits on bytes of any length. Spark's other reader can.
   */
  private static boolean hasShortDecimal(Schema schema) {
    return switch (schema.getType()) {
      case RECORD -> schema.getFields().stream().anyMatch(f -> hasShortDecimal(f.schema()));
      case UNION -> schema.getTypes().stream().anyMatch(ArchiveSlice::hasShortDecimal);
      case ARRAY -> hasShortDecimal(schema.getElementType());
      case MAP -> hasShortDecimal(schema.getValueType());
      case BYTES ->
          schema.getLogicalType() instanceof LogicalTypes.Decimal decimal
              && decimal.getPrecision() <= DIGITS_OF_A_LONG;
      default -> false;
    };
  }

  /**
   * The same events, each partition a task's: files in the order of their arrival, since events
   * that arrive together share groups, and one task that has them makes one row of a group.
   */
  public Dataset<Row> tasks(SparkSession spark) {
    return tasks(slice -> slice.events(spark), spark);
  }

  /** Like {@link #tasks}, with the columns of {@link #withPlace}. */
  public Dataset<Row> tasksWithPlace(SparkSession spark) {
    return tasks(slice -> slice.withPlace(spark), spark);
  }

  private Dataset<Row> tasks(Function<ArchiveSlice, Dataset<Row>> rows, SparkSession spark) {
    if (files.isEmpty()) {
      return rows.apply(this);
    }
    return byArrival(spark.sparkContext().defaultParallelism()).stream()
        .map(chunk -> rows.apply(in(chunk)).coalesce(1))
        .reduce(Dataset::union)
        .orElseThrow();
  }

  private List<List<ArchiveFile>> byArrival(int threads) {
    long total = files.stream().mapToLong(ArchiveFile::sizeBytes).sum();
    long most = Math.max(LEAST_TASK_BYTES, Math.min(MOST_TASK_BYTES, total / (3L * threads)));
    List<List<ArchiveFile>> chunks = new ArrayList<>();
    long bytes = Long.MAX_VALUE;
    for (ArchiveFile file :
        files.stream().sorted(Comparator.comparingLong(ArchiveFile::minArrivalMs)).toList()) {
      if (bytes >= most) {
        chunks.add(new ArrayList<>());
        bytes = 0;
      }
      chunks.get(chunks.size() - 1).add(file);
      bytes += file.sizeBytes();
    }
    return chunks;
  }

  /** How many events there are; opens only the files that are not whole in the period. */
  public long count(SparkSession spark) {
    if (eventTimes != null) {
      return events(spark).count();
    }
    long inside = files.stream().filter(f -> !straddles(f)).mapToLong(ArchiveFile::records).sum();
    List<ArchiveFile> cutThrough = straddling(files);
    return cutThrough.isEmpty()
        ? inside
        : inside
            + onlyInside(
                    read(
                        spark,
                        cutThrough,
                        new StructType().add(ARRIVED_AT, DataTypes.TimestampType)))
                .count();
  }

  /** Rows in the files, those outside the period included: what a scan goes through. */
  public long rowsInFiles() {
    return files.stream().mapToLong(ArchiveFile::records).sum();
  }

  private List<ArchiveFile> straddling(List<ArchiveFile> among) {
    return among.stream().filter(this::straddles).toList();
  }

  private boolean straddles(ArchiveFile file) {
    return file.maxArrivalMs() >= beforeMs || file.minArrivalMs() < fromMs;
  }

  private Dataset<Row> onlyInside(Dataset<Row> rows) {
    Dataset<Row> before = rows.filter(col(ARRIVED_AT).lt(lit(Instant.ofEpochMilli(beforeMs))));
    return fromMs == 0
        ? before
        : before.filter(col(ARRIVED_AT).geq(lit(Instant.ofEpochMilli(fromMs))));
  }

  private Dataset<Row> read(SparkSession spark, List<ArchiveFile> from, StructType type) {
    return spark.baseRelationToDataFrame(
        new HadoopFsRelation(
            new ListedFiles(from),
            new StructType(),
            type.asNullable(),
            Option.empty(),
            pace == null ? new ParquetFileFormat() : new PacedParquet(pace),
            Map$.MODULE$.empty(),
            spark));
  }
}
