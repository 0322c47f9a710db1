package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Reads what the footer of a committed file says. */
final class ArchiveFooters {
  private final Configuration hadoop;

  /** Made once: Hadoop reads its default settings for each. */
  private final ParquetReadOptions options;

  /** Many files share few schemas, and their text is long. */
  private final Map<String, String> schemas = new ConcurrentHashMap<>();

  private final Map<String, String> timeFields = new ConcurrentHashMap<>();

  ArchiveFooters(Configuration hadoop) {
    this.hadoop = hadoop;
    this.options = HadoopReadOptions.builder(hadoop).build();
  }

  /**
   * @throws RecountException ARCHIVE_CORRUPT if it is no file of the archive, or not this one;
   *     ARCHIVE_UNAVAILABLE, with a {@link java.io.FileNotFoundException} if it is gone
   */
  ArchiveFile read(FileStatus status, int partition, ArchiveLayout.Name name) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(status, hadoop), options)) {
      Map<String, String> footer = reader.getFileMetaData().getKeyValueMetaData();
      requireSame("begins", name.firstPosition(), number(footer, ArchiveLayout.FIRST_POSITION));
      if (name.isRewritten()) {
        requireSame("ends", name.nextPosition(), number(footer, ArchiveLayout.NEXT_POSITION));
      }
      EventTimes times =
          EventTimes.of(reader.getFooter(), timeField(text(footer, ArchiveLayout.SCHEMA)));
      return new ArchiveFile(
          status.getPath().toString(),
          partition,
          schemas.computeIfAbsent(text(footer, ArchiveLayout.SCHEMA), json -> json),
          name.firstPosition(),
          number(footer, ArchiveLayout.NEXT_POSITION),
          reader.getRecordCount(),
          number(footer, ArchiveLayout.REJECTED),
          Long.parseLong(footer.getOrDefault(ArchiveLayout.ERASED, "0")),
          Long.parseLong(footer.getOrDefault(ArchiveLayout.EXPIRED, "0")),
          number(footer, ArchiveLayout.MIN_ARRIVAL),
          number(footer, ArchiveLayout.MAX_ARRIVAL),
          times.min(),
          times.max(),
          footer.getOrDefault(ArchiveLayout.TOPIC_ID, ""),
          status.getLen(),
          status.getModificationTime());
    } catch (IOException e) {
      throw unavailable(status, e);
    } catch (RuntimeException e) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_CORRUPT,
          e,
          "Cannot use the archive file '%s' of %s bytes: %s; it was not written by "
              + "Recount, or was damaged",
          status.getPath(),
          status.getLen(),
          e.getMessage());
    }
  }

  /** The field with the event time of an archived schema; empty if none is marked. */
  private String timeField(String schema) {
    return timeFields.computeIfAbsent(
        schema,
        json ->
            new Schema.Parser()
                .parse(json).getFields().stream()
                    .filter(field -> "event-time".equals(field.getObjectProp("recount")))
                    .map(Schema.Field::name)
                    .findFirst()
                    .orElse(""));
  }

  /** The smallest and the largest event time in a file, as far as it says. */
  private record EventTimes(long min, long max) {
    private static final EventTimes UNKNOWN = new EventTimes(Long.MIN_VALUE, Long.MAX_VALUE);

    static EventTimes of(ParquetMetadata footer, String field) {
      long min = Long.MAX_VALUE;
      long max = Long.MIN_VALUE;
      for (BlockMetaData group : footer.getBlocks()) {
        Statistics<?> found = statistics(group, field);
        if (!(found instanceof LongStatistics times) || !times.hasNonNullValue()) {
          return UNKNOWN;
        }
        min = Math.min(min, times.getMin());
        max = Math.max(max, times.getMax());
      }
      return new EventTimes(min, max);
    }

    private static Statistics<?> statistics(BlockMetaData group, String field) {
      for (ColumnChunkMetaData column : group.getColumns()) {
        if (column.getPath().toDotString().equals(field)) {
          return column.getStatistics();
        }
      }
      return null;
    }
  }

  private static void requireSame(String verb, long named, long said) {
    if (named != said) {
      throw new IllegalArgumentException("its footer says that it " + verb + " at " + said);
    }
  }

  private static RecountException unavailable(FileStatus status, IOException e) {
    return RecountException.of(
        ErrorCode.ARCHIVE_UNAVAILABLE,
        e,
        "Cannot read the archive file '%s': %s",
        status.getPath(),
        e.getMessage());
  }

  private static long number(Map<String, String> footer, String key) {
    return Long.parseLong(text(footer, key));
  }

  private static String text(Map<String, String> footer, String key) {
    String text = footer.get(key);
    if (text == null) {
      throw new IllegalArgumentException("its footer has no '" + key + "'");
    }
    return text;
  }
}
