package dev.recount.batch.run;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** Computes a view once: into Parquet on the lake, and from there into Pinot segments. */
final class ViewBuild {
  private final SparkSession spark;

  ViewBuild(SparkSession spark) {
    this.spark = spark;
  }

  /** Writes a computed view, one row a group, to the lake. */
  void keep(Dataset<Row> view, Path folder) {
    view.write().mode(SaveMode.Overwrite).parquet(folder.toString());
  }

  /** Builds the segments of a kept view inside the executors. */
  List<BuiltSegment> segments(Dataset<Row> view, Path folder, SegmentSpec spec) {
    Dataset<Row> kept =
        spark
            .read()
            .schema(view.schema())
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
