package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Reads what the footer of a committed file says. */
final class ArchiveFooters {
  private final Configuration hadoop;

  /** Made once: Hadoop reads its default settings for each. */
  private final ParquetReadOptions options;

  /** Many files share few schemas, and their text is long. */
  private final Map<String, String> schemas = new ConcurrentHashMap<>();

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
