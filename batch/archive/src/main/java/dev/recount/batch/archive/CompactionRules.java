package dev.recount.batch.archive;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Which files are merged: such that follow each other in a day of a partition, were written with
 * the same schema and hold records of the same topic, as many as fit into a size.
 *
 * @param sizeBytes the size that a merged file does not exceed
 * @param openSince days from this on are not over: of them only many small files are merged
 * @param openFiles how many small files of such a day are merged at the least
 */
record CompactionRules(long sizeBytes, LocalDate openSince, int openFiles) {
  /** A file of a day that is not over is small if it is not more than this part of the size. */
  private static final long SMALL_PART = 8;

  /**
   * @param files those that count, by partition and position
   * @return files that become one, at least two each
   */
  List<List<ArchiveFile>> groups(List<ArchiveFile> files) {
    List<List<ArchiveFile>> groups = new ArrayList<>();
    List<ArchiveFile> group = new ArrayList<>();
    long bytes = 0;
    for (ArchiveFile file : files) {
      boolean fits =
          !group.isEmpty()
              && follows(group.get(group.size() - 1), file)
              && bytes + file.sizeBytes() <= sizeBytes;
      if (!fits) {
        close(group, groups);
        group = new ArrayList<>();
        bytes = 0;
      }
      if (isMergeable(file)) {
        group.add(file);
        bytes += file.sizeBytes();
      }
    }
    close(group, groups);
    return groups;
  }

  private void close(List<ArchiveFile> group, List<List<ArchiveFile>> groups) {
    if (group.size() >= 2 && (!isOpen(group.get(0)) || group.size() >= openFiles)) {
      groups.add(group);
    }
  }

  private boolean isOpen(ArchiveFile file) {
    return !file.date().isBefore(openSince);
  }

  private boolean isMergeable(ArchiveFile file) {
    return file.expired() == 0 && (!isOpen(file) || file.sizeBytes() <= sizeBytes / SMALL_PART);
  }

  private boolean follows(ArchiveFile before, ArchiveFile file) {
    return isMergeable(file)
        && before.partition() == file.partition()
        && before.nextPosition() == file.firstPosition()
        && before.date().equals(file.date())
        && before.schema().equals(file.schema())
        && before.topicId().equals(file.topicId());
  }
}
