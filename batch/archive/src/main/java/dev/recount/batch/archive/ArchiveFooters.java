package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Reads what the footer of a committed file says. */
final class ArchiveFooters {
  private final Configuration hadoop;

  /** Many files share few schemas, and their text is long. */
  private final Map<String, String> schemas = new ConcurrentHashMap<>();

  ArchiveFooters(Configuration hadoop) {
    this.hadoop = hadoop;
  }

  ArchiveFile read(FileStatus status, int partition, long firstPosition) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(status, hadoop))) {
      Map<String, String> footer = reader.getFileMetaData().getKeyValueMetaData();
      if (number(footer, ArchiveLayout.FIRST_POSITION) != firstPosition) {
        throw new IllegalArgumentException(
            "its footer says that it begins at " + footer.get(ArchiveLayout.FIRST_POSITION));
      }
      return new ArchiveFile(
          status.getPath().toString(),
          partition,
          schemas.computeIfAbsent(text(footer, ArchiveLayout.SCHEMA), json -> json),
          firstPosition,
          number(footer, ArchiveLayout.NEXT_POSITION),
          reader.getRecordCount(),
          number(footer, ArchiveLayout.REJECTED),
          number(footer, ArchiveLayout.MIN_ARRIVAL),
          number(footer, ArchiveLayout.MAX_ARRIVAL),
          status.getLen());
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

  /** The id of the topic that a file's records are from; empty if its footer does not say. */
  Optional<String> topicId(FileStatus status) {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromStatus(status, hadoop))) {
      return Optional.ofNullable(
          reader.getFileMetaData().getKeyValueMetaData().get(ArchiveLayout.TOPIC_ID));
    } catch (IOException e) {
      throw unavailable(status, e);
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
