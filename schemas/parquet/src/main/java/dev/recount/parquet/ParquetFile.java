package dev.recount.parquet;

import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import dev.recount.contract.record.RowFile;
import dev.recount.contract.record.RowJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.api.ReadSupport;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/** Parquet files. */
public final class ParquetFile implements RowFile {
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
      MessageType schema = schema(input);
      ParquetReader<Group> reader = new Builder(input).build();
      return new Rows(
          schema.getFields().stream().map(Type::getName).toList(),
          Stream.generate(() -> next(reader))
              .takeWhile(Objects::nonNull)
              .map(row -> RowJson.line(GroupJson.json(row)))
              .onClose(() -> close(reader)));
    } catch (IOException | RuntimeException e) {
      throw new RecountException(
          ErrorCode.FILE_NOT_READABLE,
          "Cannot read '"
              + file
              + "' as a Parquet file: "
              + String.valueOf(e.getMessage()).replace(input.toString(), "it"),
          e);
    }
  }

  private static MessageType schema(InputFile file) throws IOException {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(file, options)) {
      return reader.getFileMetaData().getSchema();
    }
  }

  private static Group next(ParquetReader<Group> reader) {
    try {
      return reader.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void close(ParquetReader<Group> reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
