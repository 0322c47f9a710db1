package dev.recount.batch.archive;

import dev.recount.event.EventSchema;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroSchemaConverter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/** How the archive's Parquet is written: plain files that Spark and DuckDB read fast. */
final class ArchiveParquet {
  /** Small enough that a file of the usual size is read by several threads. */
  private static final long ROW_GROUP_BYTES = 32L << 20;

  private static final String ZSTD_LEVEL = "parquet.compression.codec.zstd.level";

  private ArchiveParquet() {}

  /**
   * @param footer read when the file is closed
   */
  static ParquetWriter<ArchiveRow> writer(
      OutputFile file,
      EventSchema schema,
      Schema rows,
      Map<String, String> footer,
      Configuration hadoop)
      throws IOException {
    return with(new Builder(file, rows, footer), schema.eventIdField(), hadoop).build();
  }

  /**
   * A writer for rows as they are in other files of the archive.
   *
   * @param rows their Avro schema
   * @param footer but for what Parquet itself writes
   */
  static ParquetWriter<Group> copier(
      OutputFile file,
      MessageType columns,
      Schema rows,
      Map<String, String> footer,
      Configuration hadoop)
      throws IOException {
    return with(
            ExampleParquetWriter.builder(file).withType(columns).withExtraMetaData(footer),
            rows.getFields().stream()
                .filter(field -> "event-id".equals(field.getObjectProp("recount")))
                .map(Schema.Field::name)
                .findFirst(),
            hadoop)
        .build();
  }

  private static <B extends ParquetWriter.Builder<?, B>> B with(
      B builder, Optional<String> idField, Configuration hadoop) {
    Configuration configuration = new Configuration(hadoop);
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    configuration.setInt(ZSTD_LEVEL, 1);
    builder
        .withConf(configuration)
        .withCompressionCodec(CompressionCodecName.ZSTD)
        .withRowGroupSize(ROW_GROUP_BYTES)
        .withDictionaryEncoding(ArchiveLayout.OFFSET, false);
    idField.ifPresent(id -> builder.withDictionaryEncoding(id, false));
    return builder;
  }

  private static final class Builder extends ParquetWriter.Builder<ArchiveRow, Builder> {
    private final Schema rows;
    private final Map<String, String> footer;

    Builder(OutputFile file, Schema rows, Map<String, String> footer) {
      super(file);
      this.rows = rows;
      this.footer = footer;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // the only abstract form
    protected WriteSupport<ArchiveRow> getWriteSupport(Configuration configuration) {
      return new RowSupport(
          new AvroWriteSupport<>(
              new AvroSchemaConverter(configuration).convert(rows), rows, new GenericData()),
          footer);
    }
  }

  /** Avro's own support, with a footer that is only known at the end. */
  private static final class RowSupport extends WriteSupport<ArchiveRow> {
    private final AvroWriteSupport<ArchiveRow> avro;
    private final Map<String, String> footer;

    RowSupport(AvroWriteSupport<ArchiveRow> avro, Map<String, String> footer) {
      this.avro = avro;
      this.footer = footer;
    }

    @Override
    public String getName() {
      return avro.getName();
    }

    @Override
    @SuppressWarnings("deprecation") // the only abstract form
    public WriteContext init(Configuration configuration) {
      return avro.init(configuration);
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      avro.prepareForWrite(consumer);
    }

    @Override
    public void write(ArchiveRow row) {
      avro.write(row);
    }

    @Override
    public FinalizedWriteContext finalizeWrite() {
      return new FinalizedWriteContext(footer);
    }
  }
}
