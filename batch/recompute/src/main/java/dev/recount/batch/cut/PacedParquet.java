package dev.recount.batch.cut;

import java.io.Closeable;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.PartitionedFile;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.sources.Filter;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.vectorized.ColumnarBatch;
import scala.Function1;
import scala.collection.AbstractIterator;
import scala.collection.Iterator;
import scala.collection.immutable.Map;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;

/** Parquet that is read at a pace: what the reader passes over by its statistics costs nothing. */
final class PacedParquet extends ParquetFileFormat {
  private static final long serialVersionUID = 1L;

  private final Pace pace;

  PacedParquet(Pace pace) {
    this.pace = pace;
  }

  @Override
  public Function1<PartitionedFile, Iterator<InternalRow>> buildReaderWithPartitionValues(
      SparkSession session,
      StructType data,
      StructType partitions,
      StructType required,
      Seq<Filter> filters,
      Map<String, String> options,
      Configuration hadoop) {
    return new Reader(
        super.buildReaderWithPartitionValues(
            session, data, partitions, required, filters, options, hadoop),
        pace);
  }

  private static final class Reader
      extends AbstractFunction1<PartitionedFile, Iterator<InternalRow>> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final Function1<PartitionedFile, Iterator<InternalRow>> reader;
    private final Pace pace;

    Reader(Function1<PartitionedFile, Iterator<InternalRow>> reader, Pace pace) {
      this.reader = reader;
      this.pace = pace;
    }

    @Override
    @SuppressWarnings("unchecked") // Spark hands batches of columns on as rows
    public Iterator<InternalRow> apply(PartitionedFile file) {
      return (Iterator<InternalRow>) (Iterator<?>) new Rows(reader.apply(file), pace);
    }
  }

  /** Rows, or batches of them. */
  private static final class Rows extends AbstractIterator<Object> implements Closeable {
    private final Iterator<?> rows;
    private final Pace pace;

    Rows(Iterator<?> rows, Pace pace) {
      this.rows = rows;
      this.pace = pace;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Object next() {
      Object next = rows.next();
      pace.await(next instanceof ColumnarBatch batch ? batch.numRows() : 1);
      return next;
    }

    @Override
    public void close() throws IOException {
      if (rows instanceof Closeable open) {
        open.close();
      }
    }
  }
}
