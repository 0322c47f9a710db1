package dev.recount.contract.record;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.recount.contract.error.ErrorCode;
import dev.recount.contract.error.RecountException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.stream.StreamSupport;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.IndexedRecord;

/** Avro's object container files. */
public final class AvroFile implements RowFile {
  @Override
  public String name() {
    return "avro";
  }

  @Override
  public Rows open(Path file) {
    try {
      DataFileReader<IndexedRecord> reader =
          new DataFileReader<>(file.toFile(), new GenericDatumReader<>());
      Schema schema = reader.getSchema();
      if (schema.getType() != Schema.Type.RECORD) {
        close(reader);
        throw new IOException("it holds no records but " + schema.getType().getName());
      }
      return new Rows(
          schema.getFields().stream().map(Schema.Field::name).toList(),
          StreamSupport.stream(reader.spliterator(), false)
              .map(row -> RowJson.line((ObjectNode) AvroJson.json(row, schema)))
              .onClose(() -> close(reader)));
    } catch (IOException | RuntimeException | LinkageError e) {
      String reason = e instanceof IOException ? e.getMessage() : e.toString();
      throw new RecountException(
          ErrorCode.FILE_NOT_READABLE, "Cannot read '" + file + "' as an Avro file: " + reason, e);
    }
  }

  private static void close(DataFileReader<?> reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
