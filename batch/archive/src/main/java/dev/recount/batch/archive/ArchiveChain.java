package dev.recount.batch.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The rule that files of a partition follow each other without gap or overlap, from position 0. */
final class ArchiveChain {
  private ArchiveChain() {}

  static Optional<String> firstProblem(List<ArchiveFile> files) {
    return problems(files).stream().findFirst();
  }

  /**
   * @param files by partition and first position
   */
  static List<String> problems(List<ArchiveFile> files) {
    List<String> problems = new ArrayList<>();
    int partition = -1;
    long expected = 0;
    for (ArchiveFile file : files) {
      if (file.partition() != partition) {
        partition = file.partition();
        expected = 0;
      }
      if (file.firstPosition() != expected) {
        problems.add(
            String.format(
                "'%s' begins at position %d where the file before it ended at %d (%s)",
                file.path(),
                file.firstPosition(),
                expected,
                file.firstPosition() > expected ? "a file is missing" : "they overlap"));
      }
      if (file.nextPosition() <= file.firstPosition()) {
        problems.add(
            String.format(
                "'%s' claims to end at position %d, not after its beginning",
                file.path(), file.nextPosition()));
      }
      expected = Math.max(expected, file.nextPosition());
    }
    return problems;
  }
}
