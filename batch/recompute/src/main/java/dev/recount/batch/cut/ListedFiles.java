package dev.recount.batch.cut;

import dev.recount.batch.archive.ArchiveFile;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.execution.datasources.FileIndex;
import org.apache.spark.sql.execution.datasources.PartitionDirectory;
import org.apache.spark.sql.types.StructType;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Files of the archive for Spark to read. The list is the archive's own: Spark asks the file system
 * for none of them again, and takes no path for a pattern.
 */
final class ListedFiles implements FileIndex {
  private static final long BLOCK_BYTES = 32L << 20;

  private final List<ArchiveFile> files;

  ListedFiles(List<ArchiveFile> files) {
    this.files = files;
  }

  private FileStatus[] statuses() {
    return files.stream()
        .map(
            file ->
                new FileStatus(
                    file.sizeBytes(),
                    false,
                    1,
                    BLOCK_BYTES,
                    file.modifiedMs(),
                    new Path(file.path())))
        .toArray(FileStatus[]::new);
  }

  @Override
  public Seq<Path> rootPaths() {
    return CollectionConverters.asScala(files.stream().map(file -> new Path(file.path())).toList())
        .toSeq();
  }

  @Override
  public Seq<PartitionDirectory> listFiles(
      Seq<Expression> partitionFilters, Seq<Expression> dataFilters) {
    return CollectionConverters.asScala(
            List.of(PartitionDirectory.apply(InternalRow.empty(), statuses())))
        .toSeq();
  }

  @Override
  public String[] inputFiles() {
    return files.stream().map(ArchiveFile::path).toArray(String[]::new);
  }

  @Override
  public void refresh() {
    // The list stays what it is.
  }

  @Override
  public long sizeInBytes() {
    return files.stream().mapToLong(ArchiveFile::sizeBytes).sum();
  }

  @Override
  public StructType partitionSchema() {
    return new StructType();
  }
}
