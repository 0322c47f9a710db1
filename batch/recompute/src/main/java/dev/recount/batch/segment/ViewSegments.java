package dev.recount.batch.segment;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.DataSource;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** Turns views that are on the lake into Pinot segments. */
public final class ViewSegments {
  private final SparkSession spark;

  public ViewSegments(SparkSession spark) {
    this.spark = spark;
  }

  /** Builds the segments of a kept view inside the executors. */
  public List<BuiltSegment> build(StructType type, Path folder, SegmentSpec spec) {
    return build(files().schema(type), folder, spec);
  }

  /** The same; the types of the rows are those that the files name. */
  public List<BuiltSegment> build(Path folder, SegmentSpec spec) {
    return build(files(), folder, spec);
  }

  private DataFrameReader files() {
    // A path with a star or brackets in it is a path, not a pattern.
    return spark.read().option(DataSource.GLOB_PATHS_KEY(), "false");
  }

  private List<BuiltSegment> build(DataFrameReader files, Path folder, SegmentSpec spec) {
    Dataset<Row> kept =
        files
            .parquet(folder.toString())
            .selectExpr(spec.columns().stream().map(c -> "`" + c + "`").toArray(String[]::new));
    SparkContext context = spark.sparkContext();
    var hadoop =
        JavaSparkContext.fromSparkContext(context)
            .broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
    List<BuiltSegment> built =
        kept.toJavaRDD()
            .mapPartitionsWithIndex(
                (task, rows) ->
                    new SegmentBuilder(spec, hadoop.value().value())
                        .buildAll(task, values(rows))
                        .iterator(),
                false)
            .collect();
    return new ArrayList<>(built);
  }

  private static Iterator<Object[]> values(Iterator<Row> rows) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return rows.hasNext();
      }

      @Override
      public Object[] next() {
        Row row = rows.next();
        Object[] values = new Object[row.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = row.get(i);
        }
        return values;
      }
    };
  }
}
