package dev.recount.batch.archive;

import dev.recount.error.ErrorCode;
import dev.recount.error.RecountException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIsNotEmptyDirectoryException;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.PositionOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** HDFS: the name node refuses a rename without overwrite where the name exists. */
final class HdfsArchiveStore implements ArchiveStore {
  private static final Logger LOG = LoggerFactory.getLogger(HdfsArchiveStore.class);

  private final FileContext files;

  private HdfsArchiveStore(FileContext files) {
    this.files = files;
  }

  static HdfsArchiveStore connect(URI root, Configuration hadoop) {
    try {
      return new HdfsArchiveStore(FileContext.getFileContext(root, hadoop));
    } catch (IOException e) {
      throw RecountException.of(
          ErrorCode.ARCHIVE_UNAVAILABLE,
          e,
          "Cannot open the archive '%s': %s; see archive.uri",
          root,
          e.getMessage());
    }
  }

  @Override
  public PendingFile create(Path temporary, Path committed) {
    return new Pending(temporary, committed);
  }

  @Override
  public boolean remove(Path committed) throws IOException {
    boolean removed = delete(committed);
    if (removeIfEmpty(committed.getParent())) {
      removeIfEmpty(committed.getParent().getParent());
    }
    return removed;
  }

  private boolean delete(Path path) throws IOException {
    try {
      return files.delete(path, false);
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /** Without recursion, so that what is put into it meanwhile keeps it. */
  private boolean removeIfEmpty(Path folder) throws IOException {
    try {
      return !files.listStatus(folder).hasNext() && delete(folder);
    } catch (FileNotFoundException e) {
      return true;
    } catch (PathIsNotEmptyDirectoryException e) {
      return false;
    }
  }

  @Override
  public int removeOlder(Path writingFolder, Instant before) throws IOException {
    int removed = 0;
    try {
      RemoteIterator<FileStatus> all = files.listStatus(writingFolder);
      while (all.hasNext()) {
        FileStatus file = all.next();
        if (file.getModificationTime() < before.toEpochMilli()
            && files.delete(file.getPath(), false)) {
          removed++;
        }
      }
    } catch (FileNotFoundException e) {
      LOG.debug("Nothing was ever written in '{}'", writingFolder);
    }
    return removed;
  }

  private final class Pending extends PendingFile {
    private final Path temporary;
    private final Path committed;
    private PositionOutputStream stream;

    Pending(Path temporary, Path committed) {
      this.temporary = temporary;
      this.committed = committed;
    }

    @Override
    PositionOutputStream open() throws IOException {
      FSDataOutputStream out =
          files.create(temporary, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent());
      stream = HadoopStreams.wrap(out);
      return stream;
    }

    @Override
    Outcome commit() throws IOException {
      files.mkdir(committed.getParent(), FsPermission.getDirDefault(), true);
      try {
        files.rename(temporary, committed, Options.Rename.NONE);
        return Outcome.DONE;
      } catch (FileAlreadyExistsException e) {
        files.delete(temporary, false);
        return Outcome.LOST;
      }
    }

    @Override
    void discard() {
      try {
        if (stream != null) {
          stream.close();
        }
        files.delete(temporary, false);
      } catch (FileNotFoundException e) {
        LOG.debug("'{}' is gone already", temporary);
      } catch (IOException e) {
        LOG.warn("Cannot remove '{}': {}; it will be removed later", temporary, e.toString());
      }
    }

    @Override
    public String getPath() {
      return temporary.toString();
    }
  }
}
