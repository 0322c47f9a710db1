package dev.recount.batch.compute;

import dev.recount.batch.archive.Archive;
import dev.recount.batch.archive.ArchiveLayout;
import dev.recount.batch.archive.ArchiveStore;
import dev.recount.batch.archive.OpenFile;
import dev.recount.batch.cut.ArchiveSlice;
import dev.recount.event.EventCodec;
import dev.recount.event.EventSchema;
import dev.recount.event.WriterSchemas;
import dev.recount.planner.row.EventRows;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.encoders.RowEncoder;
import scala.collection.Iterable;
import scala.jdk.javaapi.CollectionConverters;

/** Records as the batch layer sees them, out of the archive, and as the speed layer does. */
final class BothLayers {
  private static final int PARTITION = 0;

  private final SparkSession spark;
  private final Path root;
  private final Configuration hadoop = new Configuration();
  private long nextPosition;

  BothLayers(SparkSession spark, Path root) {
    this.spark = spark;
    this.root = root;
  }

  /** Decodes records into a schema and commits them as the archive's next file. */
  void archive(EventSchema schema, WriterSchemas writers, List<byte[]> records) throws IOException {
    EventCodec codec = new EventCodec(schema, writers);
    OpenFile.Target target =
        new OpenFile.Target(
            ArchiveStore.of(root.toUri(), hadoop),
            new ArchiveLayout(new org.apache.hadoop.fs.Path(root.toUri()), schema.name()),
            hadoop,
            "test",
            Clock.systemUTC());
    OpenFile file =
        new OpenFile(target, schema, PARTITION, nextPosition, ArchiveLayout.date(nextPosition));
    for (byte[] bytes : records) {
      file.write(codec.decode(bytes), nextPosition, nextPosition);
      nextPosition++;
    }
    file.commit(nextPosition);
  }

  Dataset<Row> batch(EventSchema schema) {
    return ArchiveSlice.before(
            nextPosition + 1, schema, Archive.open(root.toUri(), schema.name(), hadoop))
        .events(spark);
  }

  Dataset<Row> speed(EventSchema schema, WriterSchemas writers, List<byte[]> records) {
    EventRows decoder = new EventRows(schema, writers, 1 << 20);
    return spark.createDataset(
        records.stream().map(bytes -> decoder.decode(bytes, nextPosition)).toList(),
        RowEncoder.encoderFor(EventRows.type(schema), true));
  }

  /** Rows as text: types, precision, null and the order of a map's entries show. */
  static List<String> shown(Dataset<Row> rows) {
    return rows.collectAsList().stream().map(BothLayers::shown).sorted().toList();
  }

  private static String shown(Object value) {
    if (value instanceof Row row) {
      List<String> cells = new ArrayList<>();
      for (int i = 0; i < row.length(); i++) {
        cells.add(row.schema().fieldNames()[i] + "=" + shown(row.get(i)));
      }
      return cells.toString();
    }
    if (value instanceof byte[] bytes) {
      return "0x" + HexFormat.of().formatHex(bytes);
    }
    if (value instanceof BigDecimal decimal) {
      return "decimal " + decimal.toPlainString();
    }
    if (value instanceof scala.collection.Map<?, ?> map) {
      List<String> items = new ArrayList<>();
      for (Map.Entry<?, ?> item : CollectionConverters.asJava(map).entrySet()) {
        items.add(item.getKey() + ":" + shown(item.getValue()));
      }
      return "map" + items;
    }
    if (value instanceof Iterable<?> items) {
      return "array"
          + CollectionConverters.asJava(items.toSeq()).stream().map(BothLayers::shown).toList();
    }
    return value == null ? "NULL" : value.getClass().getSimpleName() + " " + value;
  }
}
