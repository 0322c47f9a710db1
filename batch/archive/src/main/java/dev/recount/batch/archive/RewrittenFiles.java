package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.apache.avro.Schema;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;

/** Writes files that hold the rows of others, as they are there, in order. */
final class RewrittenFiles {
  private final ArchiveStore store;
  private final ArchiveLayout layout;
  private final Configuration hadoop;
  private final String writer;

  /**
   * @param writer what the files say of who wrote them
   */
  RewrittenFiles(ArchiveStore store, ArchiveLayout layout, Configuration hadoop, String writer) {
    this.store = store;
    this.layout = layout;
    this.hadoop = hadoop;
    this.writer = writer;
  }

  PendingFile begin(LocalDate date, int partition, ArchiveLayout.Name name) {
    try {
      return store.create(
          layout.temporaryRewrite(UUID.randomUUID().toString()),
          layout.rewritten(date, partition, name));
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_UNAVAILABLE, e, "Cannot rewrite files: %s", e.getMessage());
    }
  }

  /**
   * @param erased offsets of rows that are left out, ascending
   * @throws RecountException ARCHIVE_CORRUPT if what is read is not what the footers say
   */
  void write(List<ArchiveFile> old, long[] erased, ArchiveLayout.Name name, PendingFile pending)
      throws IOException {
    FileMetaData like = meta(old.get(0));
    MessageType columns = like.getSchema();
    long expected = sum(old, ArchiveFile::records);
    Counts counts = new Counts(name.firstPosition() - 1);
    Map<String, String> footer = footer(old, like);
    footer.put(ArchiveLayout.ERASED, "" + (sum(old, ArchiveFile::erased) + erased.length));
    try (ParquetWriter<Group> writer =
        ArchiveParquet.copier(pending, columns, rows(old.get(0)), footer, hadoop)) {
      for (ArchiveFile file : old) {
        if (!meta(file).getSchema().equals(columns)) {
          throw corrupt(file, "its columns are not those of the file before it");
        }
        copy(file, erased, writer, counts);
      }
    }
    if (counts.written + counts.erased != expected || counts.erased != erased.length) {
      throw corrupt(
          old.get(0),
          String.format(
              "with those after it it has %d rows of %d, and %d of %d to erase",
              counts.written + counts.erased, expected, counts.erased, erased.length));
    }
  }

  private static Schema rows(ArchiveFile file) {
    return new Schema.Parser().parse(file.schema());
  }

  /** A file without any row. */
  void writeExpired(List<ArchiveFile> old, PendingFile pending) throws IOException {
    ArchiveFile last = old.get(old.size() - 1);
    FileMetaData like = meta(last);
    Map<String, String> footer = footer(old, like);
    footer.put(ArchiveLayout.REJECTED, "0");
    footer.put(ArchiveLayout.ERASED, "0");
    footer.put(ArchiveLayout.EXPIRED, "" + sum(old, ArchiveFile::logged));
    ArchiveParquet.copier(pending, like.getSchema(), rows(last), footer, hadoop).close();
  }

  private Map<String, String> footer(List<ArchiveFile> old, FileMetaData like) {
    Map<String, String> footer = new HashMap<>(like.getKeyValueMetaData());
    footer.remove("writer.model.name");
    footer.put(ArchiveLayout.WRITER, writer);
    footer.put(ArchiveLayout.FIRST_POSITION, "" + old.get(0).firstPosition());
    footer.put(ArchiveLayout.NEXT_POSITION, "" + old.get(old.size() - 1).nextPosition());
    footer.put(ArchiveLayout.REJECTED, "" + sum(old, ArchiveFile::rejected));
    footer.put(ArchiveLayout.EXPIRED, "" + sum(old, ArchiveFile::expired));
    footer.put(
        ArchiveLayout.MIN_ARRIVAL,
        "" + old.stream().mapToLong(ArchiveFile::minArrivalMs).min().orElseThrow());
    footer.put(
        ArchiveLayout.MAX_ARRIVAL,
        "" + old.stream().mapToLong(ArchiveFile::maxArrivalMs).max().orElseThrow());
    return footer;
  }

  private static long sum(List<ArchiveFile> files, ToLongFunction<ArchiveFile> count) {
    return files.stream().mapToLong(count).sum();
  }

  private FileMetaData meta(ArchiveFile file) throws IOException {
    try (ParquetFileReader reader =
        ParquetFileReader.open(HadoopInputFile.fromPath(new Path(file.path()), hadoop))) {
      return reader.getFileMetaData();
    }
  }

  /** What was copied so far. */
  private static final class Counts {
    private long written;
    private long erased;
    private long last;

    Counts(long last) {
      this.last = last;
    }
  }

  private void copy(ArchiveFile file, long[] erased, ParquetWriter<Group> writer, Counts counts)
      throws IOException {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), new Path(file.path()))
            .withConf(hadoop)
            .build()) {
      for (Group row = reader.read(); row != null; row = reader.read()) {
        long offset = row.getLong(ArchiveLayout.OFFSET, 0);
        if (offset <= counts.last || offset >= file.nextPosition()) {
          throw corrupt(file, "offset " + offset + " comes after " + counts.last);
        }
        counts.last = offset;
        if (Arrays.binarySearch(erased, offset) >= 0) {
          counts.erased++;
        } else {
          writer.write(row);
          counts.written++;
        }
      }
    }
  }

  private static RecountException corrupt(ArchiveFile file, String reason) {
    return RecountException.of(
        ErrorCode.ARCHIVE_CORRUPT,
        "Cannot rewrite '%s': %s; nothing was changed, run 'recount audit archive'",
        file.path(),
        reason);
  }
}
