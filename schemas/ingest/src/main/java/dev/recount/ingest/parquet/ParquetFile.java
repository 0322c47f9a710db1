package dev.recount.ingest.parquet;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import dev.recount.ingest.avro.RowFile;
import dev.recount.ingest.value.RowJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.Type;

/** Parquet files. */
public final class ParquetFile implements RowFile {
  private static final Set<CompressionCodecName> CODECS =
      EnumSet.of(
          CompressionCodecName.UNCOMPRESSED,
          CompressionCodecName.SNAPPY,
          CompressionCodecName.GZIP,
          CompressionCodecName.ZSTD,
          CompressionCodecName.LZ4_RAW);

  private static final class Builder extends ParquetReader.Builder<Group> {
    Builder(InputFile file) {
      super(file, new PlainParquetConfiguration());
    }

    @Override
    protected ReadSupport<Group> getReadSupport() {
      return new GroupReadSupport();
    }
  }

  @Override
  public String name() {
    return "parquet";
  }

  @Override
  public Rows open(Path file) {
    InputFile input = new LocalInputFile(file);
    try {
      ParquetMetadata footer = checkedFooter(input);
      long bytes = input.getLength();
      long rows = footer.getBlocks().stream().mapToLong(BlockMetaData::getRowCount).sum();
      AtomicLong read = new AtomicLong();
      ParquetReader<Group> reader =
          new Builder(input).withCodecFactory(new BoundedCodecs()).build();
      return new Rows(
          footer.getFileMetaData().getSchema().getFields().stream().map(Type::getName).toList(),
          Stream.generate(() -> next(reader))
              .takeWhile(Objects::nonNull)
              .peek(row -> read.incrementAndGet())
              .map(row -> RowJson.line(GroupJson.json(row)))
              .onClose(() -> close(reader)),
          () -> (long) (bytes * Math.min(1.0, read.get() / (double) Math.max(1, rows))));
    } catch (IOException | RuntimeException e) {
      throw RecountException.of(
          ErrorCode.FILE_NOT_READABLE,
          e,
          "Cannot read '%s' as a Parquet file: %s",
          file,
          String.valueOf(e.getMessage()).replace(input.toString(), "it"));
    }
  }

  /** The footer of a file whose parts are in it and are packed by what can be unpacked. */
  private static ParquetMetadata checkedFooter(InputFile file) throws IOException {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(file, options)) {
      for (BlockMetaData rows : reader.getFooter().getBlocks()) {
        for (ColumnChunkMetaData column : rows.getColumns()) {
          check(column, file.getLength());
        }
      }
      return reader.getFooter();
    }
  }

  private static void check(ColumnChunkMetaData column, long fileBytes) throws IOException {
    if (!CODECS.contains(column.getCodec())) {
      throw new IOException(
          String.format(
              "its column %s is compressed with %s, which Recount cannot read; write it "
                  + "uncompressed or with Snappy, gzip, Zstandard or LZ4_RAW",
              column.getPath().toDotString(), column.getCodec()));
    }
    long from = column.getStartingPos();
    long size = column.getTotalSize();
    if (from < 0 || size < 0 || size > fileBytes || from > fileBytes - size) {
      throw new IOException(
          String.format(
              "its column %s should be at byte %d with %d bytes, but the file has %d",
              column.getPath().toDotString(), from, size, fileBytes));
    }
  }

  private static Group next(ParquetReader<Group> reader) {
    try {
      return reader.read();
    } catch (IOException | RuntimeException e) {
      throw new UncheckedIOException(reason(e), new IOException(e));
    }
  }

  /** The words of the innermost cause: those around it name objects of the reader. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof IOException && cause.getMessage() != null
        ? cause.getMessage()
        : "a page cannot be read";
  }

  private static void close(ParquetReader<Group> reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
