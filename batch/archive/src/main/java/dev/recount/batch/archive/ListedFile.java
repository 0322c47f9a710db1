package dev.recount.batch.archive;

import org.apache.hadoop.fs.FileStatus;

/** A committed file as its folder's listing shows it. */
record ListedFile(FileStatus status, int partition, ArchiveLayout.Name name) {
  String path() {
    return status.getPath().toString();
  }

  /** Its folder below the event's, such as {@code arrival_date=2026-01-02/p=0}. */
  String folder() {
    return status.getPath().getParent().getParent().getName()
        + "/"
        + status.getPath().getParent().getName();
  }

  /** Whether a footer that was read says what this file has in it: a replaced file is another. */
  boolean isOf(ArchiveFile file) {
    return file.sizeBytes() == status.getLen() && file.modifiedMs() == status.getModificationTime();
  }
}
