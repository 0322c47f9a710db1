package dev.recount.batch.lake;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.IOException;
import java.io.Serializable;
import java.util.UUID;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.JobID;
import org.apache.hadoop.mapreduce.TaskAttemptContext;
import org.apache.hadoop.mapreduce.TaskAttemptID;
import org.apache.hadoop.mapreduce.TaskID;
import org.apache.hadoop.mapreduce.TaskType;
import org.apache.hadoop.mapreduce.task.TaskAttemptContextImpl;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.datasources.OutputWriter;
import org.apache.spark.sql.execution.datasources.OutputWriterFactory;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import scala.collection.immutable.Map$;

/** Parquet files of rows in a folder, one for each task that has rows. */
public record RowFiles(
    String folder, StructType type, OutputWriterFactory writers, SerializableConfiguration hadoop)
    implements Serializable {

  /** An empty folder, and what tasks need to write into it. */
  public static RowFiles prepare(SparkSession spark, Path folder, StructType type) {
    try {
      Job job = Job.getInstance(spark.sparkContext().hadoopConfiguration());
      OutputWriterFactory writers =
          new ParquetFileFormat().prepareWrite(spark, job, Map$.MODULE$.empty(), type);
      FileSystem files = folder.getFileSystem(job.getConfiguration());
      files.delete(folder, true);
      files.mkdirs(folder);
      return new RowFiles(
          folder.toString(), type, writers, new SerializableConfiguration(job.getConfiguration()));
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /** The file of a task, made with its first row. */
  public File open(TaskContext task) {
    return new File(task);
  }

  private static RecountException failed(Path path, Exception e) {
    return RecountException.of(
        ErrorCode.BATCH_FAILED, e, "Cannot write '%s': %s", path, e.getMessage());
  }

  /**
   * A file under another name until it is whole. A task that is run twice writes the same file
   * twice; readers see the one or the other.
   */
  public final class File implements AutoCloseable {
    private final TaskContext task;
    private final Path finished;
    private final Path unfinished;
    private OutputWriter writer;

    private File(TaskContext task) {
      this.task = task;
      this.finished = new Path(folder, String.format("part-%05d.parquet", task.partitionId()));
      this.unfinished = new Path(folder, "_" + UUID.randomUUID());
    }

    public void write(InternalRow row) {
      if (writer == null) {
        writer = writers.newInstance(unfinished.toString(), type, attempt());
      }
      writer.write(row);
    }

    private TaskAttemptContext attempt() {
      TaskID id = new TaskID(new JobID("recount", 0), TaskType.MAP, task.partitionId());
      return new TaskAttemptContextImpl(
          hadoop.value(), new TaskAttemptID(id, task.attemptNumber()));
    }

    public void commit() {
      if (writer == null) {
        return;
      }
      writer.close();
      writer = null;
      try {
        FinishedFile.put(finished.getFileSystem(hadoop.value()), unfinished, finished);
      } catch (IOException e) {
        throw failed(finished, e);
      }
    }

    /** Lets go of a file that was not committed. */
    @Override
    public void close() {
      if (writer == null) {
        return;
      }
      writer.close();
      writer = null;
      try {
        finished.getFileSystem(hadoop.value()).delete(unfinished, false);
      } catch (IOException e) {
        throw failed(unfinished, e);
      }
    }
  }
}
