package dev.recount.batch.archive;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The rules by which files form the chain of a partition. Of those that begin at a position the
 * longest counts, which is a rewritten one where there is any, and of those the newest revision;
 * what begins inside of it is superseded. The files that count follow each other without gap or
 * overlap, from position 0.
 */
final class ArchiveChain {
  private static final Comparator<ListedFile> ORDER =
      Comparator.comparingInt(ListedFile::partition)
          .thenComparingLong(file -> file.name().firstPosition())
          .thenComparing(file -> file.name().nextPosition(), Comparator.reverseOrder())
          .thenComparing(file -> file.name().revision(), Comparator.reverseOrder())
          .thenComparing(ListedFile::path);

  private ArchiveChain() {}

  /**
   * Committed files, each kind by partition and position.
   *
   * @param counting what readers take
   * @param superseded what rewritten files hold too: no reader needs it, now or ever
   */
  record Split(List<ListedFile> counting, List<ListedFile> superseded) {}

  static Split split(List<ListedFile> files) {
    Split split = new Split(new ArrayList<>(), new ArrayList<>());
    int partition = -1;
    long rewrittenUntil = 0;
    for (ListedFile file : files.stream().sorted(ORDER).toList()) {
      if (file.partition() != partition) {
        partition = file.partition();
        rewrittenUntil = 0;
      }
      if (file.name().firstPosition() < rewrittenUntil) {
        split.superseded().add(file);
      } else {
        split.counting().add(file);
        rewrittenUntil = Math.max(rewrittenUntil, file.name().nextPosition());
      }
    }
    return split;
  }

  static Optional<String> firstProblem(List<ArchiveFile> files) {
    return problems(files).stream().findFirst();
  }

  /**
   * @param files those that count, by partition and first position
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
