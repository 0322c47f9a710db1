package dev.recount.batch.archive;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;

/** Reads the rows of an archive as any Parquet reader would. */
final class ArchivedRows {
  private static final Configuration HADOOP = new Configuration();

  private ArchivedRows() {}

  static List<GenericRecord> of(URI root, String event) {
    return of(Archive.open(root, event, HADOOP).files());
  }

  static List<GenericRecord> of(List<ArchiveFile> files) {
    List<GenericRecord> rows = new ArrayList<>();
    for (ArchiveFile file : files) {
      try (ParquetReader<GenericRecord> reader =
          AvroParquetReader.<GenericRecord>builder(
                  HadoopInputFile.fromPath(new Path(file.path()), HADOOP))
              .build()) {
        for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
          rows.add(row);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return rows;
  }

  /** "partition/offset" of each row. */
  static List<String> offsets(URI root, String event) {
    return of(root, event).stream()
        .map(row -> row.get(ArchiveLayout.PARTITION) + "/" + row.get(ArchiveLayout.OFFSET))
        .toList();
  }
}
